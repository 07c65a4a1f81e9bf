"""Rows of numbers inside brackets, as numpy, Python, MATLAB and Mathematica print them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.tables.table_text import TableText, TextRow

_NUMBER = r"[-+]?(?:\d{1,30}(?:\.\d{0,40})?|\.\d{1,40})(?:(?:[eEdD]|\*\^)[-+]?\d{1,4})?"
# Every repetition has an end: the text may be anything.
_BEGINS = re.compile(
    r"^[ \t]{0,40}(?:[A-Za-z_][\w. \t]{0,40}[=:][ \t]{0,9})?(?:\w{1,8}\.)?(?:array|tensor|matrix)?\(?[ \t]{0,9}"
    rf"[\[{{]\s{{0,40}}(?:[\[{{(]\s{{0,40}})?(?:['\"]\w{{1,8}}['\"],\s{{0,9}})?{_NUMBER}"
    rf"|[\[{{(]\s{{0,40}}[\[{{(]\s{{0,40}}{_NUMBER}",
    re.MULTILINE,
)
_ROW_IN_BRACKETS = re.compile(rf"[\[({{][ \t]*({_NUMBER}(?:[ \t,;]+{_NUMBER})+)[ \t,;]*[\])}}]")
_TOKEN = re.compile(
    rf"[\[({{]|[\])}}]|\.\.\.|…|'[^'\n]{{0,60}}'|\"[^\"\n]{{0,60}}\"|{_NUMBER}|[-+]?(?:nan|inf)\b|\*{{3,}}|[;\n]|[A-Za-z_]\w*",
    re.IGNORECASE,
)
_MAKERS = frozenset({"array", "np", "numpy", "tensor", "torch", "matrix", "jnp", "list", "tuple", "dtype", "float64"})


@dataclass(slots=True)
class _Bracket:
    """What stands between a bracket and its end."""

    line: int
    name: str | None
    cells: list[str] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rows: list[TextRow] = field(default_factory=list)


def without_row_brackets(text: str) -> str:
    """Take the brackets off rows that stand in them one by one: ``Ti [0.1, 0.2, 0.3]``."""
    return _ROW_IN_BRACKETS.sub(r" \1 ", text)


def bracketed_rows(text: str) -> TableText | None:
    """Return the rows of an array that is printed with its brackets; None if the text is none.

    Raises
    ------
    FrameProblem
        If numbers were left out (``...``), or nothing tells which of several arrays is the forces.
    """
    begins = _BEGINS.search(text)
    if begins is None:
        return None
    arrays, end = _arrays(text)
    if not arrays:
        return None
    if all(name is None and len(rows) == 1 for name, rows in arrays):  # each row is a list of its own
        arrays = [(None, [row for _, rows in arrays for row in rows])]
    named = [rows for name, rows in arrays if name and re.search(r"force|grad", name, re.IGNORECASE)]
    if len(arrays) > 1 and len(named) != 1:
        names = ", ".join(name or "unnamed" for name, _ in arrays[:6])
        raise FrameProblem(f"It holds {len(arrays)} arrays ({names}), and nothing tells which one is the forces.")
    rows = named[0] if named else arrays[0][1]
    before = [line for line in text[: begins.start()].split("\n") if line.strip()]
    around = [*before, _first_words(text, begins.start()), *text[end:].split("\n")[:20]]
    return TableText(tuple(rows), tuple(TextRow(0, (line.strip()[:400],)) for line in around if line.strip()), "[")


def _first_words(text: str, start: int) -> str:
    """Return what stands before the first bracket on its line, as a name: ``forces_Ha_bohr = ``."""
    return re.split(r"[\[({]", text[start : start + 200], maxsplit=1)[0].replace("\n", " ")


class _Scan:
    """Reads brackets, words and numbers in their order, and gathers the arrays."""

    def __init__(self) -> None:
        self.arrays: list[tuple[str | None, list[TextRow]]] = []
        self.line, self.end = 1, 0
        self._open: list[_Bracket] = []
        self._name: str | None = None

    def take(self, word: str, end: int) -> None:
        """Take one token that ends at `end`."""
        if word == "\n":
            self.line += 1
        if word in "[({":
            self._open.append(_Bracket(self.line, self._name))
        elif not self._open:
            if word[0].isalpha() and word.lower() not in _MAKERS:
                self._name = word
        elif word in "])}":
            self._close()
            self.end = end
        else:
            self._take_inside(word, self._open[-1])

    def _take_inside(self, word: str, bracket: _Bracket) -> None:
        if word in ("...", "…"):
            raise FrameProblem("Numbers are left out of it: an array was printed in short, with '...' in its middle.")
        if word in ";\n":
            bracket.breaks += [len(bracket.cells)] if bracket.cells else []
        elif word[0] in "+-.*0123456789'\"" or word.lower() in ("nan", "inf"):
            bracket.cells.append(word.strip("'\"").replace("*^", "e"))
            bracket.lines.append(self.line)
            self._name = word.strip("'\"") if word[0] in "'\"" else self._name
        elif word.lower() not in _MAKERS:
            self._name = word

    def _close(self) -> None:
        """End the innermost bracket: its numbers are a row (or several, parted by semicolons) of the one around it."""
        bracket = self._open.pop()
        rows = bracket.rows
        if not rows and any(word[:1] in set("+-.*0123456789nNiI") for word in bracket.cells):
            rows = _rows_of(bracket)
        if not self._open:
            if len(rows) > 1 or (rows and len(rows[0].cells) >= 3):
                self.arrays.append((bracket.name, rows))
            return
        around = self._open[-1]
        is_value_of_key = len(self._open) == 1 and bracket.rows and bracket.name not in (None, around.name)
        if is_value_of_key:
            self.arrays.append((bracket.name, rows))
        else:
            around.rows += rows


def _arrays(text: str) -> tuple[list[tuple[str | None, list[TextRow]]], int]:
    """Return the arrays, each with its name and its rows, and where the last one ends."""
    scan = _Scan()
    for token in _TOKEN.finditer(text):
        scan.take(token[0], token.end())
    return scan.arrays, scan.end


def _rows_of(bracket: _Bracket) -> list[TextRow]:
    edges = [0, *(at for at in dict.fromkeys(bracket.breaks) if 0 < at < len(bracket.cells)), len(bracket.cells)]
    parts = list(pairwise(edges))
    if len(parts) > 1 and {stop - start for start, stop in parts} != {3}:  # one long row on several lines
        parts = [(0, len(bracket.cells))]
    return [TextRow(bracket.lines[start], tuple(bracket.cells[start:stop])) for start, stop in parts]
