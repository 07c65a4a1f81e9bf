"""The syntax of CIF (https://www.iucr.org/resources/cif/spec/version1.1): blocks of tags and loops, nothing of meaning.

Own reader, since a file of a stranger may be anything: it takes one look at each character, and it takes what programs
really write (a loop around a single value, operations without quotes, DDLm's tags with dots).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from softdash.errors import InputError

UNKNOWN = frozenset({"?", "."})
"""What stands for a value that is not known, or has no meaning."""

LINE_LENGTH_MAX = 2_048
"""Of the CIF 1.1 standard."""

_CORRECT = "Correct the file and upload it again."
_KEYWORD = re.compile(r"(data_|loop_$|save_|global_$|stop_$)", re.IGNORECASE)
_OPERATION = re.compile(r"[-+\d./]*[xyz]", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?(\(\d*\)?)?")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a CIF: its text without quotes, whether it had any, and its line."""

    text: str
    is_quoted: bool
    line: int


@dataclass(slots=True)
class CifBlock:
    """One ``data_`` block.

    Attributes
    ----------
    name : str
        What follows ``data_``.
    line : int
        Where it begins.
    items : dict
        Values by tag: lower case, dots as underscores; a tag without a loop has one value.
    lines : dict
        Line of the first value by tag.
    """

    name: str
    line: int
    items: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def value(self, *tags: str) -> str | None:
        """Return the first known value of the first of `tags` that has one."""
        for tag in tags:
            for text in self.items.get(tag, ()):
                if text not in UNKNOWN and text.strip():
                    return text
        return None

    def column(self, *tags: str) -> list[str] | None:
        """Return all values of the first of `tags` that is there."""
        return next((self.items[tag] for tag in tags if tag in self.items), None)


def blocks_of(text: str, name: str) -> list[CifBlock]:
    """Return the blocks of a CIF called `name`.

    Raises
    ------
    InputError
        Naming the line, if it is not written as a CIF is.
    """
    if max(map(len, text.split("\n"))) > LINE_LENGTH_MAX:
        raise InputError(
            f"It has lines longer than {LINE_LENGTH_MAX:,} characters: no CIF is like this.",
            where=name,
            advice="Upload the structure as POSCAR or extended XYZ instead.",
        )
    blocks: list[CifBlock] = []
    tokens = _Tokens(text, name)
    while (token := tokens.take()) is not None:
        if not token.is_quoted and token.text.lower().startswith("data_"):
            blocks.append(CifBlock(token.text[5:], token.line))
        elif not token.is_quoted and token.text.lower() == "loop_":
            _loop(tokens, _last(blocks, token.line))
        elif not token.is_quoted and token.text.startswith("_"):
            _item(token, tokens, _last(blocks, token.line))
        # words that belong to nothing are passed over, as other programs do
    return blocks


