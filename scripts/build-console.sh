#!/usr/bin/env bash
# Builds the console when one of its files, or the API document that its types come from, is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/../console"
if [ -f dist/index.html ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -path ./src/api/schema.d.ts -prune -o -type f -newer dist/index.html -print -quit)" ] && ! [ ../spec/openapi.json -nt dist/index.html ]; then
  exit 0
fi
npm run --silent build
