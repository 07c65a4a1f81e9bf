"""What a table says beside its numbers: the unit of its forces, and whether they are gradients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from softdash.errors import Choice, InputError
from softdash.structures.frames.force_units import StatedUnit, unknown_unit_error
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.tables.column_names import Heading
from softdash.structures.readers.tables.table_text import TextRow
from softdash.structures.units.unit_grammar import parse_unit, units_in_text

_TEXTS_MAX = 200
_FACTOR_TOLERANCE = 1e-4
_GRADIENT = re.compile(r"\b(?:gradients?|grad|[dδ∂]\s?e\s?/\s?[dδ∂]\s?_?[xyzr]\w{0,2})\b", re.IGNORECASE)
_NO_GRADIENT = re.compile(
    r"(?:conjugate|generali[sz]ed|projected|reduced|density|policy|natural|steepest|field|temperature|electric)[ -]?$"
    r"|(?:-|−|minus|negative(?: of)?(?: the)?(?: energy)?|neg\.?|not|no)[ _]?(?:the )?$",
    re.IGNORECASE,
)
_NO_GRADIENT_AFTER = re.compile(
    r"[ -](?:corrected|correction|approximation|descent|based|norm|threshold|conver)", re.IGNORECASE
)
_NAME_PARTS = re.compile(r"[\s_\-.()]+")


def stated_unit(
    headings: Sequence[Heading],
    remarks: Iterable[TextRow],
    name: str,
    options: ReadOptions,
    *,
    column: str | None = None,
) -> StatedUnit | None:
    """Return the unit that a table states in its header, a comment, or the name of its file.

    Parameters
    ----------
    headings : sequence of Heading
        Those of the three columns that were taken.
    remarks : iterable of TextRow
        Comments and titles.
    name : str
        Name of the file.
    options : ReadOptions
        A unit chosen there wins over one that is not understood, and over places that disagree.
    column : str, optional
        The unit that a column of its own repeats in each row.

    Raises
    ------
    InputError
        If a unit is not understood, or two places name different ones; it has a choice per unit.
    """
    found: list[StatedUnit] = []
    unclear: list[str] = []
    for text in dict.fromkeys(heading.unit for heading in headings if heading.unit is not None):
        unit = parse_unit(text)
        if unit is None:
            unclear.append(text)
        else:
            found.append(StatedUnit(unit.name, unit.factor, "from the header"))
    if column is not None and (unit := parse_unit(column)) is not None:
        found.append(StatedUnit(unit.name, unit.factor, "from a column"))
    for place, texts in (
        ("from a comment", [cell for row in list(remarks)[:_TEXTS_MAX] for cell in row.cells]),
        ("from the file name", [_stem(name)]),
    ):
        for text in texts:
            for mention in units_in_text(text):
                if mention.unit is None:
                    unclear += [mention.text] if place == "from a comment" else []
                else:
                    found.append(StatedUnit(mention.unit.name, mention.unit.factor, place))
    return agreed_unit(found, unclear, name, options)


def agreed_unit(
    found: Sequence[StatedUnit], unclear: Sequence[str], where: str, options: ReadOptions
) -> StatedUnit | None:
    """Return the one unit that all places state; see `stated_unit` for the errors."""
    kinds: list[StatedUnit] = []
    for unit in found:
        if not any(abs(unit.factor - known.factor) <= _FACTOR_TOLERANCE * known.factor for known in kinds):
            kinds.append(unit)
    if options.force_unit != "auto":
        return kinds[0] if len(kinds) == 1 and not unclear else None
    if unclear:
        raise unknown_unit_error(unclear[0], where)
    if len(kinds) > 1:
        named = " and ".join(f"{unit.name} ({unit.place})" for unit in kinds[:3])
        raise InputError(
            f"It gives forces in several units: {named}.",
            where=where,
            advice="Choose the one that is meant, or correct the file.",
            choices=[
                Choice(f"Read as {unit.name}", {"force_unit": unit.name}) for unit in kinds[:6] if _is_option(unit.name)
            ],
        )
    return kinds[0] if kinds else None


def _is_option(name: str) -> bool:
    from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM

    return name in IN_EV_PER_ANGSTROM


def _stem(name: str) -> str:
    stem = re.sub(r"\.gz$", "", name.rpartition("/")[2], flags=re.IGNORECASE)
    return stem.rpartition(".")[0] or stem


def stated_gradient(
    headings_are_gradients: bool, remarks: Iterable[TextRow], name: str
) -> tuple[bool, str, tuple[Reading, ...]]:
    """Return whether a table says that it has gradients of the energy, where it says so, and the reading."""
    place = ""
    if headings_are_gradients:
        place = "from the header"
    elif any(_names_gradient(cell) for row in list(remarks)[:_TEXTS_MAX] for cell in row.cells):
        place = "from a comment"
    elif set(_NAME_PARTS.split(_stem(name).lower())) & {"gradient", "gradients", "grad", "grads"}:
        place = "from the file name"
    return bool(place), place, (gradient_reading(place),) if place else ()


def gradient_reading(place: str) -> Reading:
    """Return the reading of forces that are given as gradients."""
    return Reading(
        "sign", "gradients of the energy", "stated", f"Said {place.removeprefix('from ')}: forces are their negative."
    )


def _names_gradient(text: str) -> bool:
    text = text[:600]
    return any(
        not _NO_GRADIENT.search(text[: found.start()]) and not _NO_GRADIENT_AFTER.match(text[found.end() :])
        for found in _GRADIENT.finditer(text)
    )
