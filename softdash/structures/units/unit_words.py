"""The words of units and the tokens that a text about units falls into; `unit_grammar` reads them.

Numbers are those of `ase.units` (CODATA 2014). They are looked up when the first unit is read: this module is imported
where nothing else of ase is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["word", "power", "/", "*", "-", " ", "(", ")", "number", "other"]

MOLAR = frozenset({"kcal", "cal", "kJ"})
"""Energies that are forces per length only with "per mole"."""


@dataclass(frozen=True, slots=True)
class UnitWord:
    """A word of a unit.

    Attributes
    ----------
    name : str
        The usual spelling.
    size : float
        In eV, Å and particles.
    energy, length, amount : int
        Powers of its dimension; a newton is energy per length.
    """

    name: str
    size: float
    energy: int = 0
    length: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text: `start` and `end` are its place, `text` is folded, `power` the exponent of a word."""

    kind: Kind
    text: str
    start: int
    end: int
    power: int | None = None


@cache
def unit_words() -> dict[str, UnitWord]:
    """Return all words by their spelling in lower case without accents."""
    from ase import units

    words: dict[str, UnitWord] = {}

    def add(word: UnitWord, *spellings: str) -> None:
        words.update(dict.fromkeys(spellings, word))

    for prefix, long, size in (("", "", 1.0), ("m", "milli", 1e-3), ("u", "micro", 1e-6), ("k", "kilo", 1e3)):
        volt = (f"{prefix}ev", f"{long}electronvolt", f"{long}electronvolts")
        add(UnitWord(f"{prefix}eV", size, energy=1), *volt)
        if prefix == "k":
            continue
        rydberg = [prefix + name for name in ("ry", "ryd", "rydberg", "rydbergs")]
        hartree = [prefix + name for name in ("ha", "eh", "e_h", "hartree", "hartrees")]
        add(UnitWord(f"{prefix}Ry", size * units.Rydberg, energy=1), *rydberg, f"{long}rydberg", f"{long}rydbergs")
        add(UnitWord(f"{prefix}Ha", size * units.Hartree, energy=1), *hartree, f"{long}hartree", f"{long}hartrees")
    add(UnitWord("Ha", units.Hartree, energy=1), "hart", "htr")
    joule = units.J
    add(UnitWord("J", joule, energy=1), "j", "joule", "joules")
    add(UnitWord("kJ", 1e3 * joule, energy=1), "kj", "kilojoule", "kilojoules")
    add(UnitWord("aJ", 1e-18 * joule, energy=1), "aj", "attojoule", "attojoules")
    add(UnitWord("kcal", units.kcal, energy=1), "kcal", "kcals", "kilocalorie", "kilocalories")
    add(UnitWord("cal", 1e-3 * units.kcal, energy=1), "cal", "cals", "calorie", "calories")
    newton = joule / units.m
    for prefix, size in (("", 1.0), ("milli", 1e-3), ("micro", 1e-6), ("nano", 1e-9), ("pico", 1e-12)):
        name = {"": "N", "milli": "mN", "micro": "µN", "nano": "nN", "pico": "pN"}[prefix]
        add(UnitWord(name, size * newton, energy=1, length=-1), f"{prefix}newton", f"{prefix}newtons")
    add(UnitWord("dyn", 1e-5 * newton, energy=1, length=-1), "dyn", "dyne", "dynes")
    add(UnitWord("mdyn", 1e-8 * newton, energy=1, length=-1), "mdyn", "mdyne", "millidyne")
    angstrom = ("a", "ang", "angst", "angstr", "angstrom", "angstroms", "angstroem", "angs", "aa", "aangstrom")
    add(UnitWord("Å", 1.0, length=1), *angstrom)
    bohr = ("bohr", "bohrs", "a0", "a_0", "a_b", "ao", "au", "bohrradius", "bohrradii", "b")
    add(UnitWord("bohr", units.Bohr, length=1), *bohr)
    add(UnitWord("nm", units.nm, length=1), "nm", "nanometer", "nanometers", "nanometre", "nanometres")
    add(UnitWord("pm", 1e-2, length=1), "pm", "picometer", "picometers", "picometre", "picometres")
    add(UnitWord("m", units.m, length=1), "m", "meter", "meters", "metre", "metres")
    add(UnitWord("cm", 1e-2 * units.m, length=1), "cm", "centimeter", "centimetre")
    add(UnitWord("mol", units.mol, amount=1), "mol", "mole", "moles", "mols")
    add(UnitWord("Ha", units.Hartree, energy=1), "h")
    return words


# Newtons by letters are told from words and elements by their case (nN, not NN for a neural network, not Mn).
_NEWTONS = {"N": "newton", "mN": "millinewton", "uN": "micronewton", "nN": "nanonewton", "pN": "piconewton"}
# Mega-electronvolts and newton-metres are none of ours: who writes them is asked.
NEVER = frozenset({"MeV", "MRy", "MHa", "MEh", "Nm"})


def unit_word(text: str) -> UnitWord | None:
    """Return the word that `text` (folded, in its own case) is."""
    if text in NEVER:
        return None
    lower = re.sub(r"[\s-]|(?<=r)_(?=r)", "", text.lower())
    if lower in ("a.u.", "a.u", "at.u."):
        lower = "au"
    return unit_words().get(_NEWTONS.get(text, lower))


