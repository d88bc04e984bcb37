#!/bin/sh
# Installs the stand-in for MongoDB, a single binary, and holds it against its known hash.
set -eu
cd "$(dirname "$0")"
[ -f node_modules/.package-lock.json ] || npm ci --ignore-scripts
echo "c53888f078d7f5f38d5386685044cf54dd94aaf831ebc09c76f1d4fbc321b625  node_modules/@jongodb/memory-server-bin-linux-x64-gnu/bin/jongodb" |
  sha256sum --check --quiet
