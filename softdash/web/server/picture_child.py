"""Child process that draws the preview picture of a report; see `softdash.web.server.report_picture`.

A program of its own, started by its path: Pillow and a large canvas stay out of the web process, and importing softdash
would take longer than the drawing. Takes the content as JSON on standard input, writes a PNG to standard output.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import resource
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
_SCALE = 2  # everything is drawn twice as large, then made smaller: smooth edges
_LEFT, _TEXT_WIDTH, _FOOT = 56, 530, 532
_PLOT_LEFT, _PLOT_TOP, _PLOT_SIDE = 712, 52, 440
_INK, _SOFT, _LINE, _DIAGONAL = "#171a20", "#4b5260", "#c5cad3", "#8d939e"
_SMALLEST = 24  # half of it is still legible where a message shows the picture 600 pixels wide
# Lengths of strokes and gaps in widths of the line, by plotly's names of line styles.
_STROKES = {"dash": (3, 2), "dot": (1, 1.2), "dashdot": (3, 1.5, 1, 1.5), "longdash": (5, 2)}
_SUBSCRIPTS = {chr(0x2080 + digit): str(digit) for digit in range(10)}
_SECONDS = 20
Point = tuple[float, float]
_NO_CHARACTER = "\U0010ffff"


@lru_cache(maxsize=256)
def _font(path: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size * _SCALE, layout_engine=ImageFont.Layout.BASIC)
    with contextlib.suppress(OSError):  # not a variable font
        font.set_variation_by_axes([weight])
    return font


@lru_cache(maxsize=4096)
def _has(path: str, character: str) -> bool:
    font = _font(path, 20, 400)
    return character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask(_NO_CHARACTER))


@dataclass(frozen=True)
class Writer:
    """Writes text in the first font that has a character; subscript digits are small ones, set lower."""

    canvas: ImageDraw.ImageDraw
    fonts: tuple[str, ...]

    def readable(self, text: str) -> str:
        """Return `text` without words that hold a character of no font: Chinese, emoji."""
        known = [
            word
            for word in text.split()
            if all(any(_has(path, _SUBSCRIPTS.get(c, c)) for path in self.fonts) for c in word)
        ]
        return " ".join(known)

    def runs(self, text: str, size: int, weight: int) -> list[tuple[str, ImageFont.FreeTypeFont, int]]:
        """Return pieces of one font each, with how much lower they stand; characters of no font are left out."""
        found: list[tuple[str, ImageFont.FreeTypeFont, int]] = []
        for letter in text:
            character, is_low = _SUBSCRIPTS.get(letter, letter), letter in _SUBSCRIPTS
            path = next((path for path in self.fonts if _has(path, character)), None)
            if path is None:
                continue
            font, drop = _font(path, round(0.68 * size) if is_low else size, weight), round(0.14 * size) * is_low
            if found and found[-1][1:] == (font, drop):
                found[-1] = (found[-1][0] + character, font, drop)
            else:
                found.append((character, font, drop))
        return found

    def width(self, text: str, size: int, weight: int) -> float:
        """Return the width of a line in pixels of the picture."""
        return sum(font.getlength(piece) for piece, font, _ in self.runs(text, size, weight)) / _SCALE

    def write(self, x: float, y: float, text: str, size: int, weight: int, colour: str) -> None:
        """Write one line from `x` on, its base line at `y`."""
        across = x * _SCALE
        for piece, font, drop in self.runs(text, size, weight):
            self.canvas.text((across, (y + drop) * _SCALE), piece, font=font, fill=colour, anchor="ls")
            across += font.getlength(piece)

    def lines(self, text: str, size: int, weight: int, width: float, most: int) -> list[str]:
        """Return `text` in at most `most` lines; what does not fit ends in an ellipsis."""
        lines: list[str] = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer, size, weight) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(word)
        kept = [self.shortened(line, size, weight, width) for line in lines[:most]]
        if len(lines) > most:
            kept[-1] = self.shortened(f"{lines[most - 1]} …", size, weight, width, always=True)
        return kept

    def shortened(self, text: str, size: int, weight: int, width: float, *, always: bool = False) -> str:
        """Return `text`, cut and marked with an ellipsis where it is wider than `width`."""
        if self.width(text, size, weight) <= width:
            return text
        while text and self.width(f"{text}…", size, weight) > width:
            text = text[:-1].rstrip(" …" if always else " ")
        return f"{text}…"


@dataclass(frozen=True)
class Plot:
    """The square of the parity plot: its limit in eV/Å, and where a force lies in pixels of the large canvas."""

    limit: float

    def place(self, x: float, y: float) -> Point:
        """Return the place of a point."""
        scale = _PLOT_SIDE / (2 * self.limit)
        return (
            (_PLOT_LEFT + (x + self.limit) * scale) * _SCALE,
            (_PLOT_TOP + _PLOT_SIDE - (y + self.limit) * scale) * _SCALE,
        )

    def line(self, slope: float) -> list[Point]:
        """Return both ends of a line through the origin, inside the square."""
        end = min(self.limit, self.limit / abs(slope)) if slope else self.limit
        return [self.place(-end, -end * slope), self.place(end, end * slope)]


def picture(content: dict[str, Any]) -> bytes:
    """Return the picture as PNG; `content` is what `softdash.web.server.report_picture.picture_content` returns."""
    image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), "#ffffff")
    _draw_plot(image, content)
    writer = Writer(ImageDraw.Draw(image), tuple(content["fonts"]))
    _write_axes(image, writer, content)
    bottom = _write_heading(writer, content)
    if len(content["rows"]) == 1 and not content["more"]:
        _write_one(writer, content, bottom)
    else:
        _write_rows(writer, content, bottom)
    _write_mark(writer)
    buffer = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(buffer, "PNG")
    return buffer.getvalue()


def _write_heading(writer: Writer, content: dict[str, Any]) -> float:
    """Write title and facts; return where they end."""
    title = writer.readable(content["title"]) or content["material"]
    size, lines = 50, writer.lines(title, 50, 700, _TEXT_WIDTH, 3)
    if len(lines) > 2:
        size, lines = 40, writer.lines(title, 40, 700, _TEXT_WIDTH, 3)
    y = 0.0
    for row, line in enumerate(lines):
        y = 48 + 0.8 * size + row * 1.18 * size
        writer.write(_LEFT, y, line, size, 700, _INK)
    for line in writer.lines(content["facts"], 26, 400, _TEXT_WIDTH, 2):
        y += 42
        writer.write(_LEFT, y, line, 26, 400, _SOFT)
    return y


def _write_one(writer: Writer, content: dict[str, Any], top: float) -> None:
    """Write the number of a single potential large, with its verdict below."""
    (row,) = content["rows"]
    _swatch(writer, top + 65, row)
    name = writer.shortened(f"Softening scale of {row['label']}", 28, 500, _TEXT_WIDTH - 36)
    writer.write(_LEFT + 36, top + 75, name, 28, 500, _INK)
    size = next((size for size in (84, 72, 60, 48) if writer.width(row["value"], size, 700) <= _TEXT_WIDTH), 36)
    writer.write(_LEFT, top + 160, row["value"], size, 700, _INK)
    room = int((_FOOT - (top + 176)) // 38)
    for number, line in enumerate(writer.lines(content["verdict"], 28, 400, _TEXT_WIDTH, max(1, room))):
        writer.write(_LEFT, top + 212 + 38 * number, line, 28, 400, _SOFT)


def _write_rows(writer: Writer, content: dict[str, Any], top: float) -> None:
    """Write one line per potential."""
    rows = content["rows"]
    writer.write(_LEFT, top + 54, "Softening scale s", 26, 600, _SOFT)
    step = min(56.0, (_FOOT - (top + 62)) / (len(rows) + bool(content["more"])))
    y = top + 62
    for row in rows:
        y += step
        _swatch(writer, y - 10, row)
        width = writer.width(row["value"], 28, 700)
        writer.write(_LEFT + _TEXT_WIDTH - width, y, row["value"], 28, 700, _INK)
        room = _TEXT_WIDTH - width - 36 - 16
        size = next((size for size in (28, 26) if writer.width(row["label"], size, 500) <= room), _SMALLEST)
        writer.write(_LEFT + 36, y, writer.shortened(row["label"], size, 500, room), size, 500, _INK)
    if content["more"]:
        writer.write(_LEFT + 36, y + step, content["more"], _SMALLEST, 400, _SOFT)


def _swatch(writer: Writer, y: float, row: dict[str, Any]) -> None:
    _marker(writer.canvas, row["symbol"], ((_LEFT + 11) * _SCALE, y * _SCALE), 10.5 * _SCALE, row["colour"])


def _write_mark(writer: Writer) -> None:
    """Draw softdash's mark and name at the foot."""
    left, top, side = _LEFT, 556, 36
    scale = side / 32 * _SCALE

    def at(x: float, y: float) -> Point:
        return left * _SCALE + x * scale, top * _SCALE + y * scale

    writer.canvas.rounded_rectangle([at(0, 0), at(32, 32)], radius=7 * scale, fill="#3b4cca")
    for step in range(5):
        x = 7 + 4.5 * step
        writer.canvas.ellipse([at(x - 1, 31 - x), at(x + 1, 33 - x)], fill="#a7afe6")
    writer.canvas.line([at(6, 24), at(26, 11)], fill="#ffc24a", width=round(3.4 * scale))
    writer.write(left + side + 14, top + 28, "softdash", 30, 700, _INK)


