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
