"""CIF and mCIF: sites in the order of the file, all atoms of the cell where symmetry operations make them.

Neither ASE nor pymatgen reads the sites: pymatgen's `CifParser` sorts them by electronegativity and rounds coordinates
near 1/3 and 2/3, so that a forces table in the order of the file would no longer fit; ASE stops at what programs often
write (labels in capitals, one operation without a loop). Compared with both in tests/structures.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.cif.cell import cell_of
from softdash.structures.readers.cif.document import CifBlock, blocks_of
from softdash.structures.readers.cif.elements import formula_fits
from softdash.structures.readers.cif.expansion import Expansion, close_pairs, expand
from softdash.structures.readers.cif.operations import Operations, operations_of, operations_of_symbol, symbol_of
from softdash.structures.readers.cif.sites import Sites, has_sites, sites_of
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import StructureFormat
from softdash.structures.readers.structure_choice import (
    STRUCTURES_MAX,
    named_structures,
    only_structure,
    without_symmetry,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

CANDIDATES_PER_ATOM = 20
"""Sites times symmetry operations may be this many times the atoms of a frame: special positions collapse."""

OVERLAP = 0.5
"""Å. No atoms are this close: symmetry operations that bring them so close belong to another structure."""

_SAME_PLACE = 0.02  # Å
_ADVICE = "Upload the structure as POSCAR or extended XYZ instead."


def read(
    source: SourceFile,
    settings: Settings,
    budget: FrameBudget,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
) -> BareStructure:
    """Read a CIF with one structure, or the one that `ReadOptions.structure` names.

    A structure that lists all its atoms keeps their order. Otherwise symmetry generates atoms (`is_expanded`).

    Raises
    ------
    RefusalError
        For partially occupied sites, sites listed twice, and symmetry that cannot be that of the sites.
    TooLargeError
        For too many sites, before symmetry multiplies them.
    InputError
        If it is not a CIF with exactly one structure.
    """
    structure = only_structure(read_all(source, settings, budget, options), source.name)
    budget.take(len(structure.atoms), source.name)
    return structure


def read_all(source: SourceFile, settings: Settings, budget: FrameBudget, options: ReadOptions) -> list[BareStructure]:
    """Read every structure of a CIF, in the order of its blocks; blocks that cannot be read stand back.

    Nothing is counted in `budget`; a structure whose atoms are doubtful carries its `problem`.

    Raises
    ------
    InputError
        If no block can be read, or none has the name that was chosen. Its kinds are those of `read`.
    """
    text = source.read_text(settings.structure_file_max_bytes)
    blocks = [block for block in blocks_of(text, source.name) if has_sites(block)]
    if not blocks:
        raise InputError("It has no list of atoms (_atom_site_…).", where=source.name, advice=_ADVICE)
    if len(blocks) > STRUCTURES_MAX:
        raise TooLargeError(
            f"It holds {len(blocks):,} structures; at most {STRUCTURES_MAX:,} are read.",
            where=source.name,
            advice="Upload fewer of them.",
        )
    _name_apart(blocks)
    if options.structure is not None:
        blocks = named_structures(blocks, [block.name for block in blocks], options.structure, source.name)
    found: list[BareStructure] = []
    first_problem: InputError | None = None
    for block in blocks:
        where = source.name if len(blocks) == 1 else f"{source.name}, {block.name}"
        try:
            found.append(_structure(block, where, budget.atoms_per_frame_max, options))
        except InputError as problem:
            first_problem = first_problem or problem
    if not found and first_problem is not None:
        raise first_problem
    return found


def _name_apart(blocks: list[CifBlock]) -> None:
    """Give each block a name of its own."""
    used: Counter[str] = Counter()
    for number, block in enumerate(blocks, start=1):
        block.name = block.name[:80] or f"structure {number}"
        used[block.name.lower()] += 1
        if used[block.name.lower()] > 1:
            block.name = f"{block.name} ({used[block.name.lower()]})"


@dataclass(frozen=True, slots=True)
class _Given:
    """What a block says beside its sites, and what its reader was told."""

    block: CifBlock
    cell: NDArray[np.float64]
    orientation: Reading
    ways: tuple[Operations, ...]
    where: str
    atoms_max: int
    options: ReadOptions


def _structure(block: CifBlock, where: str, atoms_max: int, options: ReadOptions) -> BareStructure:
    cell, orientation = cell_of(block, where)
    sites = sites_of(block, cell, where, atoms_max)
    ways = () if options.symmetry == "ignore" else operations_of(block, cell, where)
    given = _Given(block, cell, orientation, ways, where, atoms_max, options)
    for way in ways:
        _refuse_too_many(sites, way, given)
    doubles = _doubles(sites, given)
    if not doubles:
        return _of_sites(sites, given)
    later = sorted(doubles)
    kept = np.setdiff1d(np.arange(len(sites.numbers)), later)
    names = ", ".join(f"{sites.labels[one]} (as {sites.labels[doubles[one]]})" for one in later[:4])
    once = _of_sites(_taken(sites, kept), given)
    detail = f"The table has a row for each atom counted once; listed twice: {names}."
    reading = Reading("structure", f"{len(once.atoms)} atoms, each once", "tested", detail)
    problem = RefusalError(
        f"It lists a site twice: {sites.labels[later[0]]} is a duplicate of {sites.labels[doubles[later[0]]]}"
        f"{f', and {len(later) - 1} more are like it' if len(later) > 1 else ''}.",
        where=where,
        advice="Delete the duplicate, and its row of forces if it has one.",
    )
    return replace(_bare(sites, given), problem=problem, alternatives=(_with(once, reading),))


def _doubles(sites: Sites, given: _Given) -> dict[int, int]:
    """Return which sites are listed a second time, and as which they were listed before."""
    doubles: dict[int, int] = {}
    for first, second in close_pairs(sites.fractional, given.cell, _SAME_PLACE):
        if sites.numbers[first] != sites.numbers[second]:
            raise RefusalError(
                f"Sites {sites.labels[first]} and {sites.labels[second]} lie on the same place: a mixed site.",
                where=given.where,
                advice="Upload the ordered cell that was used in the DFT run.",
            )
        doubles[int(second)] = doubles.get(int(first), int(first))
    return doubles


def _taken(sites: Sites, kept: NDArray[np.intp]) -> Sites:
    counts = sites.multiplicities
    return replace(
        sites,
        numbers=sites.numbers[kept],
        labels=tuple(sites.labels[index] for index in kept),
        fractional=sites.fractional[kept],
        multiplicities=None if counts is None else tuple(counts[index] for index in kept),
    )


def _of_sites(sites: Sites, given: _Given) -> BareStructure:
    """Return the atoms of a block, and what speaks against them."""
    count = len(sites.numbers)
    listed = _bare(sites, given)
    if given.options.symmetry == "ignore":
        detail = "You chose to leave its symmetry operations out."
        return _with(listed, Reading("structure", f"the {count} sites that it lists", "chosen", detail))
    if not given.ways:
        return _without_any_symmetry(listed, sites, given.where)
    operations, expansion = _best([(way, _expansion(sites, way, given)) for way in given.ways], sites, given)
    if len(expansion.sites) == count:
        return replace(listed, alternatives=_by_symbol(sites, operations, given))
    structure = _with(
        _bare(sites, given, expansion),
        Reading(
            "structure",
            f"{len(expansion.sites)} atoms from {count} sites",
            "stated" if operations.is_stated else "assumed",
            f"Symmetry made them: {operations.source}.",
        ),
    )
    structure = replace(structure, listed=listed.atoms, listed_labels=listed.labels)
    pairs = close_pairs(expansion.fractional, given.cell, OVERLAP)
    if given.options.symmetry == "apply" or not len(pairs) or len(close_pairs(sites.fractional, given.cell, OVERLAP)):
        return structure
    shown = " and ".join(dict.fromkeys(sites.labels[expansion.sites[atom]] for atom in pairs[0]))
    problem = RefusalError(
        f"Its symmetry operations are not those of its atoms: of its {count} sites they make {len(expansion.sites)} "
        f"atoms, and images of {shown} come closer than {OVERLAP} Å.",
        where=given.where,
        advice="Operations of the undistorted crystal were perhaps left in the file of a displaced one.",
    )
    return replace(structure, problem=problem)


def _without_any_symmetry(listed: BareStructure, sites: Sites, where: str) -> BareStructure:
    """Take the sites of a file that says nothing of symmetry as all atoms, unless it counts more itself."""
    atoms = sum(sites.multiplicities or ())
    if atoms <= len(sites.numbers):
        detail = "The file names no space group and lists no symmetry operations."
        return _with(listed, Reading("structure", "all atoms are listed", "assumed", detail))
    problem = RefusalError(
        f"It lists {len(sites.numbers)} sites that stand for {atoms} atoms (their multiplicities), but neither a space "
        "group nor symmetry operations that would make them.",
        where=where,
        advice="Add the space group (_space_group_name_H-M_alt), or upload all atoms: a CIF in P1 or a POSCAR.",
    )
    return replace(listed, problem=problem, listed=listed.atoms, listed_labels=listed.labels)


def _expansion(sites: Sites, operations: Operations, given: _Given) -> Expansion:
    if len(operations) == 1:
        return Expansion(sites.fractional, np.arange(len(sites.numbers)))
    _refuse_too_many(sites, operations, given)
    return expand(sites, operations, given.cell)


def _refuse_too_many(sites: Sites, operations: Operations, given: _Given) -> None:
    count = len(sites.numbers)
    if len(operations) > 1 and count * len(operations) > CANDIDATES_PER_ATOM * given.atoms_max:
        raise TooLargeError(
            f"Its {count:,} sites and {len(operations)} symmetry operations make too many atoms.",
            where=given.where,
            advice="Use a smaller cell; or leave the operations out, if it lists all its atoms.",
            choices=(without_symmetry(count),),
        )


def _best(expansions: list[tuple[Operations, Expansion]], sites: Sites, given: _Given) -> tuple[Operations, Expansion]:
    """Return the first way whose counts are those of the file and whose atoms keep apart."""
    if len(expansions) == 1:
        return expansions[0]
    symbols = np.array([chemical_symbols[number] for number in sites.numbers])
    fitting = [
        (operations, expansion)
        for operations, expansion in expansions
        if sites.multiplicities in (None, expansion.counts(len(sites.numbers)))
        and formula_fits(given.block, symbols[expansion.sites].tolist())
        and not len(close_pairs(expansion.fractional, given.cell, OVERLAP))
    ]
    if len(fitting) == 1:
        return replace(fitting[0][0], is_stated=True), fitting[0][1]
    return (fitting or expansions)[0]


def _by_symbol(sites: Sites, operations: Operations, given: _Given) -> tuple[BareStructure, ...]:
    """Return what the space group's symbol would make of a file that lists no operation but the identity."""
    if len(operations) > 1 or symbol_of(given.block) is None:
        return ()
    found = []
    try:
        for way in operations_of_symbol(given.block, given.cell, given.where):
            expansion = _expansion(sites, way, given)
            is_more = len(expansion.sites) > len(sites.numbers)
            if is_more and not len(close_pairs(expansion.fractional, given.cell, OVERLAP)):
                detail = f"It lists one operation only; {way.source} makes as many atoms as there are forces."
                reading = Reading("structure", f"{len(expansion.sites)} atoms by its space group", "tested", detail)
                found.append(_with(_bare(sites, given, expansion), reading))
    except InputError:
        return ()
    return tuple(found)


def _bare(sites: Sites, given: _Given, expansion: Expansion | None = None) -> BareStructure:
    """Return a structure of the sites as they are listed, or of all their images."""
    which = np.arange(len(sites.numbers)) if expansion is None else expansion.sites
    fractional = sites.fractional if expansion is None else expansion.fractional
    atoms = Atoms(numbers=sites.numbers[which], cell=given.cell, pbc=True)
    atoms.set_scaled_positions(fractional)
    return BareStructure(
        atoms,
        "CIF",
        len(sites.numbers),
        labels=tuple(sites.labels[index] for index in which),
        rounding=sites.rounding,
        orientation_is_known=given.orientation.ground == "stated",
        readings=(given.orientation, *sites.readings),
        name=given.block.name,
    )


def _with(structure: BareStructure, reading: Reading) -> BareStructure:
    return replace(structure, readings=(*structure.readings, reading))


FORMAT = StructureFormat(name="CIF", suffixes=(".cif", ".mcif"), holds=("structure",), read=read, read_all=read_all)
