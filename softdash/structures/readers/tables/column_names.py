"""What the heading of a column says: force along x, a set called DFT, a unit in brackets or glued to the name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from softdash.structures.readers.tables.reference_set import is_set_word
from softdash.structures.units.unit_grammar import looks_like_unit, parse_length, parse_unit

HeadingKind = Literal["force", "gradient", "bare", "position", "other"]

_AXIS = re.compile(r"[xyzXYZ0-3]")
_FORCE_WORDS = frozenset(
    "f force forces kraft kräfte kraefte fuerza fuerzas forza forze força forças forca forcas kracht krachten "
    "сила силы 力".split()
)
_GRADIENT_WORDS = frozenset("g grad grads gradient gradients".split())
_POSITION_WORDS = frozenset(
    "pos position positions coord coords coordinate coordinates cart cartn r xyz frac fract fractional direct scaled "
    "posx crystal ort".split()
)
_FRACTIONAL_WORDS = frozenset("frac fract fractional direct scaled crystal u v w".split())
_OTHER_WORDS = frozenset(
    "v vel velo velocity velocities disp displ displacement displacements stress magmom mag moment moments spin dipole "
    "std stdev sigma err error errors unc uncertainty diff difference delta dev deviation residual momentum fixed "
    "constraint free charge virial lattice cell rms mean variance var rmse mae".split()
)
_NOISE = frozenset(
    "component components comp cartesian atomic on along direction dir axis the of in at atom atoms site val value "
    "values col column unit units acting total net and by per".split()
)
_NEGATIVE_WORDS = frozenset("neg negative minus".split())
_DERIVATIVE = re.compile(
    r"(?P<minus>-\s*)?(?:d|∂|δ|del)\s*[euv]?\w{0,3}?\s*[/_ ]?\s*(?:d|∂|δ|del)\s*_?r?_?(?P<axis>[xyz])(?![a-z])", re.I
)
_ONE_WORD = re.compile(
    r"(?P<force>f|forces?|kraft|fuerza)(?P<fa>[xyz0-3])|(?P<fb>[xyz])(?P<force2>f|forces?)"
    r"|(?P<gradient>g|grad|gradients?)(?P<ga>[xyz])"
    r"|(?P<position>pos|positions?|coords?|r|cart)(?P<pa>[xyz])"
    r"|(?P<fraction>frac|fract)(?P<ra>[xyz])"
    r"|(?P<other>v|vel|u|d|disp|m|s|p|q)(?P<oa>[xyz])"
)
_ONE_WORD_KINDS = ("force", "force2", "gradient", "position", "fraction", "other")
_KIND_OF_WORD = {
    **dict.fromkeys(_OTHER_WORDS, "other"),
    **dict.fromkeys(_NEGATIVE_WORDS, "negative"),
    **dict.fromkeys(_POSITION_WORDS, "position"),
    **dict.fromkeys(_GRADIENT_WORDS, "gradient"),
    **dict.fromkeys(_FORCE_WORDS, "force"),
}
_FORCE_WORD = re.compile(r"(?:f|forces?|g|grad|gradients?)[xyz]")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-zà-ÿ]+|[A-Z]+|\d+|[^\W\d_]+")
_FRACTION_LIKE = re.compile(r"^[xyz]\s*/\s*[abc]$")
_UNIT_BY_SIGN = re.compile(r"[/⁻]|\^\s*\(?-|\bper\b|\*\*\s*-|[A-Za-zÅ]-1\b")
_BRACKETS = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of one column.

    Attributes
    ----------
    text : str
        As written.
    kind : str
        ``"bare"`` for x, y, z alone; ``"other"`` for all that is neither force nor position along an axis.
    axis : str or None
        ``"x"``, ``"y"``, ``"z"``, or a digit.
    set_name : str
        The words that are left: ``"DFT"``, ``"CHGNet 0.3"``.
    unit : str or None
        What is written as a unit, understood or not.
    is_fractional : bool or None
        Whether a position is in units of the cell; None if it does not say.
    """

    text: str
    kind: HeadingKind = "other"
    axis: str | None = None
    set_name: str = ""
    unit: str | None = None
    is_fractional: bool | None = None


