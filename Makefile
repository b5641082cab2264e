# The two commands of the README are `make run` and `make test`; the rest serve them.
.PHONY: run test setup setup-test setup-bench console build lint spec spec-check unit e2e screens bench fuzz requests fmt clean

TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
BIN := $(TARGET)/release/ombud

# Builds console and server and starts a server with a sample agent on the next free port from 7878.
run: setup console
	cargo build --release -p ombud
	$(BIN) serve --quickstart

setup:
	@scripts/setup.sh run

setup-test:
	@scripts/setup.sh test

console: setup
	@scripts/build-console.sh

build: console
	cargo build --release -p ombud

# Lints, the API document, Rust tests (SQLite and PostgreSQL), console tests, browser tests against a real server.
test: setup-test console
	cargo fmt --all --check
	@cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null \
	  || { echo 'fuzz/Cargo.lock is stale: run `cargo metadata --manifest-path fuzz/Cargo.toml >/dev/null` and commit it'; exit 1; }
	cargo clippy --workspace --all-targets -- -D warnings
	cargo build -p ombud
	$(MAKE) --no-print-directory spec-check
	npm --prefix console run lint
	npm --prefix console run test
	$(MAKE) --no-print-directory e2e
	cargo nextest run --workspace --profile ci

# The console's journeys in headless Chromium; needs `cargo build -p ombud` and `make console`.
e2e:
	OMBUD_BIN=$(TARGET)/debug/ombud npm --prefix console run e2e

# Pictures of every page in both themes, to be looked at: console/screens.
screens:
	SCREENS=$(CURDIR)/console/screens OMBUD_BIN=$(TARGET)/debug/ombud npm --prefix console run screens

# Writes the API document; it is committed with the change that caused it.
spec:
	cargo run -q -p ombud -- openapi > spec/openapi.json.new && mv spec/openapi.json.new spec/openapi.json

spec-check:
	@cargo run -q -p ombud -- openapi | diff -u spec/openapi.json - \
	  || { echo 'spec/openapi.json is stale: run `make spec` and commit it'; exit 1; }

# Measures speed and accuracy; nothing here fails a build. See docs/benchmarks.md.
bench: setup-bench console
	cargo build --release -p ombud
	cargo bench --workspace

# Throws invented tokens, payloads and keys at the parsers, FUZZ_SECONDS for each target; see CONTRIBUTING.md.
FUZZ_SECONDS ?= 600
fuzz:
	@scripts/setup.sh fuzz
	scripts/fuzz.sh $(FUZZ_SECONDS)

# Sends invented requests to every operation of a real server, as nobody, as apps and as a person; none may be answered with a 5xx.
REQUESTS ?= 20
requests: setup-test
	cargo build -p ombud
	OMBUD_BIN=$(TARGET)/debug/ombud .venv/bin/python scripts/any-request.py $(REQUESTS)

setup-bench:
	@scripts/setup.sh bench

fmt:
	cargo fmt --all

clean:
	cargo clean
	rm -rf console/dist console/node_modules crates/script/lib/node_modules crates/jose/tests/peers/node_modules .venv
