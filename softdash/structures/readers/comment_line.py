"""The second line of an extended XYZ frame: ``key=value`` pairs, and the columns they announce.

Own code instead of `ase.io.extxyz`: importing that takes half a second, it builds arrays of any announced size, and
turns stored constraints into forces of zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from softdash.structures.readers.frame_problem import FrameProblem

COLUMNS_MAX = 1_000
_CLOSING = {'"': '"', "'": "'", "{": "}", "[": "]"}
_COLUMN_TYPES = frozenset("SRIL")


@dataclass(frozen=True, slots=True)
class Column:
    """One per-atom array: where its columns stand in a row, and their type (S, R, I or L)."""

    name: str
    kind: str
    start: int
    width: int

    def of(self, row: list[str]) -> list[str]:
        """Return this array's words of one row."""
        return row[self.start : self.start + self.width]


def read_pairs(comment: str) -> dict[str, str]:
    """Return the ``key=value`` pairs of a comment line; a key without value is ``"T"``.

    Values may stand in double or single quotes, braces or brackets; a backslash takes the next character literally.

    Raises
    ------
    FrameProblem
        If a quote or bracket is not closed.
    """
    pairs: dict[str, str] = {}
    place = 0
    while place < len(comment):
        if comment[place].isspace():
            place += 1
            continue
        key, place = _word(comment, place, stops="=")
        after_blanks = _skip_blanks(comment, place)
        if after_blanks < len(comment) and comment[after_blanks] == "=":
            value, place = _word(comment, _skip_blanks(comment, after_blanks + 1), stops="")
            pairs[key] = value
        elif key:
            pairs[key] = "T"
    return pairs


def _skip_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _word(text: str, place: int, stops: str) -> tuple[str, int]:
    """Return the word at `place`, without its quotes, and the place behind it."""
    letters: list[str] = []
    while place < len(text) and not text[place].isspace() and text[place] not in stops:
        letter = text[place]
        if letter == "\\" and place + 1 < len(text):
            letters.append(text[place + 1])
            place += 2
        elif letter in _CLOSING:
            inside, place = _enclosed(text, place)
            letters.append(inside)
        else:
            letters.append(letter)
            place += 1
    return "".join(letters), place


def _enclosed(text: str, place: int) -> tuple[str, int]:
    """Return what stands between the delimiter at `place` and its partner, and the place behind the partner."""
    opening, closing = text[place], _CLOSING[text[place]]
    letters: list[str] = []
    depth = 1
    start = place
    place += 1
    while place < len(text):
        letter = text[place]
        if letter == "\\" and place + 1 < len(text):
            letters.append(text[place + 1])
            place += 2
            continue
        if letter == closing:
            depth -= 1
            if depth == 0:
                return "".join(letters), place + 1
        elif letter == opening:
            depth += 1
        letters.append(letter)
        place += 1
    raise FrameProblem(f"Its second line opens a {opening} at character {start + 1:,} and never closes it.")


def read_columns(properties: str) -> dict[str, Column]:
    """Return the per-atom arrays that ``Properties=species:S:1:pos:R:3:forces:R:3`` announces, in their order.

    Raises
    ------
    FrameProblem
        If the text is not made of name:type:count, or announces more than `COLUMNS_MAX` columns.
    """
    words = properties.split(":")
    if len(words) % 3:
        raise FrameProblem(f"Properties={properties[:80]!r} is not a list of name:type:count.")
    columns: dict[str, Column] = {}
    start = 0
    for name, kind, count in zip(words[::3], words[1::3], words[2::3], strict=True):
        if kind not in _COLUMN_TYPES or not (count.isascii() and count.isdigit()) or int(count[:20]) < 1:
            raise FrameProblem(f"Properties: {name[:40]}:{kind[:10]}:{count[:20]} is not name:type:count.")
        width = int(count[:20])
        if start + width > COLUMNS_MAX:
            raise FrameProblem(
                f"Its second line (Properties=…) announces more than {COLUMNS_MAX:,} columns ({name[:40]}: {width:,})."
            )
        columns.setdefault(name, Column(name, kind, start, width))
        start += width
    return columns
