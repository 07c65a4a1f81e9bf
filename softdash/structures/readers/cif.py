"""CIF, by ASE's parser: it keeps the order and the coordinates of the sites.

pymatgen is not used here: its `CifParser` sorts sites by electronegativity and rounds coordinates near 1/3 and 2/3, so
that a forces table in the order of the file would no longer fit.
"""

from __future__ import annotations

import io
import logging
import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.settings import Settings
from softdash.structures.decompression import SourceFile
from softdash.structures.limits import FrameBudget
from softdash.structures.readers.bare_structure import BareStructure

if TYPE_CHECKING:
    from ase import Atoms

_log = logging.getLogger(__name__)

CANDIDATES_PER_ATOM = 20
"""Sites times symmetry operations may be this many times `atoms_per_frame_max`: special positions collapse."""

LINE_LENGTH_MAX = 2_048
"""Of the CIF 1.1 standard; ASE removes tags from each line in a time that grows with the square of its length."""

_TAGS_MAX = 5_000
_LINES_PER_SITE = 4  # a site may be written over several lines
_CORRECT = "Correct the file and upload it again."
_ADVICE = "Upload the structure as POSCAR or extended XYZ instead."


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> BareStructure:
    """Read a CIF with one structure.

    A structure that lists all its atoms keeps their order. Otherwise symmetry generates atoms (`is_expanded`). A CIF
    does not say how its cell lies in space: a is taken along x, b in the xy plane, and a skewed cell gets a warning.

    Raises
    ------
    RefusalError
        For partially occupied sites.
    TooLargeError
        For too many sites, before symmetry multiplies them.
    InputError
        If it is not a CIF with exactly one structure.
    """
    text = source.read_text(settings.structure_file_max_bytes)
    if text.count("<") > _TAGS_MAX or max(map(len, text.split("\n"))) > LINE_LENGTH_MAX:
        what = f"It has lines longer than {LINE_LENGTH_MAX:,} characters, or thousands of '<': no CIF is like this."
        raise InputError(what, where=source.name, advice=_ADVICE)
    if "_atom_site" not in text.lower():
        raise InputError("It has no list of atoms (_atom_site_…).", where=source.name, advice=_ADVICE)
    listed = _listed_sites(text)
    if listed > _LINES_PER_SITE * settings.atoms_per_frame_max:
        budget.take(listed, source.name)
    block = _structure_block(text, source.name)
    symbols = _list_of(block.get_symbols, source.name)
    if len(symbols) > settings.atoms_per_frame_max:
        budget.take(len(symbols), source.name)
    _refuse_partial_occupancy(block, source.name)
    _check_numbers(block, source.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            atoms = _atoms(block, len(symbols), settings, source.name)
    except (InputError, MemoryError, RecursionError):
        raise
    except Exception as problem:  # whatever ASE's parser meets in a malformed file
        raise _unreadable(problem, source.name) from problem
    budget.take(len(atoms), source.name)
    skewed = bool(np.abs(atoms.cell.angles() - 90).max() > 1e-3)
    sentence = (
        f"{source.name}: the cell is not rectangular, and a CIF does not say how it lies in space. Its vector a was "
        "taken along x and b in the xy plane (as ASE does). If the forces come from a cell that lies otherwise, their "
        "comparison is meaningless: then upload POSCAR or extended XYZ."
    )
    return BareStructure(atoms, "CIF", len(symbols), (sentence,) if skewed else ())


def _listed_sites(text: str) -> int:
    """Return the number of lines of the list of coordinates, before anything parses them; 0 if none is found."""
    longest = count = 0
    for line in text[max(text.lower().find("_atom_site_fract_"), 0) :].split("\n"):
        bare = line.strip()
        if bare.startswith(("_", "loop_", "data_", "#")) or not bare:
            longest, count = max(longest, count), 0
            if not line.lower().startswith("_atom_site_") and longest:
                break
        else:
            count += 1
    return max(longest, count)


def _structure_block(text: str, name: str) -> Any:
    from ase.io.cif import parse_cif

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            blocks = [
                block for block in parse_cif(io.BytesIO(text.encode("latin-1", "replace"))) if block.has_structure()
            ]
    except (MemoryError, RecursionError):
        raise
    except Exception as problem:  # whatever ASE's parser meets in a malformed file
        raise _unreadable(problem, name) from problem
    if len(blocks) != 1:
        raise InputError(
            "It holds no structure with symbols and coordinates."
            if not blocks
            else f"It holds {len(blocks)} structures ({', '.join(block.name for block in blocks[:4])[:80]}).",
            where=name,
            advice="Upload a CIF with one structure and its forces file.",
        )
    if blocks[0].get_cellpar() is None:
        raise InputError("It has no complete cell (_cell_length_…, _cell_angle_…).", where=name, advice=_ADVICE)
    return blocks[0]


def _list_of(get_symbols: Any, name: str) -> list[str]:
    try:
        return list(get_symbols())
    except (AttributeError, TypeError, KeyError, RuntimeError):
        raise InputError("The chemical symbols of its atoms cannot be told.", where=name, advice=_ADVICE) from None


def _refuse_partial_occupancy(block: Any, name: str) -> None:
    occupancies = block.get("_atom_site_occupancy")
    if not isinstance(occupancies, list):
        return
    labels = block.get("_atom_site_label") or block.get("_atom_site_type_symbol")
    for index, occupancy in enumerate(occupancies):
        if isinstance(occupancy, int | float) and abs(occupancy - 1) > 1e-6:
            raise RefusalError(
                f"Site {labels[index] if isinstance(labels, list) else index + 1} has the occupancy {occupancy:g}; "
                "forces belong to whole atoms.",
                where=name,
                advice="Upload the ordered cell that was used in the DFT run.",
            )


def _check_numbers(block: Any, name: str) -> None:
    """Raise `InputError` for a cell or coordinates that are not numbers."""
    columns = [f"_atom_site_{kind}_{axis}" for kind in ("fract", "cartn") for axis in "xyz"]
    for column in columns:
        for index, value in enumerate(block.get(column) or ()):
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise InputError(
                    f"{column} of site {index + 1} is {str(value)[:30]!r}, not a number.", where=name, advice=_CORRECT
                )
    for tag in block.cell_tags:
        if not isinstance(block[tag], int | float) or not block[tag] > 0:
            what = f"{tag} is {str(block[tag])[:30]!r}, not a positive number."
            raise InputError(what, where=name, advice=_CORRECT)


def _atoms(block: Any, site_count: int, settings: Settings, name: str) -> Atoms:
    """Return all atoms of the cell, in the order of the file where it lists them all."""
    listed: Atoms = block.get_unsymmetrized_structure()
    listed.pbc = True
    operations = len(block.get_spacegroup(subtrans_included=True).get_symop())
    if operations == 1:
        return listed
    if site_count * operations > CANDIDATES_PER_ATOM * settings.atoms_per_frame_max:
        raise TooLargeError(
            f"Its {site_count:,} sites and {operations} symmetry operations make too many atoms.",
            where=name,
            advice="Use a smaller cell.",
        )
    expanded: Atoms = block.get_atoms(fractional_occupancies=False)
    return listed if len(expanded) == site_count else expanded


def _unreadable(problem: Exception, name: str) -> InputError:
    _log.info("ASE could not read %s: %s", name, problem)
    return InputError("It is not written as a CIF should be, and cannot be read.", where=name, advice=_ADVICE)
