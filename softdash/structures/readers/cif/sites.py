"""The list of sites of a CIF: elements, labels, fractional coordinates with their decimals, occupancies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.cif.document import UNKNOWN, CifBlock, decimals_of, number_of
from softdash.structures.readers.cif.elements import elements_of_sites
from softdash.structures.readers.numbers_in_text import read_elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = 0.011
"""Occupancies this close to 1 are an atom that a refinement found, or wrote, as 0.99."""

_EXACT = 1e-6
_DECIMALS_MAX = 16
_SHOWN = 4
_ADVICE = "Upload the structure as POSCAR or extended XYZ instead."
_CORRECT = "Correct the file and upload it again."


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites as a block lists them.

    Attributes
    ----------
    numbers : ndarray of int, shape (N,)
        Atomic numbers.
    labels : tuple of str
    fractional : ndarray, shape (N, 3)
    rounding : ndarray, shape (3, 3)
        Å; see `softdash.structures.frames.labelled_frame.LabelledFrame.rounding`.
    step : float
        One unit in the last place of the fractional coordinates.
    multiplicities : tuple of int, or None
        How many atoms each site stands for, where the file says it.
    readings : tuple of Reading
    """

    numbers: NDArray[np.int64]
    labels: tuple[str, ...]
    fractional: NDArray[np.float64]
    rounding: NDArray[np.float64]
    step: float
    multiplicities: tuple[int, ...] | None
    readings: tuple[Reading, ...]


def has_sites(block: CifBlock) -> bool:
    """Whether a block lists sites with coordinates: a list of nothing but question marks is none."""
    columns = _coordinate_columns(block)
    return columns is not None and any(text not in UNKNOWN for column in columns[1] for text in column)


def count_of(block: CifBlock) -> int:
    """Return the number of sites that a block lists."""
    columns = _coordinate_columns(block)
    return 0 if columns is None else max(map(len, columns[1]))


def sites_of(block: CifBlock, cell: NDArray[np.float64], name: str, atoms_max: int) -> Sites:
    """Return the sites of a block.

    Raises
    ------
    TooLargeError
        For more than `atoms_max` sites.
    RefusalError
        For partially occupied sites.
    InputError
        For coordinates that are no numbers, or elements that cannot be told.
    """
    found = _coordinate_columns(block)
    if found is None:
        raise InputError("It has no list of atoms (_atom_site_…).", where=name, advice=_ADVICE)
    kind, columns = found
    count = max(map(len, columns))
    if count > atoms_max:
        raise TooLargeError(
            f"It announces {count:,} atoms; at most {atoms_max:,} per frame are read.",
            where=name,
            advice="Use a smaller cell.",
        )
    elements, unknown = elements_of_sites(block, count)
    labels = _labels(block, count)
    if unknown is not None:
        shown = labels[unknown] or f"site {unknown + 1}"
        raise InputError(
            f"The chemical symbols of its atoms cannot be told: which element is {shown[:30]}?",
            where=name,
            advice="Add a column _atom_site_type_symbol, or upload the structure as POSCAR or extended XYZ.",
        )
    coordinates = _numbers(columns, kind, block, name)
    digits = [_decimals(column) for column in columns]
    half = 0.5 * 10.0 ** -np.array(digits, dtype=np.float64)
    if kind == "cartn":
        fractional = np.asarray(np.linalg.solve(cell.T, coordinates.T).T, dtype=np.float64)
        rounding = np.diag(half)
        step = float(2 * half.max() / np.linalg.norm(cell, axis=1).min())
    else:
        fractional, rounding, step = coordinates, half[:, None] * cell, float(2 * half.max())
    readings = [*_occupancy_reading(block, labels, name)]
    isotopes = sorted({label for label, element in zip(labels, elements, strict=True) if element.is_isotope})
    if isotopes:
        detail = f"Potentials do not tell isotopes apart: {_listed(isotopes)}."
        readings.append(Reading("structure", "D as H", "stated", detail))
    guessed = {label: element.symbol for label, element in zip(labels, elements, strict=True) if element.is_guessed}
    if guessed:
        shown = _listed([f"{label} as {symbol}" for label, symbol in guessed.items()])
        detail = f"The file has no column _atom_site_type_symbol and its labels are in capitals: {shown}."
        readings.append(Reading("structure", "elements from labels", "assumed", detail))
    return Sites(
        numbers=read_elements([element.symbol for element in elements]),
        labels=labels,
        fractional=fractional,
        rounding=rounding,
        step=step,
        multiplicities=_multiplicities(block, count),
        readings=tuple(readings),
    )


