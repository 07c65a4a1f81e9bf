"""A published migration path: zinc in MnP2O7, images of atomate2's ApproxNEB test data (VASP, PBE).

The structures are not shipped, only energies computed from them. Each potential is static at them. Their forces say
nothing of softening: the images are relaxed, to 0.05 eV/Å.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms

from softdash.benchmarks.data.datasets import DatasetKind, ReferenceDataset
from softdash.benchmarks.data.reference_data import dataset_files, read_frames
from softdash.benchmarks.energies.structure_steps import EnergyCase, RelaxedStructure, Results
from softdash.catalog.resources import ReferenceSource
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

_HOP = "3+1"
"""Of the file's two; the other one was not finished by its authors."""
_LEVEL = "VASP PBE, images of atomate2's ApproxNEB test data"

ZINC_PATH = ReferenceDataset(
    name="zn-mnp2o7",
    label="Zn in MnP2O7, ApproxNEB images",
    kind=DatasetKind.MIXED,
    level_of_theory="PBE, VASP",
    files=("forces/approxneb_ZnMnP2O7.extxyz.xz",),
    sources=(
        ReferenceSource(
            title="atomate2, ApproxNEB test data",
            path="https://github.com/materialsproject/atomate2",
            commit="e6350f6d",
            licence="BSD-3-Clause-LBNL",
        ),
    ),
    note="Images of a path: relaxed, so that their energies count, not their forces.",
)


@dataclass(frozen=True, slots=True)
class PublishedPath:
    """Cases of a path whose structures come from elsewhere, and the reference's results for them."""

    cases: tuple[EnergyCase, ...] = ()
    reference: dict[str, RelaxedStructure] = field(default_factory=dict)
    sources: tuple[ReferenceSource, ...] = ()


def published_path(settings: Settings) -> PublishedPath:
    """Return the path of zinc in MnP2O7; an empty one where its file is not in the data folder.

    Raises
    ------
    ReferenceDataError
        If the file is there and damaged.
    """
    try:
        files = dataset_files(ZINC_PATH, settings)
    except ReferenceDataError:
        return PublishedPath()
    frames = [atoms for file in files for atoms in read_frames(file) if atoms.info.get("hop") == _HOP]
    return path_of_images(sorted(frames, key=lambda atoms: int(atoms.info["image"])))


def path_of_images(frames: list[Atoms]) -> PublishedPath:
    """Make cases of the images of one path.

    Parameters
    ----------
    frames : list of ase.Atoms
        In their order, both ends included, each with energy, forces and ``converged``.

    Raises
    ------
    ReferenceDataError
        If there are fewer than three.
    """
    if len(frames) < 3:
        raise ReferenceDataError("A path needs two ends and an image between them.", where=ZINC_PATH.name)
    names = [f"published-MnP2O7-Zn-{number}" for number in range(len(frames))]
    reference = {name: _as_result(atoms) for name, atoms in zip(names, frames, strict=True)}
    last = len(frames) - 1
    images = tuple(
        EnergyCase(
            f"MnP2O7-Zn-{number / last:.3f}",
            "MnP2O7",
            "Zn hop",
            "image",
            tuple(dict.fromkeys((names[0], name))),
            name,
            _relative_to(names[0], name),
            coordinate=round(number / last, 3),
            note=_LEVEL,
        )
        for number, name in enumerate(names)
    )
    barrier = EnergyCase(
        "MnP2O7-Zn-barrier",
        "MnP2O7",
        "Zn hop",
        "barrier",
        tuple(names),
        names[last // 2],
        lambda results: resolved_barrier([results[name].energy for name in names]),
        note=_LEVEL,
    )
    return PublishedPath((*images, barrier), reference, ZINC_PATH.sources)


def resolved_barrier(energies: list[float]) -> float:
    """Return the largest height of evenly spaced images above the line between both ends (KRA), eV."""
    line = np.linspace(energies[0], energies[-1], len(energies))
    return float(np.max(np.asarray(energies) - line))


def _relative_to(start: str, image: str) -> Callable[[Results], float]:
    return lambda results: results[image].energy - results[start].energy


def _as_result(atoms: Atoms) -> RelaxedStructure:
    bare = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)
    largest = float(np.linalg.norm(atoms.get_forces(), axis=1).max())
    converged = str(atoms.info.get("converged", "True")).startswith("T")
    return RelaxedStructure(bare, float(atoms.get_potential_energy()), 0, largest, converged, _LEVEL)
