"""Frames on the way of the reference's relaxations as a data set of forces: slabs, defects, orderings, images.

They lie where the high-energy set does not: at surfaces, beside vacancies and near saddle points. One material is one
relaxation; frames with small forces are left out, since a slope from them is noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from softdash.benchmarks.data.data_package import update_resource
from softdash.benchmarks.data.reference_data import read_frames
from softdash.benchmarks.energies.reference_structures import OWN_SOURCE
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

FRAMES_FILE = "references/gpaw_pbe_relaxations/frames.extxyz"
"""Under ``precomputed/``."""
SMALLEST_FORCE = 0.3
"""eV/Å, of the largest force component: below, softdash warns that a slope is dominated by noise."""
_FUNCTIONAL = "PBE, GPAW"
_LENGTH_DECIMALS = 6


def unrelaxed_frames(frames: Iterable[Atoms]) -> list[Atoms]:
    """Choose the frames with forces worth a slope, each once.

    Parameters
    ----------
    frames : iterable of ase.Atoms
        With forces, energy and the ``step`` they belong to, as `FrameRecorder` writes them.

    Returns
    -------
    list of ase.Atoms
        With ``material_id`` (the step) and ``functional``; steps together, each in its order.
    """
    chosen: dict[tuple[str, bytes], Atoms] = {}
    for atoms in frames:
        forces = atoms.get_forces()
        if np.abs(forces).max() < SMALLEST_FORCE:
            continue
        name = str(atoms.info["step"])
        bare = Atoms(atoms.numbers, positions=atoms.positions.round(_LENGTH_DECIMALS), cell=atoms.cell, pbc=True)
        bare.info = {"material_id": name, "functional": _FUNCTIONAL, "source": "softdash"}
        bare.calc = SinglePointCalculator(bare, energy=float(atoms.get_potential_energy()), forces=forces.round(6))
        chosen.setdefault((name, bare.positions.round(3).tobytes()), bare)
    order = list(dict.fromkeys(name for name, _ in chosen))
    return sorted(chosen.values(), key=lambda atoms: order.index(atoms.info["material_id"]))


def write_relaxation_frames(settings: Settings, adopted: Iterable[Path] = ()) -> int:
    """Write the shipped set from what is there, from this machine's reference runs, and from further files.

    Parameters
    ----------
    settings : Settings
    adopted : iterable of pathlib.Path
        Frames of runs elsewhere, of the same form.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    ReferenceDataError
        If a file cannot be read, or there is no frame at all.
    """
    present = settings.precomputed_dir / FRAMES_FILE
    own = settings.state_dir / "reference" / "frames.extxyz"
    frames = [atoms for file in (own, *adopted) if file.is_file() for atoms in read_frames(file)]
    shipped = list(read_frames(present)) if present.is_file() else []
    for atoms in shipped:
        atoms.info["step"] = atoms.info["material_id"]
    chosen = unrelaxed_frames([*shipped, *frames])
    if not chosen:
        raise ReferenceDataError("No relaxation of the reference has been recorded yet.", where=str(own))
    present.parent.mkdir(parents=True, exist_ok=True)
    write(present, chosen, format="extxyz")
    update_resource(
        settings.precomputed_dir,
        FRAMES_FILE,
        description="Frames of the reference's relaxations with PBE forces: slabs, defects, orderings, images.",
        licence="CC0-1.0",
        sources=(OWN_SOURCE,),
    )
    return len(chosen)
