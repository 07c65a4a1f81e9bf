"""The picture of a link: text that fits, whatever the words; a file that is a picture, whatever the characters."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageFont

from softdash.reports.link_picture import HEIGHT, WIDTH, link_picture
from softdash.reports.text_width import readable, shortened, text_width, wrapped
from softdash.web.server.report_picture import png

FONTS = [Path(__file__).parents[2] / "assets" / "fonts" / f"inter-{subset}.ttf" for subset in ("latin", "greek")]
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x")
TITLES = ("LiF", "Li\u2083OCl \u00d7 2", "a" * 300, "word " * 60, "<b>&\x00\x1b", "\u6750\u6599", "\U0001f600", "")


def content(title: str = "LiF", rows: int = 1) -> dict[str, Any]:
    looks = [{"colour": "#e69f00", "symbol": symbol, "dash": "dot"} for symbol in SYMBOLS[:rows]]
    return {
        "title": title,
        "material": "LiF",
        "facts": "10 frames · reference PBE",
        "verdict": "It is softer than DFT. " * 20,
        "rows": [{"label": "A potential of a long name " * 2, "value": "0.801 ± 0.026", **look} for look in looks],
        "more": "and 2 more" if rows > 1 else "",
        "limit": 2.1,
        "clouds": [{"points": [[1.0, 0.8], [-2.0, -1.6]], "slope": 0.8, **look} for look in looks],
    }


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("rows", [1, 5, len(SYMBOLS)])
def test_any_words_give_a_picture(title: str, rows: int) -> None:
    svg = link_picture(content(title, rows))
    ET.fromstring(svg)  # noqa: S314 - our own
    image = Image.open(io.BytesIO(png(svg, FONTS)))
    assert image.size == (WIDTH, HEIGHT)
    assert len(image.convert("RGB").getcolors(1 << 20) or []) > 20


@pytest.mark.parametrize("weight", [400, 500, 600, 700])
def test_widths_are_those_of_the_font(weight: int) -> None:
    font = ImageFont.truetype(FONTS[0], 1000, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    for text in ("Softening scale of CHGNet", "0.801 \u00b1 0.026", "eV/\u00c5"):
        # Without kerning, which moves letters by less than a hundredth.
        assert text_width(text, 1000, weight) == pytest.approx(font.getlength(text), rel=0.02)
    assert text_width("O\u2083", 50, weight) < text_width("O3", 50, weight)


def test_lines_fit_and_tell_what_is_cut() -> None:
    lines = wrapped("one two three four five six seven", 40, 700, 200, 2)
    assert len(lines) == 2
    assert all(text_width(line, 40, 700) <= 200 for line in lines)
    assert lines[-1].endswith("\u2026")
    assert shortened("short", 40, 400, 500) == "short"
    assert (
        readable("\u6750\u6599 LiF \u0416\u0435\u043b\u0435\u0437\u043e") == "LiF \u0416\u0435\u043b\u0435\u0437\u043e"
    )


def test_without_a_result_the_square_says_so() -> None:
    assert "no result to draw" in link_picture(content() | {"clouds": []})
    assert "no result to draw" not in link_picture(content())
