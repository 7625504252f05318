# Sourced by the others: `serve FOLDER COMMAND…` starts the program behind COMMAND on a free port and sets pid, port.
set -euo pipefail
GEMLOAD=${GEMLOAD:?the load generator, see benches/rows/README.md}
MAQUIS=${MAQUIS:-$(dirname "$0")/../../target/release/maquis}
work=$(mktemp -d)
started=()
options=() # more of the program's own
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
finish() { for one in "${started[@]}"; do kill -INT "$one" 2>/dev/null || true; wait "$one" 2>/dev/null || true; done; rm -rf "$work"; }
trap finish EXIT
serve() {
  local folder=$1; shift
  # The same one when the program is started again: what it stored is made for it.
  [ -n "${port:-}" ] || port=$(free_port)
  mkdir -p "$work/state"
  # Before it starts: what an earlier one said is no answer.
  : >"$work/said"
  env STATE_DIRECTORY="$work/state" HOME="$work/state" "$@" "$MAQUIS" serve "$folder" --listen "127.0.0.1:$port" "${options[@]}" >"$work/said" 2>&1 &
  pid=$!; started+=("$pid")
  until grep -qE '^[0-9]+ posts?' "$work/said"; do kill -0 "$pid"; sleep 0.02; done
  url=gemini://127.0.0.1:$port
}
page() { mkdir -p "$1"; { echo '# A page'; echo; for _ in $(seq 40); do echo 'The server listens quietly on a small port while readers arrive one by one, each asking for a page.'; done; } | head -c 4096 >"$1/page.gmi"; }
# Writes a figure down for draw.py, where $FIGURES names a file: figure MEASURE FIGURE UNIT
figure() { [ -z "${FIGURES:-}" ] || printf '%s\tmaquis\t%s\t%s\tless\n' "$1" "$2" "$3" >>"$FIGURES"; }
