#!/bin/sh
# Installs what drives the browser. The browser itself is Debian's package `chromium`, which `tests/run` installs; CHROMIUM names another.
# The official client comes from the conformance tests' folder.
set -eu
cd "$(dirname "$0")"

[ -f node_modules/.package-lock.json ] || npm ci
