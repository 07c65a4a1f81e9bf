"""What a TOML card says of a potential: its keys, their defaults, and words for what is wrong with one.

``docs/extending.md`` shows such a file. Only `label` and `calculator` must be there.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ase.data import atomic_numbers, chemical_symbols
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from softdash.errors import InputError
from softdash.potentials.calculator_factory import PATH_PATTERN

ELEMENTS_OF_MPTRJ = frozenset(chemical_symbols[1:95]) - {"Po", "At", "Rn", "Fr", "Ra"}
"""The 89 elements of the training set of most universal potentials."""
FUNCTIONAL_NOT_STATED = "a functional not stated"

_TO_BE_STATED = ("weights", "functional", "training_set", "licence", "citation", "parameters", "date", "version")

# Those of `ase.build.bulk` whose cubic cell needs a lattice constant alone; the number of elements in their formulas.
_STRUCTURES = {"sc": 1, "fcc": 1, "bcc": 1, "diamond": 1, "zincblende": 2, "rocksalt": 2, "cesiumchloride": 2}
_KNOWN_STRUCTURE = re.compile(r"((?:[A-Z][a-z]?){1,2}) ([a-z]+) (\d+(?:\.\d+)?)")
_ALL = "all"
_VERSION = r"^(\d+(\.\d+)*)?$"
_PLACE = re.compile(r"\(at (.*)\)$")


class CardDescription(BaseModel):
    """The keys of a TOML card; `softdash.potentials.interface.PotentialCard` says what each means.

    `loader` is called before the calculator, which takes what it returns first; a file of `weights` that the arguments
    name is given with its full path; `version_from` and `version_below` say which versions of the package will do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    label: str = Field(min_length=1, max_length=80)
    calculator: str = Field(pattern=f"^{PATH_PATTERN}$")
    arguments: dict[str, Any] = {}
    loader: str | None = Field(None, pattern=f"^{PATH_PATTERN}$")
    loader_arguments: dict[str, Any] = {}
    device: str | None = None
    opens_pickles: bool = False
    weights: tuple[str, ...] = ()
    elements: frozenset[str] = ELEMENTS_OF_MPTRJ
    family: str | None = None
    forces: Literal["gradient", "direct"] = "gradient"
    functional: str = FUNCTIONAL_NOT_STATED
    training_set: str = "not stated"
    universal: bool = True
    licence: str = "not stated"
    citation: str = ""
    parameters: int | None = Field(None, gt=0)
    date: str = Field("", pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$|^$")
    version: str = "not stated"
    package: str | None = None
    version_from: str = Field("", pattern=_VERSION)
    version_below: str = Field("", pattern=_VERSION)
    install: str = ""
    queue: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    notes: tuple[str, ...] = ()
    tried: str = ""
    known_energies: dict[str, float] = {}

    @field_validator("date", mode="before")
    @classmethod
    def _as_text(cls, given: object) -> object:
        return given.isoformat() if isinstance(given, dt.date) else given

    @field_validator("elements", mode="before")
    @classmethod
    def _symbols(cls, given: object) -> object:
        parts = given.split(",") if isinstance(given, str) else given
        if not isinstance(parts, list) or not parts or not all(isinstance(part, str) for part in parts):
            raise ValueError
        return frozenset(symbol for part in parts for symbol in _elements_of(part.strip()))

    @field_validator("known_energies")
    @classmethod
    def _known_structures(cls, given: dict[str, float]) -> dict[str, float]:
        for structure in given:
            if not is_known_structure(structure):
                raise ValueError
        return given

    @model_validator(mode="after")
    def _loader_is_there(self) -> CardDescription:
        if self.loader_arguments and self.loader is None:
            raise ValueError
        return self


_EXPECTED = {
    "label": "a name for people, of at most 80 characters",
    "calculator": 'a text like "package.module:Factory"',
    "loader": 'a text like "package.module:function"',
    "arguments": "a table of keyword arguments",
    "loader_arguments": "a table of keyword arguments, beside a loader",
    "weights": "a list of file names",
    "elements": 'a list of symbols and ranges, ["H-Bi", "Th", "U"], or "all"',
    "forces": '"gradient" or "direct"',
    "parameters": "a whole number above 0",
    "date": "a date, 2025-04-10, or its year",
    "queue": "a name of letters, digits, '.', '_' and '-'",
    "notes": "a list of sentences",
    "known_energies": 'a table of energies in eV/atom by cubic crystals, {"NaCl rocksalt 5.69" = -3.38}; structures: '
    + ", ".join(_STRUCTURES),
    "version_from": 'a version in quotation marks, as in "0.13"',
    "version_below": 'a version in quotation marks, as in "2"',
    "opens_pickles": "true or false",
    "universal": "true or false",
}


def read_description(text: str, where: str) -> CardDescription:
    """Read a card.

    Parameters
    ----------
    text : str
        TOML.
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        With the key, or the line, that is wrong, and what belongs there.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        raise InputError(
            f"This is no TOML{f': look at {place[1]}' if place else ''}.".replace("end of document", "its end"),
            where=where,
            advice='Texts stand in quotation marks, as in label = "ORB v3"; each key once.',
        ) from None
    try:
        return CardDescription.model_validate(document)
    except ValidationError as error:
        what, advice = _told(error, document)
        raise InputError(what, where=where, advice=advice) from None


def is_known_structure(structure: str) -> bool:
    """Whether a crystal can be built from its name, ``"NaCl rocksalt 5.69"``."""
    read = _KNOWN_STRUCTURE.fullmatch(structure)
    if read is None:
        return False
    symbols = re.findall("[A-Z][a-z]?", read[1])
    return (
        all(symbol in atomic_numbers for symbol in symbols)
        and len(symbols) == _STRUCTURES.get(read[2])
        and float(read[3]) > 0
    )


def _elements_of(part: str) -> Sequence[str]:
    if part.lower() == _ALL:
        return chemical_symbols[1:]
    first, dash, last = part.partition("-")
    low, high = atomic_numbers.get(first, 0), atomic_numbers.get(last if dash else first, 0)
    if not 0 < low <= high:
        raise ValueError
    return chemical_symbols[low : high + 1]


def _told(error: ValidationError, document: Mapping[str, Any]) -> tuple[str, str]:
    """Say which key is wrong and what to do; pydantic's own words are for programmers."""
    wrong = error.errors(include_url=False, include_input=False, include_context=False)
    # A misspelt key is also a missing one: say the former.
    first = next((one for one in wrong if one["type"] == "extra_forbidden"), wrong[0])
    key = str(first["loc"][0]) if first["loc"] else "loader_arguments"
    if first["type"] == "missing":
        return f"The key `{key}` is missing.", f"Add it: {_EXPECTED[key]}."
    if first["type"] == "extra_forbidden":
        alike = difflib.get_close_matches(key, CardDescription.model_fields, n=1)
        known = ", ".join(CardDescription.model_fields)
        return f"A card has no key `{key}`.", f"Is `{alike[0]}` meant?" if alike else f"Its keys: {known}."
    shown = repr(document.get(key))
    short = f"{shown[:60]}…" if len(shown) > 60 else shown
    return f"The key `{key}` cannot be {short}.", f"Write {_EXPECTED.get(key, 'a text in quotation marks')}."


def description_text(described: Mapping[str, Any]) -> str:
    """Return a card as TOML, with its defaults written out; what nobody has stated yet stands in a comment.

    Parameters
    ----------
    described : mapping
        Keys of a card and their values, as `CardDescription.model_dump` gives them.
    """
    lines, open_keys = [], []
    for key, field in CardDescription.model_fields.items():
        value: Any = described.get(key)
        if key in _TO_BE_STATED and value == field.default:
            open_keys.append(key)
        elif value not in (None, "", (), {}, False) or key == "universal":
            lines.append(f"{key} = {toml_value(element_ranges(value) if key == 'elements' else value)}")
    if open_keys:
        lines.append(f"# Not stated yet: {', '.join(open_keys)}")
    return "\n".join(lines) + "\n"


def element_ranges(symbols: frozenset[str]) -> list[str]:
    """Return symbols as ranges by atomic number: ``["H-Bi", "Th"]``."""
    numbers = sorted(atomic_numbers[symbol] for symbol in symbols)
    starts = [place for place, number in enumerate(numbers) if place == 0 or number != numbers[place - 1] + 1]
    runs = [numbers[start:end] for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True)]
    return ["-".join(chemical_symbols[number] for number in dict.fromkeys((run[0], run[-1]))) for run in runs]


def toml_value(value: object) -> str:
    """Return a value in TOML's spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_quoted(str(key))} = {toml_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple | frozenset):
        return f"[{', '.join(toml_value(one) for one in value)}]"
    if isinstance(value, int | float):
        return repr(value)
    return _quoted(str(value))


def _quoted(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'
