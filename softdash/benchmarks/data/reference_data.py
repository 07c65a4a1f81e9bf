"""Read reference sets into materials: frames with DFT labels, grouped by ``material_id``."""

from __future__ import annotations

import hashlib
import lzma
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TextIO

import numpy as np
from ase import Atoms
from ase.io import iread
from ase.units import GPa

from softdash.benchmarks.data.datasets import ReferenceDataset
from softdash.benchmarks.data.download import fetched_files
from softdash.benchmarks.data.wbm import is_wbm_file, read_wbm_frames
from softdash.errors import ReferenceDataError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame


@dataclass(frozen=True, slots=True)
class ReferenceMaterial:
    """One material of a data set.

    Attributes
    ----------
    material_id : str
        Identifier in its data set.
    formula : str
        Reduced, elements in the order of electronegativity.
    functional : str
        Of the reference forces, as the data set names it.
    frames : tuple of LabelledFrame
        In the order of the file.
    pressure_gpa : float or None
        Mean over the frames, where the data set tells it.
    """

    material_id: str
    formula: str
    functional: str
    frames: tuple[LabelledFrame, ...]
    pressure_gpa: float | None = None

    @property
    def elements(self) -> tuple[str, ...]:
        """Chemical symbols of all frames, in alphabetical order."""
        return tuple(sorted({symbol for frame in self.frames for symbol in frame.atoms.symbols}))

    @property
    def atom_count(self) -> int:
        """Atoms of all frames together."""
        return sum(len(frame.atoms) for frame in self.frames)

    @property
    def content_sha256(self) -> str:
        """SHA-256 of species, cells, positions and reference forces: changes with anything a prediction rests on."""
        digest = hashlib.sha256()
        for frame in self.frames:
            for array in (frame.atoms.numbers, frame.atoms.cell.array, frame.atoms.pbc, frame.atoms.positions):
                digest.update(np.ascontiguousarray(array).tobytes())
            digest.update(np.ascontiguousarray(frame.reference_forces).tobytes())
        return digest.hexdigest()


def read_materials(dataset: ReferenceDataset, settings: Settings) -> list[ReferenceMaterial]:
    """Read a data set, grouped by ``material_id`` in the order of first appearance.

    Parameters
    ----------
    dataset : ReferenceDataset
    settings : Settings
        `data_dir` names the local folder; shipped sets come from `precomputed_dir`.

    Returns
    -------
    list of ReferenceMaterial

    Raises
    ------
    ReferenceDataError
        If a file is missing or cannot be read, or a frame lacks forces or its ``material_id``.
    """
    groups: dict[str, list[Atoms]] = {}
    for file in dataset_files(dataset, settings):
        frames = list(read_frames(file))
        _name_published_frames(frames, dataset)
        for position, atoms in enumerate(frames, start=1):
            material_id = str(atoms.info.get("material_id", ""))
            if not material_id or "forces" not in _results(atoms):
                raise ReferenceDataError(
                    "The frame has no forces." if material_id else "The frame has no material_id.",
                    where=f"{file.name}, frame {position}",
                    advice="Fetch the data set again.",
                )
            if _is_selected(dataset, material_id):
                groups.setdefault(material_id, []).append(atoms)
    if not groups:
        raise ReferenceDataError("The files hold no material of this data set.", where=dataset.name)
    return [
        material
        for material_id, frames in groups.items()
        for material in _by_functional(dataset, material_id, _evenly_spaced(frames, dataset.frames_per_material))
    ]


def dataset_files(dataset: ReferenceDataset, settings: Settings) -> list[Path]:
    """Return the local files of a data set.

    Raises
    ------
    ReferenceDataError
        If they are not there, saying which setting names the folder.
    """
    folder = settings.precomputed_dir if dataset.shipped else settings.data_dir
    local = [] if folder is None else [sorted(folder.glob(pattern)) for pattern in dataset.files]
    if local and all(local):
        return [file for files in local for file in files]
    fetched = fetched_files(dataset)
    if fetched:
        return fetched
    fetching = f", or run: softdash data fetch {dataset.name}" if dataset.original else "."
    if folder is None:
        raise ReferenceDataError(
            f"The reference data of {dataset.label} is not here.",
            where=dataset.name,
            advice=f"Set SOFTDASH_DATA_DIR to the folder that holds it{fetching}",
        )
    missing = next(pattern for pattern, files in zip(dataset.files, local, strict=True) if not files)
    variable = "SOFTDASH_PRECOMPUTED_DIR" if dataset.shipped else "SOFTDASH_DATA_DIR"
    raise ReferenceDataError(
        "There is no such file.",
        where=str(folder / missing),
        advice=f"Check {variable}{fetching}",
    )


