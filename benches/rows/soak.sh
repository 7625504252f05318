#!/usr/bin/env bash
# A soak: good, bad and slow readers on both protocols for so many minutes (20), while posts are written, made and deleted
# and reloads come. Ends with 0 where every good request was answered whole, and nothing that was opened stayed open.
. "$(dirname "$0")/serve.sh"
minutes=${1:-20}
ulimit -n "$(ulimit -Hn)"
page "$work/blog"
python3 "$(dirname "$0")/soak.py" begin "$work/blog"
gopher=$(free_port); options=(--gopher "127.0.0.1:$gopher")
serve "$work/blog" env
outcome=0
GEMLOAD=$GEMLOAD python3 "$(dirname "$0")/soak.py" soak "$work/blog" "$pid" "$port" "$gopher" "$minutes" || outcome=$?
kill "$pid" 2>/dev/null || true; code=0; wait "$pid" || code=$?; started=()
echo "the program ended with $code; it said, beside what changed:"
grep -vE '^(content changed|configuration reloaded|stopping|gemini:|gopher:|[0-9]+ posts?|localhost:)' "$work/said" | sort | uniq -c | sort -rn | head -10
[ "$outcome" = 0 ] && [ "$code" = 0 ]
