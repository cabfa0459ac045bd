#!/bin/sh
# Builds the pinned OPA into .tools/bin, where Go is present; the policies' tests hold Lictor's own engine against it.
set -eu
cd "$(dirname "$0")/.."

version=1.22.2
target=.tools/bin/opa
if [ -x $target ] && $target version 2>/dev/null | grep -q "^Version: $version\$"; then
    exit 0
fi
go=$(command -v go || ls /usr/local/go/bin/go 2>/dev/null || true)
if [ -z "$go" ]; then
    echo "opa: Go is not installed, so OPA $version cannot be built: install Go (https://go.dev/dl)," >&2
    echo "     or put an opa $version on the PATH, or name one by LICTOR_OPA" >&2
    exit 1
fi
echo "==> building opa $version (the first time a few minutes)"
mkdir -p .tools/bin
GOBIN="$PWD/.tools/bin" "$go" install "github.com/open-policy-agent/opa@v$version"
$target version | head -1
