#!/usr/bin/env python3
"""Takes the table that compare.sh prints and writes it down as figures, one to a line, as the other rows do.

    compare.sh | benches/rows/figures.py >> benches/figures.tsv

A line: measure, server, figure, unit, and which way is better, with tabs between them.
"""

import platform, re, sys, time

# The columns of compare.sh that are drawn: measure, unit, which way is better, and what a figure is divided by.
MEASURES = {
    "rps c64": ("pages a second", "64 readers at once", "more", 1),
    "cpu us c64": ("processor time of a page of 4 KiB", "µs, 64 readers at once", "less", 1),
    "cpu us 20K": ("processor time of a post of 20 KiB", "µs, 64 readers at once", "less", 1),
    "p99 us c64": ("the slowest of a hundred replies", "ms, 64 readers at once", "less", 1000),
    "cpu s 3x100M": ("processor time of a file of 100 MiB", "s", "less", 3),
    "start RSS": ("memory after the start", "MiB", "less", 1024),
    "idle KiB/conn": ("memory of an idle connection", "KiB", "less", 1),
    "gopher rps": ("Gopher: texts a second", "64 readers at once", "more", 1),
}


def machine():
    with open("/proc/cpuinfo") as said:
        names = re.findall(r"model name\s*: (.*)", said.read())
    return f"{len(names)} × {names[0]}, Linux {platform.release()}, {time.strftime('%Y-%m-%d')}"


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def main():
    rows = [cells(line) for line in sys.stdin if line.startswith("|") and not line.startswith("|---")]
    servers = rows[0][1:]
    print(f"machine\t\t{machine()}\t\t")
    for title, *row in rows[1:]:
        if title not in MEASURES:
            continue
        measure, unit, better, divisor = MEASURES[title]
        for server, cell in zip(servers, row):
            if cell != "-":
                print(f"{measure}\t{server}\t{float(cell) / divisor:.4g}\t{unit}\t{better}")


if __name__ == "__main__":
    main()
