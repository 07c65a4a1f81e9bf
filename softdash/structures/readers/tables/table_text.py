"""Text of a table as rows of cells: encodings, separators, decimal commas, comments, and numbers glued together."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from softdash.errors import InputError
from softdash.structures.readers.decompression import decode, refuse_binary
from softdash.structures.readers.numbers_in_text import is_number_word

_WIDE_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("−‐‑‒–—﹣－", "-"),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
        ),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
        "⁺": "+",
        **dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"),
    }
)
_COMMENT = re.compile(r"\s*(?:#|!|%|//|\*{2}\s)+")
_INLINE_COMMENT = re.compile(r"(?:(?<=[\s,;])[#!%]|//)")
_NUMBERED_BY_HASH = re.compile(r"^([ \t]*)#[ \t]*(?=\d{1,9}[\s,;|])", re.MULTILINE)
_GREP_PREFIX = re.compile(r"[^\s:,;]{1,100}\.[^\s:,;]{1,20}:|> ?")
_RULE = re.compile(r"[\s\-=_*+|:.~,;&\\]*")
_DECLARED_SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?\s*$", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eEdD][-+]?\d+)?")
_POINTS = re.compile(r"\d\.|\.\d")
_COMMA_IN_NUMBER = re.compile(r"\d,\d")
_COMMA_BEFORE_BLANK = re.compile(r"\d,\s")
_GLUED = re.compile(r"[-+]?\d*\.\d*(?:[eEdD][-+]\d+)?(?:-\d*\.\d*(?:[eEdD][-+]\d+)?)+")
_GLUED_MINUS = re.compile(r"(?<=[\d.])-(?=[\d.])")
_FRACTION_DIGITS_USUAL = 4


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line that is no comment: its number (from 1) and its cells."""

    line: int
    cells: tuple[str, ...]

    @property
    def number_count(self) -> int:
        """How many of its cells are numbers."""
        return sum(map(is_number_word, self.cells))


@dataclass(frozen=True, slots=True)
class TableText:
    """Rows of cells, and the comments between them.

    Attributes
    ----------
    rows : tuple of TextRow
        In the order of the file, headings and titles among them.
    comments : tuple of TextRow
        Whole lines of comment, each with its sign as written and its text as the only cell.
    separator : str
        What stands between cells; empty for blanks.
    """

    rows: tuple[TextRow, ...]
    comments: tuple[TextRow, ...] = ()
    separator: str = ""


def decode_table(content: bytes, name: str) -> str:
    """Return text in whatever encoding a spreadsheet or an editor writes, with plain minus signs and blanks.

    Raises
    ------
    InputError
        If it is no text.
    """
    for mark, encoding in _WIDE_ENCODINGS:
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                raise InputError(
                    "It begins like text in UTF-16 and goes on otherwise.",
                    where=name,
                    advice="Save it as plain text in UTF-8 and upload that.",
                ) from None
            return _plain(text.replace("\r\n", "\n").replace("\r", "\n"))
    refuse_binary(content[:8192], name)
    return _plain(decode(content))


def _plain(text: str) -> str:
    return text.translate(_CHARACTERS)


def without_line_prefix(text: str) -> str:
    """Return a text without what all its lines begin with: the file's name of ``grep``, the ``>`` of a quotation."""
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    found = _GREP_PREFIX.match(filled[0]) if len(filled) > 1 else None
    prefix = found[0].rstrip() if found is not None else ""
    if not prefix or not all(line.startswith(prefix) for line in filled):
        return text
    return "\n".join(line.removeprefix(prefix) for line in lines)


