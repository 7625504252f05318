#!/usr/bin/env bash
# System calls for each page, counted by strace over a thousand requests.
. "$(dirname "$0")/serve.sh"
connections=${1:-64}; requests=1000
page "$work/blog"
serve "$work/blog" strace -f -c -o "$work/calls"
# The tracer ends with the program.
program=$(pgrep -P "$pid")
"$GEMLOAD" load --url "$url/page.gmi" --connections "$connections" --requests "$requests" --warmup 0 >/dev/null
kill -INT "$program"; wait "$pid" || true; started=()
head -16 "$work/calls"
calls=$(awk -v requests="$requests" '/^ *[0-9.]+ +[0-9.]+ +[0-9]+ +[0-9]+/ && $NF != "total" { all += $4 } END { printf "%.1f", all / requests }' "$work/calls")
echo "$calls calls for each page, the start included"
figure "system calls for a page, the start included" "$calls" ""
