#!/usr/bin/env bash
# Builds the console when one of its files is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/../console"
if [ -f dist/index.html ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer dist/index.html -print -quit)" ]; then
  exit 0
fi
npm run --silent build
