"""How wide a line is in the font of the pages, from its advance widths: for pictures in SVG, which wrap nothing."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

SUBSCRIPTS = {chr(0x2080 + digit): str(digit) for digit in range(10)}
SUBSCRIPT_SIZE = 0.68
_OF_OTHER_FONTS = 0.66
"""Of the size: a character that Inter lacks, and DejaVu Sans draws."""


@lru_cache(maxsize=1)
def _advances() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads(files("softdash.reports").joinpath("inter_widths.json").read_text())
    return found


def has(character: str) -> bool:
    """Say whether a picture can show a character: one of Inter, or a letter or sign that DejaVu Sans has."""
    code = ord(character)
    return (
        SUBSCRIPTS.get(character, character) in _advances()["400"]
        or character == " "
        or 0x20 < code < 0x530
        or 0x2010 <= code < 0x2300
    )


def readable(text: str) -> str:
    """Return `text` without words that hold a character of no font: Chinese, emoji."""
    return " ".join(word for word in text.split() if all(map(has, word)))


def text_width(text: str, size: float, weight: int) -> float:
    """Return the width of a line in pixels; subscript digits are small ones.

    Parameters
    ----------
    text : str
    size : float
        Pixels.
    weight : int
        400, 500, 600 or 700.
    """
    advances = _advances()[str(weight)]
    total = 0.0
    for letter in text:
        share = SUBSCRIPT_SIZE if letter in SUBSCRIPTS else 1.0
        total += share * advances.get(SUBSCRIPTS.get(letter, letter), _OF_OTHER_FONTS)
    return size * total


def shortened(text: str, size: float, weight: int, width: float, *, always: bool = False) -> str:
    """Return `text`, cut and marked with an ellipsis where it is wider than `width`."""
    if text_width(text, size, weight) <= width:
        return text
    while text and text_width(f"{text}…", size, weight) > width:
        text = text[:-1].rstrip(" …" if always else " ")
    return f"{text}…"


def wrapped(text: str, size: float, weight: int, width: float, most: int) -> list[str]:
    """Return `text` in at most `most` lines; what does not fit ends in an ellipsis."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size, weight) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [shortened(line, size, weight, width) for line in lines[:most]]
    if len(lines) > most:
        kept[-1] = shortened(f"{lines[most - 1]} …", size, weight, width, always=True)
    return kept
