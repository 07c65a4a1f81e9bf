"""One unit of force, however it is written: ``Ry/au``, ``kcal mol⁻¹ Å⁻¹``, ``eV per Å``, ``Ha_bohr``.

A unit is understood if its words give an energy per length (per mole where the energy is molar); nothing is guessed
from a single word of energy. The words stand in `softdash.structures.units.unit_words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, get_args

from softdash.structures.units.unit_words import (
    MOLAR,
    NEVER,
    Token,
    UnitWord,
    folded,
    glued_words,
    tidied,
    tokens_of,
    unit_word,
)

_LENGTH_MAX = 80
NamedUnit = Literal[
    "eV/Å",
    "meV/Å",
    "eV/nm",
    "eV/pm",
    "eV/bohr",
    "Ry/bohr",
    "mRy/bohr",
    "Ry/Å",
    "Ha/bohr",
    "mHa/bohr",
    "Ha/Å",
    "kcal/mol/Å",
    "kcal/mol/bohr",
    "kJ/mol/Å",
    "kJ/mol/nm",
    "nN",
    "N",
]
"""Units of force that people choose by name; any other one may be stated that this module understands."""

_NAMED = get_args(NamedUnit)


@dataclass(frozen=True, slots=True)
class ParsedUnit:
    """A unit of force.

    Attributes
    ----------
    name : str
        As in `ReadOptions.force_unit` if it is one of these, else as written.
    factor : float
        eV/Å of one unit.
    """

    name: str
    factor: float


# What stands for a unit as a whole. "Atomic units" are Hartree's unless Rydberg is named, as everywhere but in old
# programs; "metal", "real" and "electron" are LAMMPS's names, and stand only after the word "units".
_PHRASES = {
    **dict.fromkeys(("au", "a.u.", "a.u", "at.u.", "at. u.", "atomic unit", "atomic units", "at. units"), "Ha/bohr"),
    **dict.fromkeys(("atomic", "hartree atomic units", "atomic hartree units", "hartree units"), "Ha/bohr"),
    **dict.fromkeys(("hartree a.u.", "a.u. (hartree)", "atomic units (hartree)"), "Ha/bohr"),
    **dict.fromkeys(("rydberg atomic units", "atomic rydberg units", "rydberg units", "rydberg a.u."), "Ry/bohr"),
    **dict.fromkeys(("a.u. (rydberg)", "atomic units (rydberg)"), "Ry/bohr"),
    **dict.fromkeys(("si", "si units"), "N"),
    **dict.fromkeys(("metal units", "lammps metal", "lammps metal units"), "eV/Å"),
    **dict.fromkeys(("real units", "lammps real", "lammps real units"), "kcal/mol/Å"),
}
_MULTIPLE = re.compile(
    r"(?:[x*] ?)?(?:10 ?(?=[-+^])\^? ?\(?([-+]?\d{1,2})\)?|1e([-+]?\d{1,2})|(0\.0{0,8}1|10{1,9}))[ *x]+(?=\S)",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"^(?:[\s,;:=_/|*-]+|(?:in|units?|unit of|units of)\b[\s:=_-]*)+", re.IGNORECASE)


@lru_cache(maxsize=512)
def parse_unit(text: str) -> ParsedUnit | None:
    """Return the unit of force that `text` is (``Ry/au``, ``kcal mol⁻¹ Å⁻¹``, ``10^-3 Ha/bohr``); None if it is none.

    The text is a unit and nothing else; brackets around it, a slash before it (``Fx/eV Å⁻¹``) and brackets that are
    lost do not matter. ``N`` is newton: texts that may be elements are not for this function.
    """
    if not text or len(text) > _LENGTH_MAX:
        return None
    shown = tidied(text).strip(" ,;:=|")
    plain = folded(shown)
    plain = re.sub(r"(?<=[A-Za-z0]) (-\d)(?![\d.])", r"\1", plain)  # "mol -1", as copied from a PDF
    plain = _unbracketed(_BEFORE.sub("", plain))
    if (phrase := plain.lower().replace("_", " ")) in _PHRASES:
        name = _PHRASES[phrase]
        return ParsedUnit(name, named_units()[name])
    multiple = 1.0
    if match := _MULTIPLE.match(plain):
        power, exponent, decimal = match.groups()
        multiple = float(decimal) if decimal else 10.0 ** int(power or exponent)
        plain = plain[match.end() :]
        if plain.lower() in _PHRASES:
            return named(multiple * named_units()[_PHRASES[plain.lower()]], shown)
    factor = factor_of(tokens_of(plain))
    if factor is not None:
        return named(multiple * factor, _unbracketed(_BEFORE.sub("", shown)))
    return _beside_labels(shown)


def _beside_labels(text: str) -> ParsedUnit | None:
    """Return the unit in a text that also has labels: ``eV/Å, PBE``, ``eV/Å (DFT)``, ``DFT eV/Å``."""
    pieces = [piece for piece in re.split(r"[,;|]| [(\[]", _unbracketed(text)) if piece.strip(" ()[]")]
    if len(pieces) > 1:
        units = [unit for piece in pieces if (unit := parse_unit(piece)) is not None]
        unclear = [piece for piece in pieces if parse_unit(piece) is None and looks_like_unit(piece)]
        return units[0] if len({unit.factor for unit in units}) == 1 and not unclear else None
    words = _unbracketed(text).split()
    while len(words) > 1 and len(words[0]) > 1 and words[0].lower() in LABELS:
        del words[0]
    while len(words) > 1 and len(words[-1]) > 1 and words[-1].lower() in LABELS:
        del words[-1]
    rest = " ".join(words)
    return parse_unit(rest) if rest and rest != text and len(rest) < len(text) else None


def parse_length(text: str) -> float | None:
    """Return the Å of one unit of length (``Å``, ``bohr``, ``a.u.``, ``nm``, ``pm``); None if `text` is none."""
    if not text or len(text) > _LENGTH_MAX:
        return None
    plain = _unbracketed(_BEFORE.sub("", folded(tidied(text)).strip(" ,;:=|")))
    if plain.lower() in ("atomic units", "atomic unit"):
        plain = "au"
    word = unit_word(plain)
    return None if word is None or (word.energy, word.length, word.amount) != (0, 1, 0) else word.size


@cache
def named_units() -> dict[str, float]:
    """Return the units that can be chosen, in eV/Å."""
    factors = {name: factor_of(tokens_of(folded(name))) for name in _NAMED}
    return {name: factor for name, factor in factors.items() if factor is not None}


def named(factor: float, shown: str) -> ParsedUnit:
    """Return the unit of `factor` eV/Å under its usual name, else as `shown`."""
    for name, known in named_units().items():
        if abs(factor / known - 1) < 1e-9:
            return ParsedUnit(name, known)
    return ParsedUnit(shown[:40], factor)


def _unbracketed(text: str) -> str:
    """Return `text` without brackets around all of it, and without those whose other half is lost."""
    while text[:1] in ("(", "[", "{") and _closing(text) in (None, len(text) - 1):
        text = text[1:-1] if _closing(text) is not None else text[1:]
        text = text.strip()
    while text[-1:] in (")", "]", "}") and text.count(text[-1]) > text.count({")": "(", "]": "[", "}": "{"}[text[-1]]):
        text = text[:-1].strip()
    return text.strip(" ,;:=|")


def _closing(text: str) -> int | None:
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            return place
    return None


@dataclass(slots=True)
class _Part:
    word: UnitWord
    sign: int
    power: int = 1
    after_slash: bool = False


def factor_of(tokens: Sequence[Token]) -> float | None:
    """Return eV/Å of one unit; None if the tokens are no unit of force.

    Three ways of reading are tried, and the first that gives a force is taken: the slash divides by the next word or
    bracket (``kcal/(mol Å)``); all words after a slash divide (``kcal/mol-Å``); words joined by a line or by nothing,
    as in file names, divide by the length (``Ha_bohr``, ``eVA``).
    """
    parts = _parts(tokens)
    if not parts or not _letters_are_clear(tokens, parts):
        return None
    strictly = [(part.word, part.sign * part.power) for part in parts]
    below = [(part.word, -abs(part.power) if part.after_slash else part.power) for part in parts]
    readings = [strictly, below]
    if all(token.kind in ("word", "-") and token.power is None for token in tokens) and 2 <= len(parts) <= 3:
        readings.append([(part.word, 1 if part.word.energy else -1) for part in parts])
    return next((factor for reading in readings if (factor := _force(reading)) is not None), None)


def _parts(tokens: Sequence[Token]) -> list[_Part]:
    """Return the words with their signs; none where a token is no part of a unit."""
    parts: list[_Part] = []
    groups: list[tuple[int, int]] = []  # sign, and number of parts before it
    sign, pending, slash, closed = 1, 1, False, None
    for token in tokens[:25]:
        if token.kind == "/":
            pending, slash = -1, True
        elif token.kind == "(":
            groups.append((sign, len(parts)))
            sign, pending = sign * pending, 1
        elif token.kind == ")":
            if groups:
                sign, closed = groups.pop()
        elif token.kind == "power":
            for part in parts[closed:] if closed is not None else ():
                part.power *= token.power or 0
        elif token.kind == "word":
            word = unit_word(token.text)
            words = glued_words(token.text) if word is None else (word,)
            if not words:
                return []
            parts += [_Part(one, sign * pending, 1, slash) for one in words[:-1]]
            parts.append(_Part(words[-1], sign * pending, 1 if token.power is None else token.power, slash))
            pending = 1
        elif token.kind in ("number", "other"):
            return []
    return parts if len(tokens) <= 25 else []


def _letters_are_clear(tokens: Sequence[Token], parts: Sequence[_Part]) -> bool:
    """Return whether H (hartree) and b (bohr) stand where they can be nothing else."""
    letters = {token.text.lower() for token in tokens if token.kind == "word"}
    if "h" in letters and (
        [token.kind for token in tokens] != ["word", "/", "word"]
        or [part.word.name for part in parts] != ["Ha", "bohr"]
    ):
        return False
    return "b" not in letters or any(part.word.name.endswith(("Ha", "Ry")) for part in parts)


def _force(parts: Iterable[tuple[UnitWord, int]]) -> float | None:
    parts = list(parts)
    energy = sum(word.energy * power for word, power in parts)
    length = sum(word.length * power for word, power in parts)
    amount = sum(word.amount * power for word, power in parts)
    energies = [word.name for word, power in parts if word.energy]
    if (energy, length) != (1, -1) or len(energies) != 1 or len(parts) > 3:
        return None
    molar = energies[0] in MOLAR
    if amount not in ((-1,) if molar else (0, -1) if energies[0] == "J" else (0,)):
        return None
    factor = 1.0
    for word, power in parts:
        factor *= word.size**power
    return factor


_UNKNOWN_UNITS = frozenset(
    "lbf kgf gf ozf erg ergs hz thz ghz gpa mpa kpa kbar mbar psi atm torr furlong furlongs inch inches foot feet mile "
    "miles yard yards alat fm km kn percent".split()
)
LABELS = frozenset(
    "dft ref reference pbe pbesol lda gga scan r2scan hse hse06 pbe0 b3lyp vasp qe gpaw cp2k castep abinit aims siesta "
    "orca gaussian chgnet mace m3gnet mlip ml nn model pred prediction predicted true target label hf mp2 ccsd paw "
    "tzvp tzp dz dzp dzvp cbs qm mm u d3 d4 n w o x y z and or".split()
)
_ALONE = frozenset(
    {"A", "a", "B", "b", "H", "h", "J", "j", "M", "m", "cal", "mol", "mole", "Cal", "Ao", "ao", "AA", "aa"}
)
_DERIVATIVE = re.compile(
    r"[-+]?\(?\s?(?:d|∂|\\?partial|delta|grad)\s?_?[EeUuVv]?\w{0,3}\s?/\s?\(?(?:d|∂|\\?partial|delta)\s?_?[xyzrRq]"
)


def looks_like_unit(text: str, *, in_prose: bool = False) -> bool:
    """Return whether `text`, in brackets or after the name of a column, is meant as a unit, understood or not.

    ``foo/Å``, ``eV``, ``lbf`` and ``1/furlong`` are; labels such as ``DFT``, ``PBE/DZP`` and ``relaxed`` are not, nor a
    derivative such as ``dE/dx``. In prose a slash alone does not tell: a word of a unit has to be there.
    """
    text = text[:_LENGTH_MAX]
    if _DERIVATIVE.search(text) or re.fullmatch(r" *\(?[nN]\.?/[aA]\.?\)? *", text):
        return False
    if parse_unit(text) is not None or re.fullmatch(r"[ (\[]*[ÅÅ][ )\]]*", text):
        return True
    plain = folded(tidied(text)).strip(" ()")
    if re.search(r"(?i)\bunits?\b(?! ?cells?\b)", plain) and not in_prose:
        return True
    tokens = tokens_of(plain)
    words = [token for token in tokens if token.kind == "word"]
    if plain.strip() == "%" or not words:
        return plain.strip() == "%"
    unit_like = [word for word in words if _is_unit_like(word.text)]
    divided = any(token.kind == "/" for token in tokens) or any((word.power or 0) < 0 for word in words)
    if divided:
        # The letters that are units only in company count here: "foo/Å" is one.
        if unit_like or any(word.text not in "Hh" and _is_length_or_energy(word.text) for word in words):
            return True
        return not in_prose and not any(word.text.lower() in LABELS for word in words)
    return bool(unit_like) and len(words) <= 3


def _is_unit_like(text: str) -> bool:
    return text not in _ALONE and (
        text in NEVER or unit_word(text) is not None or bool(glued_words(text)) or text.lower() in _UNKNOWN_UNITS
    )


def _is_length_or_energy(text: str) -> bool:
    word = unit_word(text)
    return word is not None and bool(word.energy or word.length)