_GLUED = re.compile(
    r"(?P<energy>[mu]?(?:eV|ev|EV|Ry|ry|RY|Ryd|Rydberg|Ha|ha|HA|Hartree|hartree|Eh)|kcal|cal|kJ)?"
    r"(?P<per>per|Per)?(?P<amount>mol)?(?P<per2>per|Per)?"
    r"(?P<length>A|a|ang|Ang|ANG|angst|Angst|[aA]ngstroms?|[bB]ohrs?|BOHR|au|Au|AU|nm|pm)"
)


def glued_words(text: str) -> tuple[UnitWord, ...]:
    """Return the words of a run such as ``eVA``, ``HaBohr`` or ``molA``; none if it is no such run."""
    match = _GLUED.fullmatch(text) if len(text) <= 30 else None
    if match is None or match["energy"] is match["amount"] is None:
        return ()
    single = match["length"] in ("A", "a")
    if single and not (match["amount"] or match["per"] or match["energy"].lower().endswith("ev")):
        return ()
    words = [unit_word(match[part]) for part in ("energy", "amount", "length") if match[part]]
    return tuple(word for word in words if word is not None)


_TEX = (
    (re.compile(r"\\(?:d|t)?frac\s{0,3}\{([^{}]{1,40})\}\s{0,3}\{([^{}]{1,40})\}"), r"(\1)/(\2)"),
    (re.compile(r"\\(?:AA|aa)(?![A-Za-z])"), "Å"),
    (re.compile(r"\\(?:cdot|times)(?![A-Za-z])"), "·"),
    (re.compile(r"\\per(?![A-Za-z])"), "/"),
    (re.compile(r"\\(?:mathrm|mathring|r|text|textrm|rm|operatorname|mbox|si|unit)(?![A-Za-z])"), " "),
    (re.compile(r"\\[,;:! ]|~"), " "),
    (re.compile(r"(?<=[\^_])\s?\{\s?([-+−]?\s?\w{1,3})\s?\}"), r"\1"),
    (re.compile(r"[\\$]"), ""),
)
# What becomes of Å where a file is read in another encoding than it was written in.
_MISREAD = (("Ã…", "Å"), ("Ã\x85", "Å"), ("â„«", "Å"), ("Â·", "·"), ("Â", ""))
_RING = re.compile("[°˚º] ?A(?![A-Za-z])|(?:Å|(?<![A-Za-z])A) ?[°˚º]")  # an ångström put together by hand
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴-⁹]+")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑‒﹣－", "-"),
        **dict.fromkeys("⁄∕／÷", "/"),
        **dict.fromkeys("·⋅∙•×✕", "*"),
        "μ": "u",
        "ø": "o",
        "\ufffd": "A",
        "{": "(",
        "}": ")",
        "[": "(",
        "]": ")",
        "\u200b": " ",
        "\ufeff": " ",
    }
)


def tidied(text: str) -> str:
    """Return `text` without TeX, in composed characters: what a message shows."""
    if "\\" in text or "$" in text or "{" in text or "~" in text:
        for pattern, plain in _TEX:
            text = pattern.sub(plain, text)
    for wrong, right in _MISREAD:
        text = text.replace(wrong, right)
    text = _RING.sub("Å", text)
    text = _SUPERSCRIPT.sub(r"^\g<0>", text)  # else a superscript becomes one more digit of the number before it
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def folded(text: str) -> str:
    """Return tidied `text` in ASCII letters and signs where there are any, letter by letter: places stay."""
    plain = text.translate(_ALIKE)
    if plain.isascii():
        return plain
    bases = (unicodedata.normalize("NFD", letter)[0] for letter in plain)
    return "".join(base if base.isascii() else letter for base, letter in zip(bases, plain, strict=True))


_TOKEN = re.compile(
    r"""
    (?P<number> (?<![a-z]) (?:\d+\.?\d*|\.\d+) (?:[ed][-+]?\d+)? )
  | (?P<word> a\.\ ?u\.?(?![a-z0-9]) | at\.u\. | a_?0(?!\d) | a_b(?![a-z])
             | bohr[ _-]radi(?:us|i) | [mu]?e_h(?![a-z]) | electron[ -]volts? | [a-z]+ )
    (?P<power> \ ?(?:\^|\*\*)\ ?\(?\ ?[-+]?\d\ ?\)?(?!\d|\.\d) | [-+]?\d(?!\d|\.\d) )?
  | (?P<grouppower> (?<=\)) \ ?(?:\^|\*\*)?\ ?\(?[-+]?\d\)?(?!\d|\.\d) )
  | (?P<slash> \ ?/\ ? )
  | (?P<times> \ ?(?:\*|\.)(?!\*)\ ? )
  | (?P<line> [-_]+ )
  | (?P<space> \ + )
  | (?P<open> \( )
  | (?P<close> \) )
  | (?P<other> . )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_KINDS: dict[str, Kind] = {
    "number": "number",
    "word": "word",
    "power": "word",
    "grouppower": "power",
    "slash": "/",
    "times": "*",
    "line": "-",
    "space": " ",
    "open": "(",
    "close": ")",
    "other": "other",
}


def tokens_of(plain: str) -> list[Token]:
    """Return the tokens of a folded text."""
    found = []
    for match in _TOKEN.finditer(plain):
        group = match.lastgroup or "other"
        text, kind = match[0], _KINDS[group]
        power = None
        if kind == "word":
            text = match["word"]
            power = _power(match["power"]) if match["power"] else None
            if text.lower() == "per":
                kind, text = "/", "/"
        elif kind == "power":
            power = _power(text)
        found.append(Token(kind, text, match.start(), match.end(), power))
    return found


def _power(text: str) -> int:
    return int(re.sub(r"[^-+\d]", "", text))
