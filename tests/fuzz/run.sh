#!/usr/bin/env bash
# Runs every fuzz target for so many seconds (300), beginning with what the tests have: tests/fuzz/run.sh [SECONDS [TARGET…]]
# Stable Rust and a C++ compiler are enough: what counts the branches is a pass of the compiler's own, and memory needs no
# watcher where nothing is unsafe. Prints the figures of each target and ends with 1 where there was a finding, which is
# then in artifacts/TARGET/. Findings become plain tests beside what they broke.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-300}; shift || true
targets=("$@"); [ ${#targets[@]} -gt 0 ] || targets=(step gopher address front_matter markdown configuration generators meta picture identity)
triple=$(rustc -vV | sed -n 's/^host: //p')
coverage=(--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module)
for what in level=4 inline-8bit-counters pc-table trace-compares; do coverage+=("-Cllvm-args=-sanitizer-coverage-$what"); done
# With a target named, build scripts are not instrumented.
RUSTFLAGS="${coverage[*]}" cargo build --release --target "$triple" "${targets[@]/#/--bin=}"

# The lines of text files as the bytes they stand for, each a file of its own; the first argument is the folder.
apart() { local n=0 line; while IFS= read -r line; do n=$((n + 1)); printf '%b' "$line" >"$1/$n"; done; }
heads() { local n=0 path; while IFS= read -r path; do n=$((n + 1)); head -c 8192 "$path" >"$1/$n.${path##*.}"; done; }
seeds() { # TARGET FOLDER
  case $1 in
    step | gopher | address) sed -n 's/^C> //p' ../wire/*/*.txt | apart "$2" ;;
    configuration) cp ../../config.toml "$2/" ;;
    generators) find ../layouts -name '*.toml' -o -name '*.yaml' -o -name '*.yml' -o -name 'pelicanconf.py' | heads "$2" ;;
    meta) printf '%s\n' 'a.gmi: ;lang=fr' 'b: text/plain' 'old.gmi: 31 /new.gmi' 'folder/*.txt: 52 This is gone' >"$2/meta" ;;
    picture) find ../../capsule ../sample ../layouts -name '*.png' -o -name '*.jpg' -o -name '*.webp' | heads "$2" ;;
    identity)
      local key name
      for key in ../keys/ec-sec1.key ../keys/ed25519.key ../keys/rsa-pkcs1.key; do
        name=${key##*/}; name=${name%.key}; name=${name%%-*}
        { openssl x509 -in "../keys/$name.crt" -outform der; printf 'KEY:'; openssl pkcs8 -topk8 -nocrypt -in "$key" -outform der; } >"$2/$name"
      done ;;
    *) find ../golden ../layouts ../../capsule -name '*.md' | heads "$2" ;;
  esac
}

found=()
for target in "${targets[@]}"; do
  seeds=corpus/seeds-$target; mkdir -p "$seeds" "corpus/$target" "artifacts/$target"
  seeds "$target" "$seeds"
  log=artifacts/$target.log
  "target/$triple/release/$target" -artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -max_len=8192 -timeout=20 \
    -print_final_stats=1 -verbosity=0 "corpus/$target" "$seeds" >"$log" 2>&1 || found+=("$target")
  awk -v target="$target" '
    /number_of_executed_units/ { runs = $2 } /new_units_added/ { new = $2 } /slowest_unit_time_sec/ { slow = $2 } /peak_rss_mb/ { peak = $2 }
    END { printf "%-14s %9d runs, %6d new inputs, slowest %s s, peak %s MiB\n", target, runs, new, slow, peak }' "$log"
  grep -aE 'ERROR|SUMMARY|panicked|artifacts/' "$log" || true
done
[ ${#found[@]} -eq 0 ] || { echo "findings: ${found[*]}; see artifacts/"; exit 1; }