def _draw_plot(image: Image.Image, content: dict[str, Any]) -> None:
    """Draw clouds, diagonal and fits."""
    plot = Plot(content["limit"])
    for cloud in content["clouds"]:
        layer = Image.new("L", image.size, 0)
        dots = ImageDraw.Draw(layer)
        for x, y in cloud["points"]:
            _marker(dots, cloud["symbol"], plot.place(x, y), 4.2 * _SCALE, 120)
        image.paste(Image.new("RGB", image.size, cloud["colour"]), mask=layer)
    canvas = ImageDraw.Draw(image)
    if content["clouds"]:
        _stroke(canvas, plot.line(1.0), "dash", 2.4 * _SCALE, _DIAGONAL)
    for cloud in content["clouds"]:
        _stroke(canvas, plot.line(cloud["slope"]), cloud["dash"], 4 * _SCALE, cloud["colour"])
    corner = [_PLOT_LEFT * _SCALE, _PLOT_TOP * _SCALE]
    canvas.rectangle([*corner, *(place + _PLOT_SIDE * _SCALE for place in corner)], outline=_LINE, width=2 * _SCALE)


def _marker(canvas: ImageDraw.ImageDraw, symbol: str, at: Point, radius: float, fill: str | int) -> None:
    """Draw a marker of one of the shapes that tell variants of a family apart."""
    x, y = at
    if symbol == "diamond":
        radius *= 1.25
        canvas.polygon([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], fill=fill)
    elif symbol == "square":
        radius *= 0.9
        canvas.rectangle([x - radius, y - radius, x + radius, y + radius], fill=fill)
    elif symbol == "triangle-up":
        canvas.regular_polygon((x, y, 1.3 * radius), 3, fill=fill)
    elif symbol == "cross":
        arm = 0.4 * radius
        canvas.rectangle([x - radius, y - arm, x + radius, y + arm], fill=fill)
        canvas.rectangle([x - arm, y - radius, x + arm, y + radius], fill=fill)
    else:
        canvas.ellipse([x - radius, y - radius, x + radius, y + radius], fill=fill)