def number_of(text: str) -> float | None:
    """Return the number in ``0.3350(3)`` or ``1.5E-1``, None where there is none."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    return float(text.strip()[: found.start(3) if found[3] is not None else None].replace("D", "e").replace("d", "e"))


def decimals_of(text: str) -> int:
    """Return the number of decimals with which the number in `text` is written: 4 of ``0.3350(3)``."""
    mantissa, _, exponent = text.strip().lower().replace("d", "e").partition("(")[0].partition("e")
    shift = int(exponent[:6]) if re.fullmatch(r"[+-]?\d{1,5}", exponent) else 0
    return max(len(mantissa.partition(".")[2]) - shift, 0)


def _last(blocks: list[CifBlock], line: int) -> CifBlock:
    if not blocks:  # some programs forget the name of the only block
        blocks.append(CifBlock("", line))
    return blocks[-1]


def _tag(text: str) -> str:
    return text.lower().replace(".", "_")


def _item(token: Token, tokens: _Tokens, block: CifBlock) -> None:
    value = tokens.take_value()
    if value is None:
        return  # a tag without its value: as good as unknown
    tag = _tag(token.text)
    if tag.endswith("_xyz") and not value.is_quoted:
        value = Token(_with_rest(value, tokens), False, value.line)
    if tag not in block.items:
        block.items[tag] = [value.text]
        block.lines[tag] = value.line


def _loop(tokens: _Tokens, block: CifBlock) -> None:
    tags: list[str] = []
    while (token := tokens.peek()) is not None and not token.is_quoted and token.text.startswith("_"):
        tags.append(_tag(token.text))
        tokens.take()
    if not tags:
        return
    holds_operations = any(tag.endswith("_xyz") for tag in tags)
    values: list[Token] = []
    while (value := tokens.take_value()) is not None:
        if holds_operations and not value.is_quoted and (len(tags) == 1 or _OPERATION.match(value.text)):
            value = Token(_with_rest(value, tokens), False, value.line)
        values.append(value)
    width = len(tags)
    if len(values) % width and not holds_operations and not any(tag.startswith("_atom_site_") for tag in tags):
        return  # of authors or reflections: nothing here needs it
    if len(values) % width:
        line = values[-1].line
        raise InputError(
            f"The list of {tags[0][:60]} ends within a row: it has {width} columns and {len(values)} values.",
            where=f"{tokens.name}, line {line}",
            advice=_CORRECT,
        )
    for column, tag in enumerate(tags):
        if tag not in block.items:
            block.items[tag] = [value.text for value in values[column::width]]
            block.lines[tag] = values[0].line if values else token.line if token else block.line


def _with_rest(value: Token, tokens: _Tokens) -> str:
    """Return an operation without quotes with what follows of it on its line: ``x, y, z`` are three words."""
    text = value.text
    while (token := tokens.peek()) is not None and token.line == value.line and not token.is_quoted:
        goes_on = text.count(",") < 2 or text[-1] in ",+-/" or token.text[0] in ",+/" or token.text == "-"
        if not goes_on:
            break
        text += f" {token.text}"
        tokens.take()
    return text


class _Tokens:
    """The words of a text, one at a time."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._words = _words(text, name)
        self._next: Token | None = None
        self._is_read = False

    def peek(self) -> Token | None:
        """Return the next word, None at the end."""
        if not self._is_read:
            self._next, self._is_read = next(self._words, None), True
        return self._next

    def take(self) -> Token | None:
        """Return the next word and go on."""
        token = self.peek()
        self._is_read = False
        return token

    def take_value(self) -> Token | None:
        """Return the next word if it is a value, no tag and no keyword."""
        token = self.peek()
        if token is None or (not token.is_quoted and (token.text.startswith("_") or _KEYWORD.match(token.text))):
            return None
        return self.take()


def _words(text: str, name: str) -> Iterator[Token]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line.startswith(";"):
            yield from _words_of_line(line, index)
            continue
        first = index
        content = [line[1:]]
        while index < len(lines) and not lines[index].startswith(";"):
            content.append(lines[index])
            index += 1
        if index == len(lines):
            raise InputError("A text that begins with ';' never ends.", where=f"{name}, line {first}", advice=_CORRECT)
        yield Token("\n".join(content).strip(), True, first)
        yield from _words_of_line(lines[index][1:], index + 1)
        index += 1


def _words_of_line(line: str, number: int) -> Iterator[Token]:
    position, length = 0, len(line)
    unclosed: set[str] = set()  # quotes that no later character of the line closes
    while position < length:
        letter = line[position]
        if letter.isspace():
            position += 1
            continue
        if letter == "#":
            return
        if letter in "'\"" and letter not in unclosed:
            end = _closing(line, letter, position + 1)
            if end is not None:
                yield Token(line[position + 1 : end], True, number)
                position = end + 1
                continue
            unclosed.add(letter)
        end = position
        while end < length and not line[end].isspace():
            end += 1
        yield Token(line[position:end], False, number)
        position = end


def _closing(line: str, quote: str, start: int) -> int | None:
    """Return the place of the quote that is followed by a blank: ``'Strel'tsov, V.A.'`` has it at its end."""
    end = line.find(quote, start)
    while end >= 0:
        if end + 1 == len(line) or line[end + 1].isspace():
            return end
        end = line.find(quote, end + 1)
    return None