def read_heading(text: str) -> Heading:
    """Return what a heading says."""
    text = text.strip()[:120]
    base, inside = _without_brackets(text.replace("$", "").replace("{", "").replace("}", "").replace("\\", ""))
    unit: str | None = None
    words_inside: list[str] = []
    for content in inside:
        for part in re.split(r"[,;]", content):
            label, found = _label_and_unit(part.strip(" '\""))
            unit = unit or found
            words_inside += [label] if label else []
    if not base.strip() and words_inside:
        base, words_inside = " ".join(words_inside), []
    if _FRACTION_LIKE.match(base.strip().lower()):
        return Heading(text, "position", base.strip()[0].lower(), "", unit, is_fractional=True)
    derivative = _DERIVATIVE.search(base)
    if derivative:
        return _of_derivative(text, base, derivative, unit, words_inside)
    base, glued = _without_glued_unit(base)
    return _of_words(text, base, unit or glued, words_inside)


def _label_and_unit(text: str) -> tuple[str, str | None]:
    """Part what stands in brackets: ``DFT`` and ``eV/Å`` of ``DFT eV/Å``."""
    words = text.split()
    for start in range(len(words)):
        rest = " ".join(words[start:])
        if is_set_word(words[start]):
            continue
        if parse_unit(rest) is not None or parse_length(rest) is not None or looks_like_unit(rest):
            return " ".join(words[:start]), rest
        break
    return text, None


def _of_derivative(text: str, base: str, derivative: re.Match[str], unit: str | None, inside: list[str]) -> Heading:
    before, after = base[: derivative.start()], base[derivative.end() :]
    rest, glued = _without_glued_unit(f"x {after}".strip())
    names = [word for word in re.split(r"[\s_=:,]+", f"{before} {rest[1:]}") if word]
    is_force = bool(derivative["minus"]) or any(word.lower() in _NEGATIVE_WORDS for word in names)
    names = [word for word in names if word.lower() not in _NEGATIVE_WORDS | _FORCE_WORDS | _NOISE and len(word) > 1]
    kind: HeadingKind = "force" if is_force else "gradient"
    return Heading(text, kind, derivative["axis"].lower(), " ".join([*names, *inside]), unit or glued)


@dataclass(slots=True)
class _Gathered:
    """What the words of a heading have said so far."""

    axis: str | None = None
    kinds: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    is_fractional: bool | None = None

    def take(self, word: str) -> None:
        """Take one word."""
        lower = word.lower()
        one = _ONE_WORD.fullmatch(lower) if self.axis is None else None
        if one is not None:
            self.axis = next(value for value in one.group("fa", "fb", "ga", "pa", "ra", "oa") if value is not None)
            self._take_kind(next(kind for kind in _ONE_WORD_KINDS if one[kind] is not None))
        elif self.axis is None and (
            lower in ("x", "y", "z") or (lower in ("0", "1", "2", "3") and "force" in self.kinds)
        ):
            self.axis = lower
        elif lower in _KIND_OF_WORD:
            self._take_kind("fraction" if lower in _FRACTIONAL_WORDS else _KIND_OF_WORD[lower])
        elif lower not in _NOISE:
            self.names.append(word)

    def _take_kind(self, kind: str) -> None:
        self.is_fractional = True if kind == "fraction" else self.is_fractional
        self.kinds.add({"force2": "force", "fraction": "position"}.get(kind, kind))