def split_rows(text: str) -> TableText:
    """Split text into rows of cells by the separator that most of its rows of numbers have."""
    rows: list[tuple[int, str]] = []
    comments: list[TextRow] = []
    declared: str | None = None
    remarks: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if _RULE.fullmatch(line):
            continue
        if found := _DECLARED_SEPARATOR.match(line):
            declared = found[1]
            continue
        if _COMMENT.match(line):
            comments.append(TextRow(number, (line.strip(),)))
            continue
        line, remark = _without_remark(line)
        rows.append((number, line))
        remarks.append(remark)
    lines = [line for _, line in rows]
    separator, cells = _cells(lines, declared)
    if _are_cells(lines, remarks):
        cells = [(*row, remark) if remark else row for row, remark in zip(cells, remarks, strict=True)]
    if _NUMBERED_BY_HASH.search(text) and not any(map(_has_numbers, lines)):
        return split_rows(_NUMBERED_BY_HASH.sub(r"\1", text))
    kept = tuple(TextRow(number, row) for (number, _), row in zip(rows, cells, strict=True) if any(row))
    return TableText(kept, tuple(comments), separator)


def _without_remark(line: str) -> tuple[str, str]:
    """Return a line of numbers without the comment behind them, and its text."""
    found = _INLINE_COMMENT.search(line)
    if found is None or not any(is_number_word(word) for word in re.split(r"[\s,;]+", line[: found.start()])):
        return line, ""
    return line[: found.start()].rstrip(), line[found.end() :].strip(" #!%/")


def _are_cells(lines: Sequence[str], remarks: Sequence[str]) -> bool:
    """Whether the comments behind the rows are a column of their own: one word behind each row of numbers."""
    beside = [remark for line, remark in zip(lines, remarks, strict=True) if remark or _has_numbers(line)]
    return bool(beside) and all(remark and " " not in remark for remark in beside)


def _has_numbers(line: str) -> bool:
    return sum(map(is_number_word, re.split(r"[\s,;|&]+", line))) >= 3


def _cells(lines: Sequence[str], declared: str | None) -> tuple[str, list[tuple[str, ...]]]:
    """Return the separator, and the cells of each line."""
    numeric = [line for line in lines if re.search(r"\d", line)] or list(lines)
    separator = declared if declared is not None else _separator(numeric)
    if separator == ",":
        if _commas_are_decimal(numeric):
            separator = ""
        elif _commas_are_decimal_and_more(numeric):
            return ",", [_with_points(re.split(r",\s+|,$", line.strip())) for line in lines]
    if not separator.strip() and separator != "\t":
        return "", [_with_points(_without_glue(line.split())) for line in lines]
    cells = [_with_points(_split(line, separator)) for line in lines]
    if separator == ",":
        cells = _with_joined_fractions(cells)
    return separator, _split_further(cells)


def _separator(lines: Sequence[str]) -> str:
    if _share(lines, lambda line: ";" in line) > 0.5:
        return ";"
    if _share(lines, lambda line: line.strip().count("\t") > 0) > 0.5:
        return "\t"
    for sign in ("|", "&"):
        if _share(lines, lambda line, sign=sign: line.count(sign) > 1) > 0.5:
            return sign
    return "," if _share(lines, lambda line: "," in line) > 0.5 else ""


def _share(lines: Sequence[str], holds: object) -> float:
    return sum(bool(holds(line)) for line in lines) / max(1, len(lines))  # type: ignore[operator]


def _commas_are_decimal(lines: Sequence[str]) -> bool:
    """Whether numbers with decimal commas stand between blanks: ``-3,10 0,04 -0,75``."""
    count = 0
    for line in lines:
        words = line.split()
        numbers = [word for word in words if "," in word]
        if not numbers:
            continue
        if not all(map(DECIMAL_COMMA.fullmatch, numbers)):
            return False
        count += len(numbers) >= 3 or len(words) > len(numbers)
    return count > 0.5 * len(lines)


def _commas_are_decimal_and_more(lines: Sequence[str]) -> bool:
    """Whether commas are decimal signs, and part the numbers where blanks follow: ``-3,10, 0,04, -0,75``."""
    return (
        not any(map(_POINTS.search, lines))
        and _share(lines, _COMMA_BEFORE_BLANK.search) > 0.9
        and _share(lines, _COMMA_IN_NUMBER.search) > 0.9
    )


