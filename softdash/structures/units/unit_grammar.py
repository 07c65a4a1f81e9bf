"""Units of force in running text: comment lines, headings and names of files.

A single unit is read by `softdash.structures.units.unit_expressions`, whose functions are here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from softdash.structures.units.unit_expressions import ParsedUnit as ParsedUnit
from softdash.structures.units.unit_expressions import factor_of, named
from softdash.structures.units.unit_expressions import looks_like_unit as looks_like_unit
from softdash.structures.units.unit_expressions import parse_length as parse_length
from softdash.structures.units.unit_expressions import parse_unit as parse_unit
from softdash.structures.units.unit_words import Token, folded, glued_words, tidied, tokens_of, unit_word

_LINE_MAX = 600
_TOKENS_MAX = 12


@dataclass(frozen=True, slots=True)
class UnitMention:
    """A unit that a text names.

    Attributes
    ----------
    text : str
        As it is written there.
    unit : ParsedUnit or None
        None if it is meant as a unit of force and not understood.
    """

    text: str
    unit: ParsedUnit | None


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    unit: ParsedUnit | None


def units_in_text(line: str) -> list[UnitMention]:
    """Return the units of force that a line of text states, in order; each once.

    A unit beside a number is a value (``fmax 0.01 eV/Å``), one after "from" is not that of the file, and units of
    energy, pressure or length are not for this function. What stands where the unit of forces is told ("forces in …",
    "units: …") and is not understood comes with None.
    """
    shown = tidied(line[:_LINE_MAX])
    plain = folded(shown)
    places = _understood(plain, shown)
    for told in _told(plain, shown):
        if not any(told.start < place.end and place.start < told.end for place in places):
            places.append(told)
    mentions: dict[float | str, UnitMention] = {}
    doubtful: list[UnitMention] = []
    for place in sorted(places, key=lambda place: place.start):
        text = shown[place.start : place.end]
        before, after = plain[: place.start], plain[place.end :]
        if _IS_PAST.search(before) or _BECOMES.match(after) or _TO_CONVERT.search(before):
            doubtful.append(UnitMention(text, None))
        else:
            mentions.setdefault(text if place.unit is None else place.unit.factor, UnitMention(text, place.unit))
    # "From Ha/bohr to eV/Å" states the second; "from Ha/bohr" alone states that it is another one.
    return list(mentions.values()) or doubtful[:1]


_IS_PAST = re.compile(
    r"\b(?:from|originally|formerly|previously|not|instead of|rather than|was|were)(?: in)?[ :]*[(\[]?$", re.IGNORECASE
)
_BECOMES = re.compile(r" ?[)\]]? ?(?:[-=]+>|→|(?:in)?to\b)", re.IGNORECASE)
_TO_CONVERT = re.compile(r"\b(?:to (?:get|obtain|have|yield)|multiply|divide|scale) [^.;]{0,40}$", re.IGNORECASE)


def _understood(plain: str, shown: str) -> list[_Place]:
    """Return the units whose words alone tell that they are units of force: energy per length."""
    tokens = tokens_of(plain)
    found: list[_Place] = []
    start = 0
    while start < len(tokens):
        end = _unit_from(tokens, start)
        if end is None:
            start += 1
            continue
        begin, stop = tokens[start].start, tokens[end - 1].end
        factor = factor_of(tokens[start:end])
        found.append(_Place(begin, stop, None if factor is None else named(factor, shown[begin:stop])))
        start = end
    return found


def _unit_from(tokens: Sequence[Token], start: int) -> int | None:
    """Return the end of the longest unit of force that begins at a token; None if there is none."""
    if not _is_energy(tokens[start]) or not _can_begin(tokens, start):
        return None
    for end in range(_reach(tokens, start), start, -1):
        if tokens[end - 1].kind not in ("word", "power", ")"):
            continue
        follows = tokens[end] if end < len(tokens) else None
        if follows is not None and (follows.kind in ("/", "power") or follows.text in ("^", "'")):
            continue
        inside = tokens[start:end]
        if factor_of(inside) is not None and _is_plain(inside) and _brackets_close(inside):
            return end
    return None


def _is_energy(token: Token) -> bool:
    if token.kind != "word":
        return False
    word = unit_word(token.text)
    return word.energy == 1 if word is not None else bool(glued_words(token.text))


def _reach(tokens: Sequence[Token], start: int) -> int:
    """Return where at most three words of units and what joins them end; energy comes once."""
    words, end = 0, start
    for end in range(start, min(len(tokens), start + _TOKENS_MAX)):
        token = tokens[end]
        if token.kind == "word":
            words += 1
            is_unit = unit_word(token.text) is not None or bool(glued_words(token.text))
            if words > 3 or not is_unit or (words > 1 and _is_energy(token)):
                return end
        elif token.kind in ("number", "other"):
            return end
    return end + 1


def _can_begin(tokens: Sequence[Token], start: int) -> bool:
    """Return whether nothing before the token makes a value or a longer expression of it."""
    before = [token for token in tokens[max(0, start - 3) : start] if token.kind != " "]
    if not before:
        return True
    last = before[-1]
    if last.kind == "number":
        return False
    if last.kind == "-" and len(before) > 1 and before[-2].kind == "number":
        return False  # "300-eV/Å" and "0.1_eV"
    if last.kind in ("/", "*"):  # "Fx/eV Å⁻¹" is a heading, "atom/eV/Å" nonsense
        return len(before) > 1 and re.fullmatch(r"(?i)f|f?[xyz]|forces?|kraft|kraefte", before[-2].text) is not None
    return last.text != "^"


_SINGLE = re.compile(
    r"[nmpu]N|m?eVA(?:ng)?|m?(?:Ha|Ry|eV|Hartree)(?:[Bb]ohr|[Aa]u)|(?:nano|pico)newtons?|k(?:cal|J)molA(?:ng)?"
)


def _is_plain(tokens: Sequence[Token]) -> bool:
    """Return whether letters that are much else in prose stand so that they are units."""
    words = [token.text for token in tokens if token.kind == "word"]
    joined = all(token.kind in ("word", "-") and token.power is None for token in tokens)
    if len(words) == 1:
        # A newton, or words without anything between them: only in their usual case.
        return _SINGLE.fullmatch(words[0]) is not None
    if joined:
        return all(len(word) > 1 or word == "A" for word in words) and not (
            words[-1] == "A" and not any(word.endswith("eV") or word == "mol" for word in words)
        )
    return True


def _brackets_close(tokens: Sequence[Token]) -> bool:
    kinds = [token.kind for token in tokens]
    return kinds.count("(") == kinds.count(")")


_TOLD = re.compile(
    r"(?<![A-Za-z])(?P<about>forces?|gradients?|grads?|kraft|kraefte|krafte|fuerzas?|f[_ ]?[xyz]|f"
    r"|units?|einheit(?:en)?|unidad(?:es)?|unites?)(?![A-Za-z])"
    r"(?:[, &]{1,3}(?:and |und )?(?:positions?|coordinates?|energ(?:y|ies)|lengths?|gradients?|forces?|f?[xyz])\b){0,4}"
    r"(?: (?:units?|are|is|given|written|listed|expressed|all|of forces?|for forces?|of|components?|per atom)\b){0,4}"
    r"(?P<link> ?(?:\bin\b|[:=]|(?=[(\[]))|(?<=[Uu]nits) |(?<=[Uu]nit) )[ _]?(?:units? of )?",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"^[\s#!/%;*]*(?:(?:all|everything|values|numbers|given|data)\b[\w ]{0,30}\bin )?"
    r"(?P<rest>\(?(?:(?:hartree|rydberg) )?(?:a\. ?u\.?|atomic units?)\)?)[ .]*$",
    re.IGNORECASE,
)
_IN_NAME = re.compile(r"(?:^|[_\W])[Ff](?:orces?)?[-_](m?Ry|m?Ha|meV|kcal|kJ|[Hh]artree|[Rr]ydberg)(?![A-Za-z])\S*$")
_LAMMPS = {"metal": "metal units", "real": "real units", "electron": "a.u.", "si": "si units", "atomic": "a.u."}
_CHUNK_END = re.compile(r"[,;]|\. |\.$| -+ |[)\]](?=[^)\]\w]*$)|\)\s")


def _told(plain: str, shown: str) -> Iterator[_Place]:
    """Yield what stands where a text tells its unit of force."""
    for match in _TOLD.finditer(plain):
        start = match.end()
        about_units = match["about"].lower().startswith(("unit", "einheit", "unidad"))
        bracket = plain[start : start + 1] in ("(", "[")
        start += bracket
        chunk = plain[start : start + 60]
        end = _CHUNK_END.search(chunk)
        words = list(re.finditer(r"\S+", chunk[: end.start()] if end else chunk))[:6]
        yield from _in_chunk(words, start, shown, about_units=about_units)
    if " " not in plain and (file := _IN_NAME.search(plain)):
        yield _Place(file.start(1), file.end(1), None)
    if everything := _ALL.match(plain):
        yield _Place(everything.start("rest"), everything.end("rest"), parse_unit(everything["rest"]))


def _in_chunk(words: Sequence[re.Match[str]], start: int, shown: str, *, about_units: bool) -> Iterator[_Place]:
    for count in range(len(words), 0, -1):
        begin, end = start + words[0].start(), start + words[count - 1].end()
        text = shown[begin:end]
        if about_units and text.lower() in _LAMMPS:
            text = _LAMMPS[text.lower()]
        unit = parse_unit(text)
        is_value = not about_units and re.match(r"\d", text) and not re.match(r"10 ?[-^+]", text)
        if unit is not None and not is_value and not (len(text) == 1 and count < len(words)):
            yield _Place(begin, end, unit)
            return
    if words:
        begin, end = start + words[0].start(), start + words[0].end()
        text = shown[begin:end]
        if len(words) > 1 and re.match(r"(?i)(?:per|/)$", words[1][0]) and len(words) > 2:
            end = start + words[2].end()
            text = shown[begin:end]
        if looks_like_unit(text, in_prose=not about_units):
            yield _Place(begin, end, None)
