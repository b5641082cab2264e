# The two commands of the README are `make run` and `make test`; the rest serve them.
.PHONY: run test setup setup-test setup-bench console build lint spec spec-check unit e2e bench fmt clean

BIN := target/release/ombud

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

# Lints, the API document, Rust tests (SQLite and PostgreSQL), console tests.
# The browser tests (`make e2e`) join when the server has every endpoint of the console.
test: setup-test console
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo build -p ombud
	$(MAKE) --no-print-directory spec-check
	npm --prefix console run lint
	npm --prefix console run test
	cargo nextest run --workspace --profile ci

e2e:
	OMBUD_BIN=$(CURDIR)/target/debug/ombud npm --prefix console run e2e

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

setup-bench:
	@scripts/setup.sh bench

fmt:
	cargo fmt --all

clean:
	cargo clean
	rm -rf console/dist console/node_modules crates/script/lib/node_modules .venv