def _split(line: str, separator: str) -> list[str]:
    if separator in "|&":
        line = line.strip().removesuffix("\\\\").strip().strip("|")
    if '"' in line:
        try:
            words = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        except (csv.Error, StopIteration):
            words = line.split(separator)
    else:
        words = line.split(separator)
    words = [_unquoted(word.strip()).strip() for word in words]
    while len(words) > 1 and not words[-1]:
        words.pop()
    return words


def _with_points(words: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of one line, numbers with decimal commas as numbers with points."""
    words = [_unquoted(word) for word in words]
    return tuple(word.replace(",", ".") if "," in word and DECIMAL_COMMA.fullmatch(word) else word for word in words)


def _unquoted(word: str) -> str:
    """Return a word without the quotes around it; the prime of a label (``O1'``) stays."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word.strip('"')


def _without_glue(words: Sequence[str]) -> list[str]:
    """Part numbers of a fixed width that touch: ``0.04044427-0.75373975``."""
    parted: list[str] = []
    for word in words:
        if "-" in word[1:] and len(word) < 400 and _GLUED.fullmatch(word):
            parted += _GLUED_MINUS.sub(" -", word).split()
        else:
            parted.append(word.rstrip(",;") if word.endswith((",", ";")) else word)
    return parted


def _split_further(cells: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Part cells that hold several numbers between blanks: ``Ti 0.1, 0.2, 0.3``, where most rows do."""

    def is_mixed(row: tuple[str, ...]) -> bool:
        return any(" " in cell and sum(map(is_number_word, cell.split())) > 0 for cell in row)

    numeric = [row for row in cells if sum(map(is_number_word, " ".join(row).split())) >= 3]
    if not numeric or sum(map(is_mixed, numeric)) < 0.5 * len(numeric):
        return cells
    return [tuple(" ".join(row).split()) if is_mixed(row) else row for row in cells]


def _with_joined_fractions(cells: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Join what commas parted where they are decimal signs and separators alike: ``-3,10965989,0,04044427``.

    Such rows have pairs of cells, each a whole number before digits without sign, and no decimal point at all.
    """
    body = [row for row in cells if sum(map(str.isdigit, (cell.lstrip("+-") for cell in row))) >= 6]
    if not body or len(body) < 0.5 * sum(bool(re.search(r"\d", "".join(row))) for row in cells):
        return cells
    first = next((place for place, cell in enumerate(body[0]) if cell.lstrip("+-").isdigit()), 0)
    for start in (first, first + 1):
        pairs = [(row[at], row[at + 1]) for row in body for at in range(start, len(row) - 1, 2)]
        if pairs and all(map(_is_pair, pairs)) and _are_fractions([digits for _, digits in pairs]):
            numeric = set(body)
            return [_joined(row, start) if row in numeric else row for row in cells]
    return cells


def _are_fractions(digits: Sequence[str]) -> bool:
    """Whether digits are those behind a decimal sign: many of them, or as many everywhere with zeros in front."""
    if sorted(map(len, digits))[len(digits) // 2] >= _FRACTION_DIGITS_USUAL:
        return True
    return len(set(map(len, digits))) == 1 and any(word.startswith("0") and len(word) > 1 for word in digits)


def _is_pair(pair: tuple[str, str]) -> bool:
    return bool(re.fullmatch(r"[-+]?\d{1,5}", pair[0]) and re.fullmatch(r"\d+(?:[eE][-+]?\d+)?", pair[1]))


def _joined(row: tuple[str, ...], start: int) -> tuple[str, ...]:
    pairs = [f"{row[at]}.{row[at + 1]}" for at in range(start, len(row) - 1, 2)]
    odd = row[-1:] if (len(row) - start) % 2 else ()
    return (*row[:start], *pairs, *odd)
