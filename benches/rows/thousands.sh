#!/usr/bin/env bash
# Thousands of posts of 10 KiB: start, restart, memory after every page was asked for, and a touched post.
. "$(dirname "$0")/serve.sh"
posts=${1:-10000}
python3 - "$work/blog" "$posts" <<'PY'
import os, sys
folder, posts = sys.argv[1], int(sys.argv[2])
words = "The server listens quietly on a small port while [readers](https://example.org/) arrive one by one, each asking for *a single page* of plain text.\n\n- an item\n- another\n\n## A heading\n\n"
tags = ["privacy", "gemini", "rust", "gardens", "letters"]
for number in range(posts):
    where = f"{folder}/posts/{number % 100:02}"
    os.makedirs(where, exist_ok=True)
    head = f"---\ntitle: Post number {number}\ndate: 2024-01-02\ntags: [{tags[number % 5]}, {tags[number // 5 % 5]}]\n---\n"
    text = head + f"On to [the next](/posts/{(number + 1) % 100:02}/p{number + 1}/).\n\n"
    open(f"{where}/p{number}.md", "w").write(text + words * (1 + (10240 - len(text)) // len(words)))
PY
memory() { grep -E '^(VmHWM|RssAnon|RssShmem)' "/proc/$pid/status" | tr '\n' ' ' | tr -s ' \t' ' '; echo; }
now() { date +%s%N; }
for round in start restart; do
  before=$(now); serve "$work/blog" env; took=$((($(now) - before) / 1000000))
  echo "$round: $took ms to the count of posts, $(memory)"
  figure "$posts posts of 10 KiB: the $([ "$round" = start ] && echo first start || echo next start, where nothing changed)" "$took" ms
  if [ "$round" = start ]; then kill "$pid"; wait "$pid" || true; started=(); fi
done
python3 - "$port" "$posts" <<'PY'
import socket, ssl, sys
port, posts = int(sys.argv[1]), int(sys.argv[2])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
bad = 0
for number in range(posts):
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as tls:
        tls.sendall(f"gemini://localhost/posts/{number % 100:02}/p{number}/\r\n".encode())
        data = b""
        while piece := tls.recv(65536): data += piece
        bad += not data.startswith(b"20 ")
print(f"every page asked for, {bad} not served")
PY
echo "after that: $(memory)"
kept=$(awk '/^Rss(Anon|Shmem)/ { all += $2 } END { printf "%.1f", all / 1024 }' "/proc/$pid/status")
figure "memory with $posts posts, after every page was asked for" "$kept" MiB
python3 - "$port" "$work/blog" <<'PY' | tee "$work/touched"
import socket, ssl, sys, time
port, blog = int(sys.argv[1]), sys.argv[2]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
def page():
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as tls:
        tls.sendall(b"gemini://localhost/posts/07/p7/\r\n")
        data = b""
        while piece := tls.recv(65536): data += piece
        return data
path = f"{blog}/posts/07/p7.md"; text = open(path).read(); times = []
for touch in range(3):
    open(path, "w").write(text + f"\nTouched {touch}.\n"); started = time.monotonic()
    while f"Touched {touch}.".encode() not in page(): time.sleep(0.005)
    times.append(time.monotonic() - started)
print("a touched post live after", ", ".join(f"{1000 * taken:.0f} ms" for taken in times))
PY
figure "until a touched post is live, with $posts posts" "$(grep -oE '[0-9]+ ms' "$work/touched" | sort -n | sed -n '2s/ ms//p')" ms
echo "then: $(memory)"
