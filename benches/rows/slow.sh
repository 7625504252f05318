#!/usr/bin/env bash
# Slow readers of every kind, held for a while: when the program has let go of all of them, by its descriptors, and the
# latency of a good reader meanwhile. Server and load have a processor each where there are two.
. "$(dirname "$0")/serve.sh"
connections=${1:-2000}; seconds=${2:-15}; modes=${3:-tcp hello silent trickle stall}
ulimit -n "$(ulimit -Hn)"
page "$work/blog"; head -c 50000000 /dev/zero >"$work/blog/large.bin"
on() { local processor=$1; shift; if [ "$(nproc)" -gt 1 ]; then taskset -c "$processor" "$@"; else "$@"; fi; }
descriptors() { ls "/proc/$pid/fd" | wc -l; }
for mode in $modes; do
  if [ "$(nproc)" -gt 1 ]; then serve "$work/blog" taskset -c 0; else serve "$work/blog" env; fi
  # A reply that is not read is given 30 s: longer than what is asked for too slowly.
  hold=$seconds; [ "$mode" = stall ] && hold=$((seconds + 25))
  on 1 "$GEMLOAD" load --url "$url/page.gmi" --connections 1 --requests 20 >/dev/null
  before=$(descriptors); begun=$(date +%s); most=0; gone=
  on 1 "$GEMLOAD" idle --mode "$mode" --connections "$connections" --hold "$hold" --timeout 60 --stall-path /large.bin \
    --url "$url/page.gmi" --cpu-pid "$pid" >"$work/slow" &
  load=$!
  # A client that never reads cannot see that it was left: the program's descriptors say so. Some are the good reader's.
  while kill -0 "$load" 2>/dev/null; do
    held=$(($(descriptors) - before))
    if [ "$held" -gt "$most" ]; then most=$held; gone=; fi
    if [ "$most" -gt 100 ] && [ "$held" -le 10 ] && [ -z "$gone" ]; then gone=$(($(date +%s) - begun)); fi
    sleep 1
  done
  wait "$load"
  python3 - "$mode" "$most" "${gone:-never}" "$work/slow" <<'PY'
import json, sys
mode, most, gone, slow = *sys.argv[1:4], json.load(open(sys.argv[4]))
before, during = slow["probe_before"]["latency_us"]["p50"], slow["probe_during"]["latency_us"]["p50"]
print(f"{mode:8} {slow['opened']} opened in {slow.get('open_s')} s, {most} descriptors at most, all gone {gone} s after the first, "
      f"good reader p50 {during} us (before {before}, x {during / before:.2f}), failed {slow['probe_during']['failed']}, "
      f"KiB each {slow.get('server', {}).get('pss_kb_per_connection')}")
PY
  kill "$pid"; wait "$pid" || true; started=()
done
