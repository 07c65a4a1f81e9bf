"""The picture that a link to a report shows in messages, 1200 × 630 pixels, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from softdash.reports.parity_square import ParitySquare, dashes
from softdash.reports.text_width import SUBSCRIPT_SIZE, SUBSCRIPTS, has, readable, shortened, text_width, wrapped

WIDTH, HEIGHT = 1200, 630
_LEFT, _TEXT_WIDTH, _FOOT = 56, 530, 532
_PLOT_LEFT, _PLOT_TOP, _PLOT_SIDE = 712, 52, 440
_INK, _SOFT, _LINE, _DIAGONAL = "#171a20", "#4b5260", "#c5cad3", "#8d939e"
_SMALLEST = 24  # half of it is still legible where a message shows the picture 600 pixels wide


def link_picture(content: Mapping[str, Any]) -> str:
    """Return the picture as SVG.

    Parameters
    ----------
    content : mapping
        ``title``, ``material``, ``facts``, ``verdict``, ``more``: text; ``rows``: label, value, colour and symbol;
        ``clouds``: points (n, 2) in eV/Å, slope, colour, dash and symbol; ``limit``: eV/Å.
    """
    heading, bottom = _heading(content)
    is_one = len(content["rows"]) == 1 and not content["more"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_plot(content),
        *heading,
        *(_one(content, bottom) if is_one else _rows(content, bottom)),
        *_mark(),
        "</svg>",
    ]
    return "".join(parts)


def _text(x: float, y: float, text: str, size: float, weight: int, colour: str, anchor: str = "start") -> str:
    """Return one line, its base line at `y`; subscript digits are small ones, set lower."""
    pieces, low = [], False
    for letter in filter(has, text):
        is_low = letter in SUBSCRIPTS
        if is_low != low:
            drop = 0.14 * size * (1 if is_low else -1)
            small = f' font-size="{SUBSCRIPT_SIZE * size:.1f}"' if is_low else f' font-size="{size}"'
            pieces.append(f'</tspan><tspan dy="{drop:.1f}"{small}>')
            low = is_low
        pieces.append(escape(SUBSCRIPTS.get(letter, letter)))
    start = f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}"'
    return f'{start} text-anchor="{anchor}" xml:space="preserve"><tspan>{"".join(pieces)}</tspan></text>'


def _heading(content: Mapping[str, Any]) -> tuple[list[str], float]:
    """Return title and facts, and where they end."""
    title = readable(content["title"]) or content["material"]
    size, lines = 50, wrapped(title, 50, 700, _TEXT_WIDTH, 3)
    if len(lines) > 2:
        size, lines = 40, wrapped(title, 40, 700, _TEXT_WIDTH, 3)
    found, y = [], 0.0
    for row, line in enumerate(lines):
        y = 48 + 0.8 * size + row * 1.18 * size
        found.append(_text(_LEFT, y, line, size, 700, _INK))
    for line in wrapped(content["facts"], 26, 400, _TEXT_WIDTH, 2):
        y += 42
        found.append(_text(_LEFT, y, line, 26, 400, _SOFT))
    return found, y


def _one(content: Mapping[str, Any], top: float) -> Iterator[str]:
    """Yield the number of a single potential, large, with its verdict below."""
    (row,) = content["rows"]
    yield _swatch(top + 65, row)
    name = shortened(f"Softening scale of {row['label']}", 28, 500, _TEXT_WIDTH - 36)
    yield _text(_LEFT + 36, top + 75, name, 28, 500, _INK)
    size = next((size for size in (84, 72, 60, 48) if text_width(row["value"], size, 700) <= _TEXT_WIDTH), 36)
    yield _text(_LEFT, top + 160, row["value"], size, 700, _INK)
    room = int((_FOOT - (top + 176)) // 38)
    for number, line in enumerate(wrapped(content["verdict"], 28, 400, _TEXT_WIDTH, max(1, room))):
        yield _text(_LEFT, top + 212 + 38 * number, line, 28, 400, _SOFT)


def _rows(content: Mapping[str, Any], top: float) -> Iterator[str]:
    """Yield one line per potential."""
    rows = content["rows"]
    yield _text(_LEFT, top + 54, "Softening scale s", 26, 600, _SOFT)
    step = min(56.0, (_FOOT - (top + 62)) / (len(rows) + bool(content["more"])))
    y = top + 62
    for row in rows:
        y += step
        yield _swatch(y - 10, row)
        yield _text(_LEFT + _TEXT_WIDTH, y, row["value"], 28, 700, _INK, "end")
        room = _TEXT_WIDTH - text_width(row["value"], 28, 700) - 36 - 16
        size = next((size for size in (28, 26) if text_width(row["label"], size, 500) <= room), _SMALLEST)
        yield _text(_LEFT + 36, y, shortened(row["label"], size, 500, room), size, 500, _INK)
    if content["more"]:
        yield _text(_LEFT + 36, y + step, content["more"], _SMALLEST, 400, _SOFT)


def _swatch(y: float, row: Mapping[str, Any]) -> str:
    return f'<path d="{_marker(row["symbol"], _LEFT + 11, y, 10.5)}" fill="{row["colour"]}"/>'


def _mark() -> Iterator[str]:
    """Yield softdash's mark and name at the foot."""
    top, side = 556, 36
    dots = "".join(f'<circle cx="{7 + 4.5 * step}" cy="{25 - 4.5 * step}" r="1" fill="#a7afe6"/>' for step in range(5))
    yield (
        f'<g transform="translate({_LEFT} {top}) scale({side / 32})">'
        f'<rect width="32" height="32" rx="7" fill="#3b4cca"/>{dots}'
        '<path d="M6 24L26 11" stroke="#ffc24a" stroke-width="3.4"/></g>'
    )
    yield _text(_LEFT + side + 14, top + 28, "softdash", 30, 700, _INK)