def _stroke(canvas: ImageDraw.ImageDraw, ends: list[Point], style: str, width: float, colour: str) -> None:
    """Draw a line in one of plotly's line styles."""
    (x0, y0), (x1, y1) = ends
    length = math.hypot(x1 - x0, y1 - y0)
    pattern = [part * width * 1.6 for part in _STROKES.get(style, ())] or [length]
    at, number = 0.0, 0
    while at < length:
        stop = min(at + pattern[number % len(pattern)], length)
        if number % 2 == 0:
            places = [(x0 + (x1 - x0) * part / length, y0 + (y1 - y0) * part / length) for part in (at, stop)]
            canvas.line(places, fill=colour, width=round(width))
        at, number = stop, number + 1


def _write_axes(image: Image.Image, writer: Writer, content: dict[str, Any]) -> None:
    plot, bottom = Plot(content["limit"]), _PLOT_TOP + _PLOT_SIDE
    if not content["clouds"]:
        middle = _PLOT_LEFT + _PLOT_SIDE / 2
        width = writer.width("no result to draw", 28, 400)
        writer.write(middle - width / 2, _PLOT_TOP + _PLOT_SIDE / 2, "no result to draw", 28, 400, _SOFT)
        return
    widest = 0.0
    for tick in content["ticks"]:
        text = f"{tick:g}".replace("-", "−")
        width = writer.width(text, _SMALLEST, 400)
        widest = max(widest, width)
        across, down = (place / _SCALE for place in plot.place(tick, tick))
        writer.write(across - width / 2, bottom + 34, text, _SMALLEST, 400, _SOFT)
        writer.write(_PLOT_LEFT - 14 - width, down + 8, text, _SMALLEST, 400, _SOFT)
        for line in (across, bottom, across, bottom + 7), (_PLOT_LEFT - 7, down, _PLOT_LEFT, down):
            writer.canvas.line([place * _SCALE for place in line], fill=_LINE, width=2 * _SCALE)
    _centred(writer, "DFT force (eV/Å)", _PLOT_LEFT + _PLOT_SIDE / 2, bottom + 72)
    side = Image.new("RGB", (_PLOT_SIDE * _SCALE, 36 * _SCALE), "#ffffff")
    _centred(Writer(ImageDraw.Draw(side), writer.fonts), "predicted force (eV/Å)", _PLOT_SIDE / 2, 27)
    image.paste(side.rotate(90, expand=True), (round((_PLOT_LEFT - 22 - widest - 36) * _SCALE), _PLOT_TOP * _SCALE))


def _centred(writer: Writer, text: str, x: float, y: float) -> None:
    writer.write(x - writer.width(text, 26, 400) / 2, y, text, 26, 400, _SOFT)


if __name__ == "__main__":
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(picture(json.load(sys.stdin)))
