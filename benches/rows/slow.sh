#!/usr/bin/env bash
# Slow readers of every kind, held for a while: how many are still there, and the latency of a good reader meanwhile.
. "$(dirname "$0")/serve.sh"
connections=${1:-2000}; seconds=${2:-15}
ulimit -n "$(ulimit -Hn)"
page "$work/blog"; head -c 50000000 /dev/zero >"$work/blog/large.bin"
for mode in tcp hello silent trickle stall; do
  serve "$work/blog" env
  hold=$seconds
  # A client that never reads cannot see that it was left: the program's descriptors say so.
  [ "$mode" = stall ] && hold=$((seconds + 25))
  "$GEMLOAD" load --url "$url/page.gmi" --connections 1 --requests 20 >/dev/null
  before=$(ls "/proc/$pid/fd" | wc -l)
  "$GEMLOAD" idle --mode "$mode" --connections "$connections" --hold "$hold" --timeout 60 --stall-path /large.bin \
    --url "$url/page.gmi" --cpu-pid "$pid" >"$work/slow" &
  load=$!
  sleep "$hold"
  left=$(($(ls "/proc/$pid/fd" | wc -l) - before))
  wait "$load"
  python3 - "$mode" "$left" "$work/slow" <<'PY'
import json, sys
mode, left, slow = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))
before, during = slow["probe_before"]["latency_us"]["p50"], slow["probe_during"]["latency_us"]["p50"]
print(f"{mode:8} {slow['opened']} held, {left} descriptors left at the end, last seen dropped after {slow['dropped_after_s']['last']} s, "
      f"good reader p50 {during} us (before {before}, x {during / before:.2f}), failed {slow['probe_during']['failed']}, "
      f"KiB each {slow.get('server', {}).get('pss_kb_per_connection')}")
PY
  kill "$pid"; wait "$pid" || true; started=()
done
