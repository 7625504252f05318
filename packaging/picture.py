#!/usr/bin/env python3
"""Draws capsule.svg, the picture in the README: the sample capsule as the terminal client Amfora shows it.

Needs amfora, tmux and python3, a built maquis, and the port 1965 free. From the repository's folder:

    cargo build --release && packaging/picture.py target/release/maquis > packaging/capsule.svg

The server is started, Amfora visits it in a terminal of 80 columns, and what the terminal holds, colours
included, becomes text in an SVG: no font is embedded, and every run of letters is stretched to the grid.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from html import escape

COLUMNS, ROWS = 80, 34
CELL, LINE, SIZE, MARGIN = 8.4, 19, 14, 20
# The sixteen colours of the terminal are the theme's to choose: here, a hillside in the evening.
THEME = [
    "#20241f", "#e0787a", "#8fb573", "#d9b36c", "#7fa7d6", "#b79ad1", "#5f9ea0", "#d8d3c4",
    "#77796c", "#f08f86", "#a9cf8b", "#ecca86", "#9cc3ee", "#cfb4e6", "#86c5c0", "#f4efe2",
]  # fmt: skip
PAPER, INK = THEME[0], THEME[7]


def captured(maquis):
    """What the terminal shows, with its escape sequences."""
    tmux = ["tmux", "-L", "maquis-picture", "-f", "/dev/null"]
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, HOME=home, STATE_DIRECTORY=home, TERM="xterm-256color", LC_ALL="C.UTF-8")
        for name in ["COLORTERM", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"]:
            environment.pop(name, None)
        server = subprocess.Popen([maquis, "serve"], env=environment, stdout=subprocess.PIPE)
        try:
            address = server.stdout.readline().decode().strip().removesuffix(":1965/") + "/"
            size = ["-x", str(COLUMNS), "-y", str(ROWS)]
            subprocess.run([*tmux, "new-session", "-d", *size, "amfora", address], env=environment, check=True)
            return settled([*tmux, "capture-pane", "-p", "-e"])
        finally:
            subprocess.run([*tmux, "kill-server"], check=False)
            server.terminate()
            server.wait()


def settled(capture):
    """The screen, once the page is there and two looks agree."""
    before = None
    for _ in range(60):
        time.sleep(0.5)
        now = subprocess.run(capture, check=True, capture_output=True, text=True).stdout
        if "# maquis" in now and now == before:
            return now
        before = now
    sys.exit("amfora does not show the page")


def runs(line, pen):
    """The line as runs of letters of one look: (column, letters, ink, paper, bold)."""
    column = 0
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b"):
            turn(pen, [int(code or 0) for code in piece[2:-1].split(";")])
        elif piece:
            ink, paper = pen["ink"] or INK, pen["paper"] or PAPER
            yield (column, piece, *((paper, ink) if pen["reverse"] else (ink, paper)), pen["bold"])
            column += len(piece)


def turn(pen, codes):
    """One SGR sequence (ECMA-48, 8.3.117)."""
    while codes:
        code = codes.pop(0)
        if code == 0:
            pen.update(ink=None, paper=None, bold=False, reverse=False)
        elif code in (1, 22):
            pen["bold"] = code == 1
        elif code in (7, 27):
            pen["reverse"] = code == 7
        elif code in (38, 48):
            pen["ink" if code == 38 else "paper"] = colour(codes)
        elif code in (39, 49):
            pen["ink" if code == 39 else "paper"] = None
        elif 30 <= code <= 37 or 90 <= code <= 97:
            pen["ink"] = THEME[code - 30 if code < 90 else code - 82]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            pen["paper"] = THEME[code - 40 if code < 100 else code - 92]


def colour(codes):
    if codes.pop(0) == 2:
        return "#{:02x}{:02x}{:02x}".format(*(codes.pop(0) for _ in range(3)))
    number = codes.pop(0)
    if number < 16:
        return THEME[number]
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    levels = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#{:02x}{:02x}{:02x}".format(levels[number // 36], levels[number // 6 % 6], levels[number % 6])


def draw(screen):
    width, height = COLUMNS * CELL + 2 * MARGIN, ROWS * LINE + 2 * MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}"'
        f' role="img" font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace"'
        f' font-size="{SIZE}" xml:space="preserve">'
    )
    yield "<title>The home page of the sample capsule in Amfora, a Gemini client for the terminal</title>"
    yield f'<rect width="{width:g}" height="{height}" rx="10" fill="{PAPER}"/>'
    pen = dict(ink=None, paper=None, bold=False, reverse=False)
    for row, line in enumerate(screen.split("\n")[:ROWS]):
        for column, letters, ink, paper, bold in runs(line, pen):
            yield from painted(row, column, letters, ink, paper, bold)
    yield "</svg>"


def painted(row, column, letters, ink, paper, bold):
    left, top = MARGIN + column * CELL, MARGIN + row * LINE
    if paper != PAPER:
        yield f'<rect x="{left:g}" y="{top}" width="{len(letters) * CELL:g}" height="{LINE}" fill="{paper}"/>'
    if set(letters) == {"▒"}:  # The scroll bar: a shade that fonts draw as they like.
        yield f'<rect x="{left:g}" y="{top}" width="{CELL:g}" height="{LINE}" fill="{ink}" opacity="0.25"/>'
        return
    start = left + (len(letters) - len(letters.lstrip())) * CELL
    letters = letters.strip()
    if letters:
        weight = ' font-weight="bold"' if bold else ""
        place = f'x="{start:g}" y="{top + SIZE:g}" textLength="{len(letters) * CELL:g}"'
        yield f'<text {place} fill="{ink}"{weight}>{escape(letters, quote=False)}</text>'


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("\n".join(draw(captured(sys.argv[1]))))
