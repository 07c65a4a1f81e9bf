"""Reading one structure without forces, to sample states of it: its cell is repeated to a size that DFT can afford."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from softdash.errors import InputError, RefusalError
from softdash.settings import Settings

if TYPE_CHECKING:
    from ase import Atoms

    from softdash.structures.decompression import SourceFile
    from softdash.structures.labelled_frame import LabelledFrames
    from softdash.structures.limits import FrameBudget

_FORMATS = "CIF, POSCAR, a pymatgen Structure in JSON, or extended XYZ with a Lattice"


class StructureSummary(BaseModel):
    """What was understood of a structure.

    Attributes
    ----------
    file_format : str
    formula : str
        Reduced.
    elements : tuple of str
    atom_count : int
        After the repetition.
    supercell : tuple of int
        How often the cell of the file is repeated along a, b, c.
    warnings : tuple of str
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_format: str
    formula: str
    elements: tuple[str, ...]
    atom_count: int
    supercell: tuple[int, int, int]
    warnings: tuple[str, ...] = ()


def read_structure(
    paths: Sequence[Path], settings: Settings, names: Sequence[str] | None = None
) -> tuple[LabelledFrames, StructureSummary]:
    """Read the one structure of an upload in this process; files of strangers go through the sandbox.

    Returns
    -------
    LabelledFrames
        The repeated structure as one frame, whose forces are zero and mean nothing: the form of stored structures.
    StructureSummary

    Raises
    ------
    InputError
        If there is not exactly one structure, it cannot be read, or it is no crystal.
    TooLargeError
        A limit of the settings is passed.
    RefusalError
        If sites are shared, or atoms overlap.
    """
    import numpy as np

    from softdash.structures.checks import check_structure
    from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames
    from softdash.structures.upload import sources_of

    sources = sources_of(paths, list(names) if names is not None else [path.name for path in paths], settings)
    if len(sources) != 1:
        raise InputError(
            f"These are {len(sources)} files; states are sampled of one structure.", advice=f"Choose one: {_FORMATS}."
        )
    source = sources[0]
    atoms, file_format, warnings = _read(source, settings)
    check_structure(atoms, settings, source.name)
    if not atoms.pbc.all():
        raise RefusalError(
            "The structure is not periodic in three directions.",
            where=source.name,
            advice=f"Give a crystal: {_FORMATS}.",
        )
    supercell = affordable_supercell(atoms.cell.lengths(), len(atoms), settings.sampling_atoms)
    repeated = atoms.repeat(supercell)
    if len(repeated) < 2:
        raise RefusalError("One atom in a cell feels no force.", where=source.name, advice="Give a supercell.")
    frame = LabelledFrame(atoms=repeated, reference_forces=np.zeros((len(repeated), 3)), origin=source.name)
    frames = LabelledFrames(frames=(frame,), refused=(), file_format=file_format)
    symbols = dict.fromkeys(repeated[np.argsort(repeated.numbers, kind="stable")].get_chemical_symbols())
    return frames, StructureSummary(
        file_format=file_format,
        formula=frames.formula,
        elements=tuple(symbols),
        atom_count=len(repeated),
        supercell=supercell,
        warnings=warnings,
    )


def affordable_supercell(lengths: Sequence[float], atom_count: int, atoms_max: int) -> tuple[int, int, int]:
    """Return how often to repeat a cell along a, b, c: again and again along the shortest, up to `atoms_max` atoms."""
    times = [1, 1, 1]
    while True:
        axis = min(range(3), key=lambda one: times[one] * lengths[one])
        longer = [count + (one == axis) for one, count in enumerate(times)]
        if atom_count * longer[0] * longer[1] * longer[2] > atoms_max:
            return times[0], times[1], times[2]
        times = longer


def _read(source: SourceFile, settings: Settings) -> tuple[Atoms, str, tuple[str, ...]]:
    """Return a structure with its species, positions and cell, the name of its format, and warnings."""
    from ase import Atoms

    from softdash.structures.formats import Role
    from softdash.structures.limits import FrameBudget
    from softdash.structures.recognition import recognise

    file_format = recognise(source, settings)
    reader = import_module(f"softdash.structures.readers.{file_format.reader}")
    budget = FrameBudget(settings)
    warnings: tuple[str, ...] = ()
    if file_format.role is Role.STRUCTURE:
        structure = getattr(reader, file_format.function)(source, settings, budget)
        found, warnings = structure.atoms, structure.warnings
    elif file_format.reader == "extended_xyz":
        found = _last_of_extended_xyz(source, settings, budget)
    elif file_format.role is Role.LABELLED:
        frames = getattr(reader, file_format.function)(source, settings, budget).frames
        if not frames:
            raise InputError("No structure can be read from it.", where=source.name, advice=f"Read are: {_FORMATS}.")
        found = frames[-1].atoms
    else:
        raise InputError("It holds no single structure.", where=source.name, advice=f"Choose one: {_FORMATS}.")
    bare = Atoms(numbers=found.numbers, positions=found.positions, cell=found.cell.array, pbc=found.pbc)
    return bare, file_format.name, warnings


def _last_of_extended_xyz(source: SourceFile, settings: Settings, budget: FrameBudget) -> Atoms:
    """Return the last frame of a file in extended XYZ, with forces or without."""
    import io

    from ase.io import read

    with source.open() as stream:
        content = stream.read(settings.structure_file_max_bytes + 1)
    if len(content) > settings.structure_file_max_bytes:
        raise InputError("It is too large for one structure.", where=source.name, advice="Keep one frame of it.")
    try:
        found = read(io.StringIO(content.decode("utf-8")), index=-1, format="extxyz")
    except Exception as error:  # ASE's readers raise whatever they meet
        raise InputError(
            f"The structure cannot be read ({type(error).__name__}: {error}).",
            where=source.name,
            advice=f"Read are: {_FORMATS}.",
        ) from error
    budget.take(len(found), source.name)
    return found
