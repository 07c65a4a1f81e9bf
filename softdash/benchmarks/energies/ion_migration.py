"""Energies along vacancy hops (Fig. 3 of the paper), by the ApproxNEB scheme of the paper's Methods.

Each image is relaxed on its own with the moving ion held; the farthest atom (with its equals by symmetry) is held too,
or the crystal would slide after the ion. The hops here join equivalent sites, so both ends are the same relaxed vacancy
and the path is its own mirror image: half of it is computed. The barrier is the kinetically resolved activation: the
highest energy above the straight line between both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from softdash.benchmarks.energies.crystals import CRYSTALS, bulk_step, bulk_step_name
from softdash.benchmarks.energies.point_defects import PointDefect, defect_step, supercell
from softdash.benchmarks.energies.structure_steps import (
    EnergyCase,
    EnergyTask,
    Freedom,
    Results,
    StructureStep,
)

IMAGE_COORDINATES = (0.5, 0.25)
"""Places along the path that are computed, the middle first; 0.75 mirrors 0.25."""


@dataclass(frozen=True, slots=True)
class VacancyHop:
    """An atom of `element` jumps into the nearest vacancy of its own kind.

    `error` is the numerical error of its reference, eV, where it is known, and `note` what a reader has to know.
    """

    material: str
    element: str
    note: str = ""
    error: float | None = None

    @property
    def vacancy(self) -> PointDefect:
        """The defect at both ends."""
        return PointDefect(self.material, "vacancy", removed=self.element)

    @property
    def label(self) -> str:
        """Title of the path."""
        return f"{self.element} vacancy hop"

    def step_name(self, coordinate: float) -> str:
        """Name of the step of one image; the ends are the relaxed vacancy."""
        mirrored = min(coordinate, 1 - coordinate)
        return self.vacancy.step if mirrored == 0 else f"image-{self.material}-{self.element}-{mirrored:g}"


HOPS: tuple[VacancyHop, ...] = (
    VacancyHop("Al", "Al"),
    # PBE here puts the middle 0.02 eV below the ends: 3x3x3 k-points for 26 atoms of a metal resolve no more.
    VacancyHop(
        "Li", "Li", note="nearly flat: differences below 0.03 eV are within the k-point error of this cell", error=0.03
    ),
    VacancyHop("MgO", "Mg"),
    VacancyHop("LiF", "Li"),
    VacancyHop("Li2O", "Li"),
    VacancyHop("MgO", "O"),
    VacancyHop("Mg", "Mg"),
)
"""In the order they are computed."""


def build_image(perfect: Atoms, hop: VacancyHop, coordinate: float) -> Atoms:
    """Put the moving ion on the straight line between its site and the vacancy.

    Parameters
    ----------
    perfect : ase.Atoms
        Supercell without the vacancy; left unchanged.
    hop : VacancyHop
    coordinate : float
        0 at the ion's own site, 1 at the vacant one.

    Returns
    -------
    ase.Atoms
        With the moving ion and the atom farthest from it (with those equal to it by symmetry) held.
    """
    atoms: Atoms = perfect.copy()
    sites = [atom.index for atom in atoms if atom.symbol == hop.element]
    vacant = sites[0]
    paths = atoms.get_distances(vacant, sites[1:], mic=True, vector=True)
    nearest = int(np.argmin(np.linalg.norm(paths, axis=1).round(4)))
    moving = sites[1:][nearest]
    atoms.positions[moving] = atoms.positions[vacant] + (1 - coordinate) * paths[nearest]
    del atoms[vacant]
    moving -= int(moving > vacant)
    far = int(np.argmax(atoms.get_distances(moving, range(len(atoms)), mic=True).round(4)))
    atoms.set_constraint(FixAtoms(sorted({moving, *_equivalent_atoms(atoms, far)})))
    return atoms


def _equivalent_atoms(atoms: Atoms, site: int) -> list[int]:
    """Return the atoms that symmetry makes equal to one, itself among them: to hold that one alone would break it."""
    from spglib import get_symmetry_dataset

    dataset: Any = get_symmetry_dataset((atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-4)
    return [int(other) for other in np.flatnonzero(dataset.equivalent_atoms == dataset.equivalent_atoms[site])]


def _image_step(hop: VacancyHop, coordinate: float) -> StructureStep:
    bulk_name = bulk_step_name(hop.material)

    def build(relaxed: Mapping[str, Atoms]) -> Atoms:
        return build_image(supercell(relaxed[bulk_name], hop.material), hop, coordinate)

    return StructureStep(
        hop.step_name(coordinate),
        build,
        Freedom.POSITIONS,
        parents=(bulk_name,),
        is_metal=CRYSTALS[hop.material].is_metal,
    )


def _image_case(hop: VacancyHop, coordinate: float) -> EnergyCase:
    start, image = hop.step_name(0.0), hop.step_name(coordinate)
    return EnergyCase(
        f"{hop.material}-{hop.element}-{coordinate:g}",
        hop.material,
        hop.label,
        "image",
        tuple(dict.fromkeys((start, image))),
        image,
        lambda results: results[image].energy - results[start].energy,
        coordinate=coordinate,
        note="; ".join(
            filter(None, (hop.note, "mirror image of the computed half" if coordinate > max(IMAGE_COORDINATES) else ""))
        ),
    )


def _barrier_case(hop: VacancyHop) -> EnergyCase:
    start = hop.step_name(0.0)
    images = [hop.step_name(coordinate) for coordinate in IMAGE_COORDINATES]

    def value(results: Results) -> float:
        return max(0.0, *(results[image].energy - results[start].energy for image in images))

    return EnergyCase(
        f"{hop.material}-{hop.element}-barrier",
        hop.material,
        hop.label,
        "barrier",
        (start, *images),
        images[0],
        value,
        note=hop.note,
    )


def _coordinates() -> list[float]:
    return sorted({0.0, 1.0, *IMAGE_COORDINATES, *(1 - coordinate for coordinate in IMAGE_COORDINATES)})


def _steps() -> tuple[StructureStep, ...]:
    steps: dict[str, StructureStep] = {}
    for hop in HOPS:
        images = (_image_step(hop, coordinate) for coordinate in IMAGE_COORDINATES)
        for step in (bulk_step(hop.material), defect_step(hop.vacancy), *images):
            steps.setdefault(step.name, step)
    return tuple(steps.values())


ION_MIGRATION_TASK = EnergyTask(
    name="ion-migration",
    title="Ion migration",
    unit="eV",
    steps=_steps(),
    cases=tuple(
        case
        for hop in HOPS
        for case in (*(_image_case(hop, coordinate) for coordinate in _coordinates()), _barrier_case(hop))
    ),
)