def where_it_is(dataset: ReferenceDataset, settings: Settings) -> str | None:
    """Return in words where the files of a data set are on this machine; None if they are not."""
    try:
        files = dataset_files(dataset, settings)
    except ReferenceDataError:
        return None
    if dataset.shipped:
        return "shipped"
    return "fetched" if files == fetched_files(dataset) else "in SOFTDASH_DATA_DIR"


def _is_selected(dataset: ReferenceDataset, material_id: str) -> bool:
    wanted = not dataset.material_ids or material_id in dataset.material_ids
    return wanted and material_id not in dataset.excluded_ids


def _name_published_frames(frames: list[Atoms], dataset: ReferenceDataset) -> None:
    """Name the materials of a MatterSim benchmark file as published, which has an ``internal_id`` per frame only.

    A material is a formula with an atom count, numbered in alphabetical order; the pressure follows from the stress.
    """
    if not frames or any("material_id" in atoms.info or "internal_id" not in atoms.info for atoms in frames):
        return
    kinds = [(str(atoms.get_chemical_formula(empirical=True, mode="metal")), len(atoms)) for atoms in frames]
    numbers = {kind: number for number, kind in enumerate(sorted(set(kinds)), start=1)}
    for atoms, kind in zip(frames, kinds, strict=True):
        atoms.info["material_id"] = f"{dataset.name}:{numbers[kind]:03d}:{kind[0]}"
        atoms.info["functional"] = "PBE(+U) MP-compatible (VASP)"
        stress = _results(atoms).get("stress")
        if stress is not None:
            atoms.info["pressure_GPa"] = round(-float(np.mean(np.asarray(stress)[:3])) / GPa, 2)


def _evenly_spaced(frames: list[Atoms], most: int | None) -> list[Atoms]:
    if most is None or len(frames) <= most:
        return frames
    return [frames[int(place)] for place in np.linspace(0, len(frames) - 1, most).round()]


def _results(atoms: Atoms) -> dict[str, object]:
    return {} if atoms.calc is None else dict(atoms.calc.results)


def _opened(file: Path) -> TextIO:
    if file.suffix != ".xz":
        return file.open(encoding="utf-8")
    # ASE seeks back and forth, which in a compressed stream means to decompress from the start each time.
    return StringIO(lzma.decompress(file.read_bytes()).decode("utf-8"))


def read_frames(file: Path) -> Iterator[Atoms]:
    """Read the frames of one file of reference data, as they are.

    Raises
    ------
    ReferenceDataError
        If it cannot be read.
    """
    if is_wbm_file(file):
        yield from read_wbm_frames(file)
        return
    try:
        with _opened(file) as stream:
            yield from iread(stream, index=":", format="extxyz")
    except (ValueError, KeyError, IndexError, OSError, EOFError, lzma.LZMAError) as error:
        raise ReferenceDataError(
            f"The file cannot be read ({error}).", where=file.name, advice="Fetch the data set again."
        ) from error


def _by_functional(dataset: ReferenceDataset, material_id: str, frames: list[Atoms]) -> list[ReferenceMaterial]:
    """Make one material of frames with one functional; frames of two functionals must never share a slope."""
    groups: dict[str, list[Atoms]] = {}
    for atoms in frames:
        groups.setdefault(str(atoms.info.get("functional", dataset.level_of_theory)), []).append(atoms)
    return [
        _material(material_id if len(groups) == 1 else f"{material_id}@{functional}", functional, members)
        for functional, members in groups.items()
    ]


def _material(material_id: str, functional: str, frames: list[Atoms]) -> ReferenceMaterial:
    pressures = [float(atoms.info["pressure_GPa"]) for atoms in frames if "pressure_GPa" in atoms.info]
    return ReferenceMaterial(
        material_id=material_id,
        formula=reduced_formula(frames[0]),
        functional=functional,
        frames=tuple(_labelled(atoms, material_id, number) for number, atoms in enumerate(frames, start=1)),
        pressure_gpa=float(np.mean(pressures)) if pressures else None,
    )


def reduced_formula(atoms: Atoms) -> str:
    """Return the formula as chemists write it, in the order of electronegativity: NaCl, GaAs, VZnO2."""
    from pymatgen.core import Composition

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No Pauling electronegativity")  # noble gases, in random mixtures
        return str(Composition(atoms.symbols.formula.count()).reduced_formula)


def _labelled(atoms: Atoms, material_id: str, number: int) -> LabelledFrame:
    results = _results(atoms)
    # ASE guesses from the columns' text: a block of zeros written "0" comes back as integers.
    forces = np.asarray(results["forces"], dtype=np.float64)
    energy = results.get("energy")
    bare = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    return LabelledFrame(
        atoms=bare,
        reference_forces=forces,
        origin=f"{material_id}, frame {number}",
        reference_energy=None if energy is None else float(str(energy)),
    )