def _of_words(text: str, base: str, unit: str | None, inside: list[str]) -> Heading:
    """Return the heading whose unit is known, by its words."""
    words = list(_words(base))
    surest = next((place for place, word in enumerate(words) if _FORCE_WORD.fullmatch(word.lower())), 0)
    said = _Gathered()
    for place, word in enumerate(words):
        if place >= surest or not _is_axis_word(word):  # not the y of "y_true fx"
            said.take(word)
    name = " ".join([*said.names, *inside])
    if said.axis is None or "other" in said.kinds:
        return Heading(text, "other", None, name, unit)
    kind: HeadingKind = "bare"
    if "gradient" in said.kinds:
        kind = "force" if "negative" in said.kinds else "gradient"
    elif "force" in said.kinds:
        kind = "force"
    elif "position" in said.kinds or (unit is not None and parse_length(unit) is not None):
        kind = "position"
    elif unit is not None and parse_unit(unit) is not None:
        kind = "force"
    return Heading(text, kind, said.axis, name, unit, said.is_fractional)


def _words(base: str) -> Iterator[str]:
    """Yield the words of a name; ``ForceX`` and ``fxDFT`` are two, ``CHGNet`` is one."""
    for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*|-", base):
        if word == "-":
            continue
        parts = re.split(r"-", word)
        if len(parts) > 1 and not any(_is_axis_word(part) for part in parts):
            yield word
            continue
        for part in parts:
            camel = _CAMEL.findall(part)
            if len(camel) > 1 and not _ONE_WORD.fullmatch(part.lower()) and any(map(_is_axis_word, camel)):
                yield from camel
            else:
                yield part


def _is_axis_word(word: str) -> bool:
    return word.lower() in ("x", "y", "z") or _ONE_WORD.fullmatch(word.lower()) is not None


def _without_brackets(text: str) -> tuple[str, list[str]]:
    """Return a text without its outermost brackets, and what stands in them; a closing one too many is dropped."""
    base: list[str] = []
    inside: list[str] = []
    opened: list[str] = []
    start = 0
    for place, sign in enumerate(text):
        if sign in _BRACKETS:
            if not opened:
                start = place + 1
            opened.append(_BRACKETS[sign])
        elif opened and sign == opened[-1]:
            opened.pop()
            if not opened:
                content = text[start:place].strip()
                is_axis = _AXIS.fullmatch(content) is not None
                inside += [] if is_axis else [content]
                base.append(f" {content} " if is_axis else " ")
        elif not opened and sign not in ")]":
            base.append(sign)
    if opened:
        inside.append(text[start:].strip())
    return "".join(base), [content for content in inside if content]


def _without_glued_unit(base: str) -> tuple[str, str | None]:
    """Part a name and the unit that stands behind it without brackets: ``fx_Ha_bohr``, ``Fx/eV Å⁻¹``, ``Fx in Ry/au``.

    Where it looks like a unit, with a slash or a negative power, it is returned whether it is understood or not.
    """
    starts = [match.start() for match in re.finditer(r"(?<=[\s_/,:\-.])[^\s_/,:\-.]", base)][:8]
    for start in starts:
        rest = base[start:].strip()
        if len(rest) < 2 or not _has_axis(base[:start]):
            continue
        if is_set_word(re.split(r"[\s_/,:]", rest, maxsplit=1)[0]):
            continue
        for spelling in dict.fromkeys((rest, rest.replace("_", "/"), rest.replace("_", " "))):
            if parse_unit(spelling) is not None:
                return base[:start].rstrip(" _/,:-."), spelling
    for start in starts:
        rest = base[start:].strip()
        if not _has_axis(base[:start]) or is_set_word(re.split(r"[\s_/,:.]", rest, maxsplit=1)[0]):
            continue
        is_behind_slash = base[start - 1] == "/" and len(rest) > 1 and not rest.isdigit()
        if is_behind_slash or (_UNIT_BY_SIGN.search(rest) and looks_like_unit(rest)):
            return base[:start].rstrip(" _/,:-."), rest
    return base, None


def _has_axis(text: str) -> bool:
    return any(map(_is_axis_word, _words(text)))
