"""The readers, the author and the operator of soak.sh, and its report. Standard library and gemload only.

    soak.py begin FOLDER                               posts to begin with
    soak.py soak FOLDER PID PORT GOPHER_PORT MINUTES   ends with 1 for a failed good request or what stayed open
"""

import json, os, random, signal, socket, ssl, subprocess, sys, threading, time
from collections import Counter

STEADY, HOST = 20, "127.0.0.1"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
tally, wrong, lock, stop = Counter(), Counter(), threading.Lock(), threading.Event()


def write(folder, name, round):
    """As an editor without a rename would."""
    with open(f"{folder}/posts/{name}.md", "w") as post:
        post.write(f"---\ntitle: {name}\ndate: 2024-01-02\n---\nSteady words, round {round}.\n\n" + "More words. " * random.randint(10, 2000) + "\n\nThe end.\n")


def count(kind, reason=None):
    with lock:
        tally[kind] += 1
        if reason:
            wrong[f"{kind}: {reason}"] += 1


def shake(port, timeout=20):
    tcp = socket.create_connection((HOST, port), timeout)
    # An end without close_notify is an error then.
    return context.wrap_socket(tcp, server_hostname="localhost", suppress_ragged_eofs=False)


def gemini(port, path):
    with shake(port) as tls:
        tls.sendall(f"gemini://localhost{path}\r\n".encode())
        data = b""
        while piece := tls.recv(65536):
            data += piece
        return data


def gopher(port, selector):
    with socket.create_connection((HOST, port), 20) as tcp:
        tcp.sendall(selector.encode() + b"\r\n")
        data = b""
        while piece := tcp.recv(65536):
            data += piece
        return data


def good(ports, selectors):
    while not stop.is_set():
        number = random.randrange(STEADY)
        path = random.choice([f"/posts/p{number}/", "/", "/page.gmi", "/atom.xml"])
        selector = random.choice(selectors)
        for name, ask in (("gemini", lambda: gemini(ports[0], path)), ("gopher", lambda: gopher(ports[1], selector))):
            try:
                data, asked = ask(), path if name == "gemini" else selector
                whole = data.startswith(b"20 ") if name == "gemini" else data and not data.startswith(b"3")
                if asked.startswith("/posts/p"):
                    whole = whole and b"Steady words" in data and b"The end." in data
                count(f"good {name}" if whole else "failed", None if whole else f"{name} {asked}: {data[:60]!r}")
            except OSError as error:
                count("failed", f"{name} {path}: {error!r}")
        time.sleep(0.01)


def bad(ports):
    junk = [b"\r\n", b"x" * 2000, b"gemini://localhost/\x00\r\n", b"gemini://localhost/../../etc/passwd\r\n", b"\xff" * 100 + b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"gemini://localhost/nothing\r\n" * 50]
    while not stop.is_set():
        try:
            kind = random.randrange(5)
            if kind == 0:  # junk where TLS should be
                with socket.create_connection((HOST, ports[0]), 5) as tcp:
                    tcp.sendall(random.choice([os.urandom(300), b"\x16\x03\x01\x02\x00" + os.urandom(512)] + junk))
                    tcp.recv(1000)
            elif kind == 1:  # junk as a request
                with shake(ports[0], 5) as tls:
                    tls.sendall(random.choice(junk))
                    tls.recv(1000)
            elif kind == 2:  # gone in the middle of the reply
                tls = shake(ports[0], 5)
                tls.sendall(b"gemini://localhost/page.gmi\r\n")
                tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                tls.close()
            elif kind == 3:
                with socket.create_connection((HOST, ports[1]), 5) as tcp:
                    tcp.sendall(random.choice(junk))
                    tcp.recv(1000)
            else:  # gone at once
                socket.create_connection((HOST, random.choice(ports)), 5).close()
        except OSError:
            pass
        count("bad")
        time.sleep(0.02)


def slow(ports):
    """A few connections at a time: without a byte, in the middle of a request, or with a byte now and then."""
    while not stop.is_set():
        held = []
        try:
            for _ in range(10):
                held.append(socket.create_connection((HOST, random.choice(ports)), 5))
                tls = shake(ports[0], 5)
                tls.sendall(b"gemini://local")
                held.append(tls)
        except OSError:
            pass
        for _ in range(8):
            if stop.wait(1):
                break
            for one in held[:6]:
                try:
                    one.send(b"g")
                except OSError:
                    pass
        count("slow", None)
        [one.close() for one in held]


