#!/usr/bin/env bash
# Runs every fuzz target for so many seconds (300), beginning with what the tests have: tests/fuzz/run.sh [SECONDS [TARGET…]]
# A nightly compiler and cargo-fuzz are needed: cargo install cargo-fuzz. Findings become plain tests beside what they broke.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-300}; shift || true
targets=("$@"); [ ${#targets[@]} -gt 0 ] || targets=(step address front_matter markdown configuration picture)
cargo +nightly fuzz build --fuzz-dir .
for target in "${targets[@]}"; do
  seeds=corpus/seeds-$target; mkdir -p "$seeds" "corpus/$target"
  case $target in
    step | address) n=0; sed -n 's/^C> //p' ../wire/*/*.txt | while IFS= read -r line; do n=$((n + 1)); printf '%b' "$line" >"$seeds/$n"; done ;;
    configuration) cp ../../config.toml "$seeds/" ;;
    picture) cp ../../capsule/images/*.png "$seeds/" ;;
    *) n=0; find ../golden ../layouts ../../capsule -name '*.md' | while IFS= read -r path; do n=$((n + 1)); head -c 8192 "$path" >"$seeds/$n.md"; done ;;
  esac
  cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "$seeds" -- -max_total_time="$seconds" -max_len=8192 -timeout=20 -print_final_stats=1 -verbosity=0 2>&1 |
    grep -E 'stat::(number_of_executed_units|new_units_added)|Done|ERROR|SUMMARY|panicked|artifact' || true
done
