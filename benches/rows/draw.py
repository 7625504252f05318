#!/usr/bin/env python3
"""Draws the figures that were measured: bars where servers stand side by side, lines for what was measured of maquis alone.

    benches/rows/draw.py < benches/figures.tsv > benches/figures.svg

Of figures for the same thing the last counts. Nothing is written here that is not in the file.
"""

import sys
from html import escape

OURS, WIDTH, GAP, BAR, LABEL = "maquis", 860, 28, 18, 96


def read(lines):
    """The machine, and by measure: unit, which way is better, and the figure of each server in the order they came."""
    machine, measures = "", {}
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        measure, server, figure, unit, better = line.rstrip("\n").split("\t")
        if measure == "machine":
            machine = figure
        else:
            measures.setdefault(measure, (unit, better, {}))[2][server] = float(figure)
    return machine, measures


def number(figure):
    """In letters that can be compared at a glance; thousands apart."""
    if figure >= 100 or figure == int(figure):
        return f"{figure:,.0f}".replace(",", "\u202f")
    return f"{figure:.3g}"


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def panel(x, y, width, measure, unit, better, figures):
    """One measure: a title, and a bar for each server. The best comes first."""
    told = f"{unit}, {better} is better" if unit else f"{better} is better"
    parts = [text(x, y + 12, measure[0].upper() + measure[1:], "title"), text(x, y + 27, told, "note")]
    longest, top = max(figures.values()), y + 36
    room = width - LABEL - 70
    for server, figure in sorted(figures.items(), key=lambda item: item[1], reverse=better == "more"):
        kind = "ours" if server == OURS else "theirs"
        parts.append(text(x + LABEL - 8, top + 13, server, kind, "end"))
        parts.append(f'<rect x="{x + LABEL}" y="{top + 2}" width="{max(1, room * figure / longest):.1f}" height="{BAR - 5}" rx="2" class="{kind}"/>')
        parts.append(text(x + LABEL + room * figure / longest + 6, top + 13, number(figure), kind))
        top += BAR
    return parts, top - y


def draw(machine, measures):
    shared = {measure: told for measure, told in measures.items() if len(told[2]) > 1}
    alone = {measure: told for measure, told in measures.items() if len(told[2]) == 1 and OURS in told[2]}
    width, parts, tops = (WIDTH - 3 * GAP) // 2, [], [GAP, GAP]
    for measure, (unit, better, figures) in shared.items():
        # Into the shorter of two columns.
        column = tops.index(min(tops))
        drawn, height = panel(GAP + column * (width + GAP), tops[column], width, measure, unit, better, figures)
        parts += drawn
        tops[column] += height + 22
    y = max(tops)
    if alone:
        parts.append(text(GAP, y + 8, "And of maquis alone", "title"))
        y += 14
    for measure, (unit, _, figures) in alone.items():
        y += 18
        # A unit of several words says how it was measured.
        short, long = ("", f", {unit}") if " " in unit else (f" {unit}" if unit else "", "")
        parts.append(text(GAP + LABEL - 8, y, number(figures[OURS]) + short, "ours", "end"))
        parts.append(text(GAP + LABEL, y, measure + long))
    y += 34
    parts.append(text(GAP, y, machine, "note"))
    style = (
        "text{font:13px system-ui,sans-serif;fill:#333}.title{font-weight:600}.note{fill:#777;font-size:11px}"
        "text.ours{fill:#2f6f4f;font-weight:600}rect.ours{fill:#2f6f4f}rect.theirs{fill:#b9c0c7}"
    )
    name = "; ".join(f"{measure}: " + ", ".join(f"{server} {number(figure)}" for server, figure in figures.items()) for measure, (_, _, figures) in measures.items())
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 18}" viewBox="0 0 {WIDTH} {y + 18}" role="img">',
        f"<title>{escape(name)}</title>", f"<style>{style}</style>",
        f'<rect width="{WIDTH}" height="{y + 18}" rx="6" fill="#fff"/>', *parts, "</svg>",
    ])


if __name__ == "__main__":
    machine, measures = read(sys.stdin)
    if not measures:
        sys.exit("no figures: benches/rows/README.md says how they are measured")
    print(draw(machine, measures))