def _plot(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield clouds, diagonal, fits and axes."""
    square = ParitySquare(_PLOT_LEFT, _PLOT_TOP, _PLOT_SIDE, content["limit"])
    middle = _PLOT_LEFT + _PLOT_SIDE / 2
    for cloud in content["clouds"]:
        dots = "".join(_marker(cloud["symbol"], square.across(x), square.down(y), 4.2) for x, y in cloud["points"])
        # One path of all dots: where they overlap the cloud is no darker.
        yield f'<path d="{dots}" fill="{cloud["colour"]}" fill-opacity="0.47"/>'
    if content["clouds"]:
        yield square.line(1.0, f'stroke="{_DIAGONAL}" stroke-width="2.4"{dashes("dash", 2.4)}')
    for cloud in content["clouds"]:
        yield square.line(cloud["slope"], f'stroke="{cloud["colour"]}" stroke-width="4"{dashes(cloud["dash"], 4)}')
    frame = f'x="{_PLOT_LEFT}" y="{_PLOT_TOP}" width="{_PLOT_SIDE}" height="{_PLOT_SIDE}"'
    yield f'<rect {frame} fill="none" stroke="{_LINE}" stroke-width="2"/>'
    if not content["clouds"]:
        yield _text(middle, _PLOT_TOP + _PLOT_SIDE / 2, "no result to draw", 28, 400, _SOFT, "middle")
        return
    yield from _axes(square)


def _axes(square: ParitySquare) -> Iterator[str]:
    bottom, widest = _PLOT_TOP + _PLOT_SIDE, 0.0
    for tick, text in square.ticks():
        across, down = square.across(tick), square.down(tick)
        widest = max(widest, text_width(text, _SMALLEST, 400))
        yield _text(across, bottom + 34, text, _SMALLEST, 400, _SOFT, "middle")
        yield _text(_PLOT_LEFT - 14, down + 8, text, _SMALLEST, 400, _SOFT, "end")
        yield f'<path d="M{across:.1f} {bottom}v7M{_PLOT_LEFT - 7} {down:.1f}h7" stroke="{_LINE}" stroke-width="2"/>'
    middle = _PLOT_LEFT + _PLOT_SIDE / 2
    yield _text(middle, bottom + 72, "DFT force (eV/Å)", 26, 400, _SOFT, "middle")
    turned = f"translate({_PLOT_LEFT - 31 - widest:.1f} {_PLOT_TOP + _PLOT_SIDE / 2}) rotate(-90)"
    yield f'<g transform="{turned}">{_text(0, 0, "predicted force (eV/Å)", 26, 400, _SOFT, "middle")}</g>'


def _marker(symbol: str, x: float, y: float, radius: float) -> str:
    """Return the path of a marker, by plotly's names of symbols."""
    r = radius
    if symbol == "diamond":
        return _polygon(x, y, [(0, -1.25 * r), (1.25 * r, 0), (0, 1.25 * r), (-1.25 * r, 0)])
    if symbol == "square":
        return _polygon(x, y, [(-0.9 * r, -0.9 * r), (0.9 * r, -0.9 * r), (0.9 * r, 0.9 * r), (-0.9 * r, 0.9 * r)])
    if symbol in {"triangle-up", "triangle-down"}:
        up = -1 if symbol == "triangle-up" else 1
        return _polygon(x, y, [(0, 1.3 * up * r), (1.13 * r, -0.65 * up * r), (-1.13 * r, -0.65 * up * r)])
    if symbol in {"cross", "x"}:
        a, corners = 0.4 * r, []
        for dx, dy in (
            (a, -r),
            (a, -a),
            (r, -a),
            (r, a),
            (a, a),
            (a, r),
            (-a, r),
            (-a, a),
            (-r, a),
            (-r, -a),
            (-a, -a),
        ):
            corners.append((dx, dy))
        corners.append((-a, -r))
        if symbol == "x":
            corners = [(0.7071 * (dx - dy), 0.7071 * (dx + dy)) for dx, dy in corners]
        return _polygon(x, y, corners)
    return f"M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"


def _polygon(x: float, y: float, corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "z"