def _coordinate_columns(block: CifBlock) -> tuple[str, list[list[str]]] | None:
    for kind in ("fract", "cartn"):
        columns = [block.column(f"_atom_site_{kind}_{axis}") for axis in "xyz"]
        there = [column for column in columns if column is not None]
        if len(there) == 3 and any(text not in UNKNOWN for column in there for text in column):
            return kind, there
    return None


def _labels(block: CifBlock, count: int) -> tuple[str, ...]:
    labels = block.column("_atom_site_label", "_atom_site_label_atom_id", "_atom_site_id")
    if labels is None or len(labels) != count:
        labels = block.column("_atom_site_type_symbol") or []
    return tuple((labels[index] if index < len(labels) else f"site {index + 1}")[:30] for index in range(count))


def _numbers(columns: list[list[str]], kind: str, block: CifBlock, name: str) -> NDArray[np.float64]:
    count = max(map(len, columns))
    table = np.empty((count, 3))
    for axis, column in zip("xyz", columns, strict=True):
        tag = f"_atom_site_{kind}_{axis}"
        if len(column) != count:
            what = f"It lists {count} sites, but {len(column)} values of {tag}."
            raise InputError(what, where=f"{name}, line {block.lines[tag]}", advice=_CORRECT)
        for index, text in enumerate(column):
            value = number_of(text)
            if value is None or not np.isfinite(value):
                raise InputError(
                    f"{tag} of site {index + 1} is {text[:30]!r}, not a number.",
                    where=f"{name}, below line {block.lines[tag]}",
                    advice=_CORRECT,
                )
            table[index, "xyz".index(axis)] = value
    return table


def _decimals(column: list[str]) -> int:
    """Return with how many decimals a column is rounded.

    Halves, quarters and eighths are exact however they are written, and 1/3 written with 15 decimals says nothing about
    the others.
    """
    free: list[int] = []
    thirds: list[int] = []
    for text in column:
        digits, value = decimals_of(text), number_of(text) or 0.0
        if abs(value * 8 - round(value * 8)) < _EXACT:
            continue
        (thirds if abs(value * 6 - round(value * 6)) <= 6 * 10.0**-digits else free).append(digits)
    return min(max(free or thirds, default=_DECIMALS_MAX), _DECIMALS_MAX)


def _occupancy_reading(block: CifBlock, labels: tuple[str, ...], name: str) -> list[Reading]:
    """Return what to say about occupancies that are nearly whole; refuse those that are not."""
    nearly: dict[str, str] = {}
    for index, text in enumerate(block.column("_atom_site_occupancy") or ()):
        occupancy = None if text in UNKNOWN else number_of(text)
        if occupancy is None or abs(occupancy - 1) <= _EXACT or index >= len(labels):
            continue
        if abs(occupancy - 1) > WHOLE:
            raise RefusalError(
                f"Site {labels[index]} has the occupancy {occupancy:g}; forces belong to whole atoms.",
                where=name,
                advice="Upload the ordered cell that was used in the DFT run.",
            )
        nearly[labels[index]] = text
    if not nearly:
        return []
    shown = _listed([f"{label} ({text})" for label, text in nearly.items()])
    return [
        Reading("structure", "occupancies taken as 1", "assumed", f"Nearly whole, and alone on their sites: {shown}.")
    ]


def _multiplicities(block: CifBlock, count: int) -> tuple[int, ...] | None:
    column = block.column("_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity")
    if column is None or len(column) != count or not all(re.fullmatch(r"[1-9]\d{0,3}", text) for text in column):
        return None
    return tuple(map(int, column))


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
