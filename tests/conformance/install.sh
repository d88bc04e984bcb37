#!/bin/sh
# Installs the reference and its SQLite driver for the conformance tests.
#
# better-sqlite3 compiles (or fetches) a native module in its install script.
# npm 11 runs install scripts only for packages listed in "allowScripts" of
# package.json, where better-sqlite3 is listed; older npm runs them anyway. So
# a plain `npm ci` in a fresh clone asks nothing. Without network access to
# prebuilt binaries it needs a C++ compiler, make, Python and Node's headers
# (npm_config_nodedir=/usr when the headers are installed under /usr).
set -eu
cd "$(dirname "$0")"

[ -f node_modules/.package-lock.json ] || npm ci
[ -f satellites/node_modules/.package-lock.json ] || (cd satellites && npm ci)

# A driver that does not load is better found here than in the first scenario.
node -e 'new (require("better-sqlite3"))(":memory:").close()' || npm rebuild better-sqlite3
node -e 'new (require("better-sqlite3"))(":memory:").close()'
