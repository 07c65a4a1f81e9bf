"""Reading one structure without forces, to sample states of it: its cell is repeated to a size that DFT can afford."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from softdash.errors import InputError, RefusalError
from softdash.settings import Settings

if TYPE_CHECKING:
    from ase import Atoms

    from softdash.structures.frames.labelled_frame import LabelledFrames
    from softdash.structures.frames.limits import FrameBudget
    from softdash.structures.readers.decompression import SourceFile
    from softdash.structures.readers.file_format import FramesFormat, StructureFormat

_FORMATS = "CIF, POSCAR, a Structure of pymatgen or Atoms of ASE in JSON, or extended XYZ with a Lattice"


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
        Which structure was taken, where there were several.
    source : str
        File that it is from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_format: str
    formula: str
    elements: tuple[str, ...]
    atom_count: int
    supercell: tuple[int, int, int]
    warnings: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """The last structure of a file, and how many there are."""

    atoms: Atoms
    count: int


def read_structure(
    paths: Sequence[Path], settings: Settings, names: Sequence[str] | None = None
) -> tuple[LabelledFrames, StructureSummary]:
    """Read the structure that is to be sampled in this process; files of strangers go through the sandbox.

    Of several files, or of an archive, the first one that holds a structure is taken; of several frames, the last.

    Returns
    -------
    LabelledFrames
        The repeated structure as one frame, whose forces are zero and mean nothing: the form of stored structures.
    StructureSummary

    Raises
    ------
    InputError
        If there is no structure, it cannot be read, or it is no crystal.
    TooLargeError
        A limit of the settings is passed.
    RefusalError
        If sites are shared, or atoms overlap.
    """
    import numpy as np

    from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
    from softdash.structures.upload.archives import sources_of
    from softdash.structures.upload.checks import check_structure

    sources = sources_of(paths, list(names) if names is not None else [path.name for path in paths], settings)
    source, file_format, others = _structure_file(sources, settings)
    found = _read(source, file_format, settings)
    atoms = found.atoms
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
    frames = LabelledFrames(frames=(frame,), refused=(), file_format=file_format.name)
    symbols = dict.fromkeys(repeated[np.argsort(repeated.numbers, kind="stable")].get_chemical_symbols())
    return frames, StructureSummary(
        file_format=file_format.name,
        formula=frames.formula,
        elements=tuple(symbols),
        atom_count=len(repeated),
        supercell=supercell,
        source=source.name,
        warnings=_choice(source.name, found.count, others),
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


def _structure_file(
    sources: Sequence[SourceFile], settings: Settings
) -> tuple[SourceFile, FramesFormat | StructureFormat, int]:
    """Return the first file that may hold a structure, its format, and how many further ones there are."""
    from softdash.structures.readers.file_format import FramesFormat, StructureFormat
    from softdash.structures.upload.recognition import recognise

    found: list[tuple[SourceFile, FramesFormat | StructureFormat]] = []
    problem: InputError | None = None
    for source in sources:
        try:
            file_format = recognise(source, settings)
        except InputError as error:
            problem = problem or error
            continue
        if isinstance(file_format, FramesFormat | StructureFormat):
            found.append((source, file_format))
    if not found:
        raise problem or InputError(
            "It holds no structure.",
            where=", ".join(source.name for source in sources[:3]),
            advice=f"Choose one: {_FORMATS}.",
        )
    return *found[0], len(found) - 1


def _choice(name: str, frames: int, others: int) -> tuple[str, ...]:
    """Return a sentence on what was taken of several structures; none where there was one."""
    which = f"the last of {frames:,} structures of {name}" if frames > 1 else name
    beside = f"; {others:,} further {'file is' if others == 1 else 'files are'} left aside" if others else ""
    return (f"Sampled is {which}{beside}.",) if frames > 1 or others else ()


def _read(source: SourceFile, file_format: FramesFormat | StructureFormat, settings: Settings) -> _Found:
    """Return a structure with its species, positions and cell."""
    from ase import Atoms

    from softdash.structures.frames.limits import FrameBudget

    budget = FrameBudget(settings)
    try:
        given, count = _last_structure(source, file_format, settings, budget)
    except InputError as error:  # its choices are about forces, which are not there
        advice = error.advice or f"Read are: {_FORMATS}."
        raise type(error)(error.what, where=error.where, advice=advice) from None
    bare = Atoms(numbers=given.numbers, positions=given.positions, cell=given.cell.array, pbc=given.pbc)
    return _Found(bare, count)


def _last_structure(
    source: SourceFile, file_format: FramesFormat | StructureFormat, settings: Settings, budget: FrameBudget
) -> tuple[Atoms, int]:
    """Return the last structure of a file, and how many there are."""
    from softdash.structures.frames.read_options import ReadOptions
    from softdash.structures.readers.file_format import StructureFormat

    if isinstance(file_format, StructureFormat):
        if file_format.read_all is None:
            return file_format.read(source, settings, budget, ReadOptions()).atoms, 1
        found = file_format.read_all(source, settings, budget, ReadOptions())
        problem = found[-1].problem
        if problem is not None:
            raise problem
        budget.take(len(found[-1].atoms), source.name)
        return found[-1].atoms, len(found)
    if file_format.last_structure is not None:
        last = file_format.last_structure(source, settings, budget)
        if last is None:
            raise InputError("It holds no structure.", where=source.name, advice=f"Choose one: {_FORMATS}.")
        return last
    frames = file_format.read(source, settings, budget).frames
    if not frames:
        raise InputError("No structure can be read from it.", where=source.name)
    return frames[-1].atoms, len(frames)