def author(folder):
    made = []
    while not stop.wait(0.4):
        act = random.choice(["write", "write", "make", "delete"])
        if act == "write":
            write(folder, f"p{random.randrange(STEADY)}", tally["written"])
        elif act == "make":
            made.append(f"n{tally['written']}")
            write(folder, made[-1], 0)
        elif made:
            os.remove(f"{folder}/posts/{made.pop(random.randrange(len(made)))}.md")
        count("written")


def operator(pid):
    while not stop.wait(random.choice([0.5, 2, 5])):
        for _ in range(random.choice([1, 1, 1, 50])):
            os.kill(pid, signal.SIGHUP)
            count("reloads")


def load(url, more, seconds):
    """gemload, whose replies must be the same to the byte."""
    gemload = [os.environ["GEMLOAD"], *more, "--url", url]
    while not stop.is_set():
        told = subprocess.run(gemload + seconds, capture_output=True, text=True)
        try:
            said = json.loads(told.stdout)
        except ValueError:
            count("failed", f"gemload: {told.stderr[-200:]}")
            return
        probes = [said[probe] for probe in ("probe_before", "probe_during") if probe in said]
        failed = sum(probe["failed"] for probe in probes) + said.get("errors", 0) + said.get("truncated_close", 0)
        with lock:
            tally["good gemload"] += sum(probe["good"] for probe in probes) + said.get("requests", 0)
            tally["failed"] += failed
            if failed:
                wrong[f"gemload {more[0]}: {said}"] += failed
        time.sleep(0.5)


def state(pid):
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    kib = lambda name: int(fields[name].split()[0])
    return kib("RssAnon"), kib("VmHWM"), len(os.listdir(f"/proc/{pid}/fd"))


def soak(folder, pid, port, gopher_port, minutes):
    pid, ports, minutes = int(pid), (int(port), int(gopher_port)), float(minutes)
    lines = gopher(ports[1], "/posts/").decode().split("\r\n") + gopher(ports[1], "").decode().split("\r\n")
    selectors = sorted({line.split("\t")[1] for line in lines if line[:1] in ("0", "1") and "\t" in line} | {""})
    assert any(selector.startswith("/posts/p") for selector in selectors), selectors
    gemini(ports[0], "/")
    began, base = time.monotonic(), state(pid)
    print(f"{'minute':>8} {'RssAnon':>9} {'VmHWM':>9} {'files':>6}  so far\n{0:8} {base[0]:5} KiB {base[1]:5} KiB {base[2]:6}")
    page = f"gemini://{HOST}:{ports[0]}/page.gmi"
    workers = [(good, ports, selectors)] * 3 + [(bad, ports)] * 2 + [(slow, ports)] * 2 + [(author, folder), (operator, pid)]
    workers += [(load, page, ["load", "--connections", "4", "--body", f"{folder}/page.gmi"], ["--seconds", "3", "--requests", "100000"])]
    workers += [(load, page, ["idle", "--mode", mode, "--connections", "50"], ["--hold", "15", "--timeout", "5"]) for mode in ("hello", "trickle", "stall")]
    threads = [threading.Thread(target=work, args=args, daemon=True) for work, *args in workers]
    [thread.start() for thread in threads]
    seen = []
    for minute in range(1, int(minutes) + 1):
        time.sleep(max(0, began + 60 * minute - time.monotonic()))
        seen.append(state(pid))
        with lock:
            so_far = ", ".join(f"{kind} {tally[kind]}" for kind in sorted(tally))
        print(f"{minute:8} {seen[-1][0]:5} KiB {seen[-1][1]:5} KiB {seen[-1][2]:6}  {so_far}", flush=True)
    stop.set()
    [thread.join(60) for thread in threads]
    # The last slow readers are left in their time.
    for _ in range(60):
        if state(pid)[2] <= base[2] + 2:
            break
        time.sleep(1)
    last = state(pid)
    alive = gemini(ports[0], "/page.gmi").startswith(b"20 ")
    print(f"   after {last[0]:5} KiB {last[1]:5} KiB {last[2]:6}")
    for reason, times in wrong.most_common(10):
        print(f"{times} x {reason}")
    good_ones = sum(count for kind, count in tally.items() if kind.startswith("good"))
    print(f"{good_ones} good requests, {tally['failed']} failed; {last[2] - base[2]:+} files; RssAnon {last[0] - base[0]:+} KiB since the start")
    return 0 if alive and tally["failed"] == 0 and last[2] <= base[2] + 2 else 1


if __name__ == "__main__":
    if sys.argv[1] == "begin":
        os.makedirs(f"{sys.argv[2]}/posts")
        [write(sys.argv[2], f"p{number}", 0) for number in range(STEADY)]
    else:
        sys.exit(soak(*sys.argv[2:]))
