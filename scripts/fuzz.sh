#!/usr/bin/env bash
# Runs each fuzz target for some seconds: scripts/fuzz.sh [SECONDS] [TARGET...]. A text that fails is kept in fuzz/artifacts.
#
# libFuzzer with the compiler's coverage marks, on the stable toolchain: the marks need no nightly flag, only the address sanitizer
# would, and the code is safe Rust. The same targets run under `cargo fuzz run --fuzz-dir fuzz` where that is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(jws jwe_compact jwe_json keys claims)
command -v c++ >/dev/null 2>&1 || { echo 'fuzz: a C++ compiler is missing, for libFuzzer (Debian: apt-get install g++)' >&2; exit 1; }

# A target triple keeps the marks away from build scripts and macros.
triple=$(rustc -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-target}/fuzz
build() { cargo build -q --release --locked --manifest-path fuzz/Cargo.toml --target-dir "$out" "$@"; }
build --bin seeds
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1" \
  build --target "$triple" $(printf -- '--bin %s ' "${targets[@]}")

"$out/release/seeds" "$out/corpus"
mkdir -p fuzz/artifacts
for target in "${targets[@]}"; do
  echo "fuzz: $target for $seconds s"
  "$out/$triple/release/$target" "$out/corpus/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -dict=fuzz/words.dict -artifact_prefix="fuzz/artifacts/$target-" -print_final_stats=1 -verbosity=0 2>"$out/$target.log" \
    || { tail -30 "$out/$target.log"; echo "fuzz: $target failed; run it again with the file named above"; exit 1; }
  grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)' "$out/$target.log" || true
done
echo 'fuzz: all targets ran clean'
