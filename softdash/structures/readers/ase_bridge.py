"""Outputs of programs that ASE reads and softdash does not: FHI-aims and CASTEP.

Each was tried with what the program printed, or with what ASE writes (tests/structures/test_ase_bridge.py). Recognised
by content alone; labels are taken as they stand, before ASE's constraints set forces to zero. Stresses are not read: no
file was at hand to check their sign.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import Fixed, FixedAtoms
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.ase_rows import functional_of
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import Content, FramesFormat

_FUNCTIONALS = {
    "perdew burke ernzerhof": "PBE",
    "pbe for solids (2008)": "PBEsol",
    "local density approximation": "LDA",
    "pw-lda": "LDA",
    "perdew-wang": "LDA",
}


@dataclass(frozen=True, slots=True)
class AseOutput:
    """How a format that ASE reads is told and read.

    Attributes
    ----------
    ase_name : str
        ASE's name of it.
    name : str
        Name for people.
    code : str
    unit : str
        Unit of the forces in the file, as shown; ASE turns them into eV/Å.
    atom_count : str or None
        Regular expression of the number of atoms that it announces, for which ASE would make room at once.
    version, functional, dispersion : str
        Regular expressions that find these in the text; the first group is the value.
    end : str or None
        Words with which a complete run ends.
    other_unit : str or None
        Regular expression of a unit that ASE would not see, as one of its groups.
    arguments : mapping
        Further arguments of ASE's reader.
    """

    ase_name: str
    name: str
    code: str
    unit: str
    atom_count: str | None = None
    version: str = r"(?!)"
    functional: str = r"(?!)"
    dispersion: str = r"(?!)"
    end: str | None = None
    other_unit: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


_AIMS = AseOutput(
    "aims-output",
    "FHI-aims output",
    "FHI-aims",
    "eV/Å (FHI-aims' unit)",
    atom_count=r"Number of atoms\s*:\s*(\d+)",
    version=r"(?:FHI-aims version\s*:|Version)\s*(\w[\w.]*)",
    functional=r"(?m)^[ \t]*(?:xc[ \t]+|XC: Using )([\w-]+)",
    dispersion=r"(?m)^[ \t]*(vdw_correction_hirshfeld|many_body_dispersion)",
    end="Have a nice day.",
    arguments={"non_convergence_ok": True},
)
_CASTEP = AseOutput(
    "castep-castep",
    "CASTEP output",
    "CASTEP",
    "eV/Å (CASTEP's unit)",
    atom_count=r"Total number of ions in cell =\s*(\d+)",
    version=r"CASTEP version\s+(\d[\w.]*)",
    functional=r"using functional\s*:\s*(.+)",
    dispersion=r"(?i)(dispersion corrected final energy)",
    other_unit=(
        r"Forces \*+\n[^\n]*\n[^\n]*components \((?!eV/A\))([^)]*)"
        r"|Real Lattice\((?!A\))([^)]*)"
        r"|Final [^\n]{0,40}energy[^\n]{0,40}= {1,30}\S{1,30} {1,30}(?!eV)(\S{1,30})"
    ),
)
_CASTEP_STEPS = AseOutput("castep-md", "CASTEP .md or .geom", "CASTEP", "Ha/bohr (CASTEP's atomic units)")


def read(output: AseOutput, source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:
    """Read all frames with forces; those without are refused one by one.

    Raises
    ------
    InputError
        If ASE cannot read it, or it is in units that ASE would not see.
    TooLargeError
    """
    text = source.read_text(settings.document_max_bytes)
    for announced in re.finditer(output.atom_count, text) if output.atom_count else ():
        if int(announced[1][:15]) > budget.atoms_per_frame_max:
            budget.take(int(announced[1][:15]), source.name)
    other_unit = None if output.other_unit is None else re.search(output.other_unit, text)
    if other_unit is not None:
        what = f"Its numbers are in {next(filter(None, other_unit.groups()))[:30]}, not in {output.code}'s usual units."
        raise InputError(what, where=source.name, advice="Upload extended XYZ, with forces in eV/Å.")
    frames: list[LabelledFrame] = []
    refused: list[RefusedFrame] = []
    fixed = FixedAtoms()
    images = _images(output, source.name, text)
    for number, atoms in enumerate(images, start=1):
        origin = f"{source.name}, frame {number}"
        if not budget.take(len(atoms), origin):
            continue
        labels = atoms.calc.results if atoms.calc is not None else {}
        forces = labels.get("forces")
        if forces is None or np.shape(forces) != (len(atoms), 3):
            refused.append(RefusedFrame(origin, "It has no forces.", lacks_forces=True))
            continue
        if number > 1 and _is_same_place(atoms, images[0]):
            what = "It has forces, but no structure of its own in the file: ASE gives it that of the first frame."
            refused.append(RefusedFrame(origin, what))
            continue
        forces = np.array(forces, dtype=np.float64)
        fixed.note(_fixed(atoms), forces)
        energy = labels.get("energy", labels.get("free_energy"))
        bare = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, pbc=atoms.pbc)
        frames.append(LabelledFrame(bare, forces, origin, None if energy is None else float(energy)))
    if not images:
        raise _unreadable(output, source.name)
    remarks = fixed.warnings(source.name)
    if output.end is not None and output.end not in text:
        remarks.append(f"{source.name}: the run did not end regularly; frames before its end were read.")
    version, functional = re.search(output.version, text), re.search(output.functional, text)
    name = functional[1].strip() if functional else ""
    return LabelledFrames(
        frames=tuple(frames),
        refused=tuple(refused),
        file_format=output.name,
        functional=functional_of({"xc": _FUNCTIONALS.get(name.lower(), name)}),
        code=f"{output.code} {version[1]}" if version else output.code,
        force_unit=output.unit,
        force_unit_is_stated=True,
        dispersion="kind not told" if re.search(output.dispersion, text) else None,
        warnings=tuple(remarks),
    )


def _images(output: AseOutput, name: str, text: str) -> list[Atoms]:
    """Return what ASE reads; whatever it meets becomes our error."""
    from ase.io.formats import ioformats

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about the program's own warnings
            return list(ioformats[output.ase_name].read(io.StringIO(text), index=slice(None), **output.arguments))
    except MemoryError:
        raise
    except Exception:  # ASE's readers raise whatever they meet
        raise _unreadable(output, name) from None


def _is_same_place(atoms: Atoms, first: Atoms) -> bool:
    return np.array_equal(atoms.positions, first.positions) and np.array_equal(atoms.cell.array, first.cell.array)


def _unreadable(output: AseOutput, name: str) -> InputError:
    return InputError(
        f"It begins as {output.name}, but no frame can be read from it: it is cut off, or of another version.",
        where=name,
        advice="Upload the file of a run that ended, or its frames as extended XYZ.",
    )


def _fixed(atoms: Atoms) -> Fixed | None:
    from ase.constraints import FixAtoms, FixCartesian  # brings scipy, which the web process does without

    fixed = np.zeros((len(atoms), 3), dtype=bool)
    for constraint in atoms.constraints:
        if isinstance(constraint, FixAtoms):
            fixed[constraint.index] = True
        elif isinstance(constraint, FixCartesian):
            fixed[constraint.index] |= np.asarray(constraint.mask, dtype=bool)
    return fixed


def _format(
    output: AseOutput,
    suffixes: tuple[str, ...],
    signatures: tuple[bytes, ...],
    holds: tuple[Content, ...],
    yields_to: FramesFormat | None = None,
) -> FramesFormat:
    return FramesFormat(
        name=output.name,
        suffixes=suffixes,
        signatures=signatures,
        name_suffices=False,
        holds=holds,
        read=partial(read, output),
        yields_to=yields_to,
    )


_HOLDS: tuple[Content, ...] = ("structure", "forces", "energy", "functional")
_CASTEP_SIGNATURES = (b"CASTEP version", b"Welcome to Materials Studio CASTEP")
_STEPS = _format(_CASTEP_STEPS, (".md", ".geom"), (b"BEGIN header",), ("structure", "forces", "energy"))
FORMATS = (
    _format(_AIMS, (".out", ".log"), (b"Invoking FHI-aims",), _HOLDS),
    _format(_CASTEP, (".castep",), _CASTEP_SIGNATURES, _HOLDS, _STEPS),
    _STEPS,
)
