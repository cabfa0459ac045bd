#!/bin/sh
# Installs what tests use beside Python packages, where that is possible; without it those tests are skipped, visibly.
set -eu
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "==> installing postgresql for the tests of the record"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
    else
        echo "tests: postgresql is not installed, so the record is tested on SQLite alone" >&2
    fi
fi
if ! [ -x .tools/bin/opa ] && ! command -v opa >/dev/null 2>&1; then
    if command -v go >/dev/null 2>&1 || [ -x /usr/local/go/bin/go ]; then
        scripts/opa.sh || echo "tests: opa could not be built, so the policies are not held against it" >&2
    else
        echo "tests: neither opa nor Go is installed, so the policies are not held against a real OPA" >&2
    fi
fi
