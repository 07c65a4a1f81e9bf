"""Which structure of a file the forces belong to, and which of its atoms: by name, by their number, or asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from softdash.errors import Choice, InputError, RefusalError
from softdash.structures.frames.readings import Reading

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure

STRUCTURES_MAX = 5_000
"""Most structures of one file without forces; how many frames may be used is counted later."""

_CHOICES_MAX = 20
_SAME = 1e-4  # Å
_One = TypeVar("_One")


def without_symmetry(count: int) -> Choice:
    """Return the choice to take the listed sites as they are."""
    return Choice(f"Take the {count} listed sites as the whole cell", {"symmetry": "ignore"})


def named_structures(found: Sequence[_One], names: Sequence[str], wanted: str, where: str) -> list[_One]:
    """Return the structure called `wanted`, whatever its capitals, as a list of one.

    Raises
    ------
    InputError
        If none is called so; its choices are the names that are there.
    """
    chosen = [one for one, name in zip(found, names, strict=True) if name.lower() == wanted.strip().lower()]
    if chosen:
        return chosen[:1]
    raise InputError(
        f"It holds no structure called {wanted[:80]!r}, but {_listed(names)}.",
        where=where,
        advice="Choose one of them.",
        choices=_choices(names),
    )


def only_structure(found: Sequence[BareStructure], where: str) -> BareStructure:
    """Return the only structure of a file that comes without forces.

    Raises
    ------
    InputError
        If there are several; its choices are their names.
    RefusalError
        The structure's own `problem`, with what mends it.
    """
    if len(found) > 1 and not all(_is_same(found[0], other) for other in found[1:]):
        raise _several(found, where, "")
    structure = found[0]
    if structure.problem is not None:
        raise _with_choices(structure.problem, structure, None)
    return structure


def structure_for(found: Sequence[BareStructure], row_count: int, names: tuple[str, str]) -> BareStructure:
    """Return the structure that a table of `row_count` forces belongs to.

    A structure of another number of atoms is returned where there is only one: what is wrong then is said by whoever
    compares them.

    Parameters
    ----------
    found : sequence of BareStructure
        All structures of one file.
    row_count : int
    names : tuple of str
        Of the structure's file and of the table.

    Raises
    ------
    InputError
        If several structures, or none of several, have as many atoms; its choices are their names.
    RefusalError
        If the atoms of the structure are doubtful, with the choices that mend it.
    """
    if len(found) == 1:
        return _with_its_atoms(found[0], row_count)
    fitting = []
    for structure in found:
        try:
            one = _with_its_atoms(structure, row_count)
        except RefusalError:
            continue
        if len(one.atoms) == row_count:
            fitting.append(one)
    if not fitting:
        counts = ", ".join(str(count) for count in dict.fromkeys(len(one.atoms) for one in found[:_CHOICES_MAX]))
        raise _several(found, names[0], f" They have {counts} atoms; {names[1]} has {row_count} rows.", choose=False)
    if len(fitting) > 1 and not all(_is_same(fitting[0], other) for other in fitting[1:]):
        raise _several(fitting, names[0], f" {names[1]} has as many rows as {len(fitting)} of them have atoms.")
    chosen = fitting[0]
    detail = (
        f"Of {len(found)} structures of {names[0]} it is the only one with {row_count} atoms."
        if len(fitting) == 1
        else f"{len(fitting)} structures of {names[0]} are the same."
    )
    reading = Reading("structure", (chosen.name or "")[:60], "tested", detail)
    return replace(chosen, readings=(*chosen.readings, reading))


def _with_its_atoms(structure: BareStructure, row_count: int) -> BareStructure:
    """Return the reading of a structure that has `row_count` atoms, else its first; raise its `problem`."""
    if structure.problem is None and len(structure.atoms) == row_count:
        return structure
    fitting = [other for other in structure.alternatives if len(other.atoms) == row_count and other.problem is None]
    if fitting:
        return fitting[0]
    if structure.problem is not None:
        raise _with_choices(structure.problem, structure, row_count)
    return structure


def _with_choices(problem: RefusalError, structure: BareStructure, row_count: int | None) -> RefusalError:
    listed = structure.listed
    if listed is None or row_count not in (None, len(listed)):
        return problem
    return RefusalError(
        problem.what, where=problem.where, advice=problem.advice, choices=(without_symmetry(len(listed)),)
    )


def _several(found: Sequence[BareStructure], where: str, counts: str, *, choose: bool = True) -> InputError:
    names = [structure.name or f"structure {number}" for number, structure in enumerate(found, start=1)]
    return InputError(
        f"It holds {len(found)} structures ({_listed(names)}).{counts}",
        where=where,
        advice="Choose the structure that the forces belong to." if choose else "Upload a CIF with that structure.",
        choices=_choices(names) if choose else (),
    )


def _choices(names: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(f"Take {name}", {"structure": name}) for name in names[:_CHOICES_MAX])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _is_same(one: BareStructure, other: BareStructure) -> bool:
    return (
        len(one.atoms) == len(other.atoms)
        and bool(np.array_equal(one.atoms.numbers, other.atoms.numbers))
        and bool(np.abs(one.atoms.positions - other.atoms.positions).max() < _SAME)
        and bool(np.abs(one.atoms.cell.array - other.atoms.cell.array).max() < _SAME)
        and one.problem is None
    )
