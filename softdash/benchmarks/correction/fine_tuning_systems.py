"""The systems of the fine-tuning benchmark: which labelled frames, and how they are split.

The paper (Deng et al., npj Comput. Mater. 11, 9 (2025), Fig. 6a) fine-tunes on ab initio MD of Li6Zn2In2(IO3)16, which
was not published with it. The systems here are the longest runs of other public sets, one composition each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms

from softdash.benchmarks.data.datasets import ReferenceDataset
from softdash.benchmarks.data.datasets import dataset as dataset_named
from softdash.benchmarks.data.reference_data import read_materials
from softdash.benchmarks.data.reference_file import ReferenceFile
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame

SMALLEST_REFERENCE_MAX = 1.0
"""Frames whose largest reference force component is below this are left out, in eV/Å: no high-energy states."""

SAME_CONFIGURATION = 0.05
"""Frames whose atoms are closer than this (root mean square, Å, in fractions of the cell) are one configuration."""

_SPLIT_SEED = 2025
_TRAIN_FRAMES_MIN, _TRAIN_FRAMES_MAX = 2, 10
_USABLE = (
    f"A frame counts with its energy, a force component of at least {SMALLEST_REFERENCE_MAX:g} eV/Å, and when it is no "
    "copy of another one, strained or not."
)


@dataclass(frozen=True, slots=True)
class FineTuningSystem:
    """One system.

    Attributes
    ----------
    name : str
        Identifier in tables and commands.
    label : str
        Name for people.
    formula : str
    dataset : str
        Name of the data set that holds its frames.
    material_ids : tuple of str
        Its materials there.
    atom_counts : tuple of int
        Only frames of these sizes; empty for all.
    train_counts : tuple of int
        Sizes of the training sets, ascending; the frames of a smaller one are part of the larger ones.
    test_max : int
        At most so many frames are the test set.
    functional : str
        Of the labels.
    note : str
        What the frames are.
    own_file : ReferenceFile or None
        The frames themselves, where a reader's own file holds them and no data set.
    """

    name: str
    label: str
    formula: str
    dataset: str
    material_ids: tuple[str, ...]
    functional: str
    note: str
    atom_counts: tuple[int, ...] = ()
    train_counts: tuple[int, ...] = (1, 10)
    test_max: int = 60
    own_file: ReferenceFile | None = None

    @property
    def reference(self) -> ReferenceDataset:
        """The data set, with every frame of these materials."""
        if self.own_file is not None:
            return self.own_file.dataset
        whole = dataset_named(self.dataset)
        return replace(whole, material_ids=self.material_ids, excluded_ids=(), frames_per_material=None)


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of frames in the system: `test` is the same for every seed, `pool` is in the order of drawing."""

    pool: tuple[int, ...]
    test: tuple[int, ...]


SYSTEMS = (
    FineTuningSystem(
        name="si-64",
        label="Silicon, 64 atoms",
        formula="Si",
        dataset="mvl-metals",
        material_ids=("mlearn:Si",),
        functional="PBE",
        note="Ab initio MD up to the melt, also with a vacancy or strained, cells of 63 and 64 atoms.",
        atom_counts=(63, 64),
    ),
    FineTuningSystem(
        name="lif-8",
        label="LiF, 8 atoms",
        formula="LiF",
        dataset="gpaw_pbe",
        material_ids=("gpaw-LiF",),
        functional="PBE",
        note=(
            "softdash's own states at 1000 K, four of them strained by 3 %. Ten frames are shipped with it, so five "
            "are the larger training set: anyone repeats this one in a minute."
        ),
        train_counts=(1, 5),
    ),
    FineTuningSystem(
        name="mo-54",
        label="Molybdenum, 54 atoms",
        formula="Mo",
        dataset="mvl-metals",
        material_ids=("mlearn:Mo", "mvl-snap:Mo"),
        functional="PBE",
        note="Ab initio MD up to the melt, and with a vacancy, cells of 53 and 54 atoms.",
        atom_counts=(53, 54),
    ),
    FineTuningSystem(
        name="lgps",
        label="Li10GeP2S12, 50 atoms",
        formula="Li10Ge(PS6)2",
        dataset="lgps-aimd",
        material_ids=("pymatgen-core:Li10GeP2S12",),
        functional="PBEsol",
        note="Ab initio MD of a lithium conductor. There are twelve frames only, so five are the larger training set.",
        train_counts=(1, 5),
    ),
    FineTuningSystem(
        name="ge-64",
        label="Germanium, 64 atoms",
        formula="Ge",
        dataset="mvl-metals",
        material_ids=("mlearn:Ge",),
        functional="PBE",
        note="Ab initio MD up to the melt, also with a vacancy or strained, cells of 63 and 64 atoms.",
        atom_counts=(63, 64),
    ),
    FineTuningSystem(
        name="si-16",
        label="Silicon quenched from random, 16 atoms",
        formula="Si",
        dataset="vasp-tests",
        material_ids=("atomate2:Si",),
        functional="PBE",
        note=(
            "Ab initio MD of random packings that are compressed, expanded and quenched: configurations so far from "
            "any crystal that the pretrained potential explains only half of the forces."
        ),
        atom_counts=(16,),
    ),
)


def system(name: str) -> FineTuningSystem:
    """Return one system.

    Raises
    ------
    NotFoundError
        If there is none of that name; the message lists the names there are.
    """
    for candidate in SYSTEMS:
        if candidate.name == name:
            return candidate
    raise NotFoundError(
        f"There is no fine-tuning system named '{name}'.",
        advice=f"Choose one of: {', '.join(known.name for known in SYSTEMS)}.",
    )


def system_of_file(own_file: ReferenceFile) -> FineTuningSystem:
    """Make a system of a reader's own frames: one and ten to train on, or half of them where they are few.

    Raises
    ------
    ReferenceDataError
        If the frames are of several materials.
    """
    if len(own_file.materials) > 1:
        raise ReferenceDataError(
            f"The file has frames of {len(own_file.materials)} materials; fine-tuning takes those of one.",
            where=own_file.dataset.label,
            advice="Put the frames of one formula into a file of their own.",
        )
    material = own_file.materials[0]
    larger = min(_TRAIN_FRAMES_MAX, len(_usable(material.frames, ())) // 2)
    if larger < _TRAIN_FRAMES_MIN:
        raise ReferenceDataError(
            f"Fewer than {2 * _TRAIN_FRAMES_MIN} of the file's {len(material.frames)} frames can be used.",
            where=own_file.dataset.label,
            advice=_USABLE,
        )
    return FineTuningSystem(
        name=own_file.dataset.name,
        label=own_file.dataset.label,
        formula=material.formula,
        dataset=own_file.dataset.name,
        material_ids=(material.material_id,),
        functional=material.functional,
        note="Given by --reference.",
        train_counts=(1, larger),
        own_file=own_file,
    )


def read_frames(chosen: FineTuningSystem, settings: Settings) -> list[LabelledFrame]:
    """Read the frames of a system: those with energies, of the right size, and far from equilibrium.

    Of copies of one configuration, strained or not, only the first is taken: a test set that holds the training frame
    under another strain would measure memory.

    Raises
    ------
    ReferenceDataError
        If the data set is not here, or too few frames are left for training and test.
    """
    own = chosen.own_file
    materials = read_materials(chosen.reference, settings) if own is None else own.materials
    frames = _usable(
        [frame for one in materials if one.functional == chosen.functional for frame in one.frames], chosen.atom_counts
    )
    if len(frames) <= chosen.train_counts[-1]:
        raise ReferenceDataError(
            f"There are {len(frames)} usable frames, not enough for {chosen.train_counts[-1]} to train on and a test.",
            where=chosen.label,
            advice="Fetch the data set again.",
        )
    return frames


def split_frames(chosen: FineTuningSystem, frame_count: int, seed: int) -> Split:
    """Split frames at random: a test set that is the same for all seeds, and the rest in the order of drawing.

    Parameters
    ----------
    frame_count : int
    seed : int
        Of the order in which the training frames are drawn.
    """
    shuffled = np.random.default_rng(_SPLIT_SEED).permutation(frame_count)
    test_count = min(chosen.test_max, frame_count - chosen.train_counts[-1])
    test, pool = np.sort(shuffled[:test_count]), np.sort(shuffled[test_count:])
    drawn = np.random.default_rng([_SPLIT_SEED, seed]).permutation(pool)
    return Split(pool=tuple(drawn.tolist()), test=tuple(test.tolist()))


def _usable(frames: Sequence[LabelledFrame], atom_counts: Sequence[int]) -> list[LabelledFrame]:
    return _without_copies([frame for frame in frames if _is_wanted(frame, atom_counts)])


def _is_wanted(frame: LabelledFrame, atom_counts: Sequence[int]) -> bool:
    if frame.reference_energy is None or (atom_counts and len(frame.atoms) not in atom_counts):
        return False
    return float(np.abs(frame.reference_forces).max()) >= SMALLEST_REFERENCE_MAX


def _without_copies(frames: Sequence[LabelledFrame]) -> list[LabelledFrame]:
    kept: list[LabelledFrame] = []
    for frame in frames:
        if not any(_is_copy(frame.atoms, earlier.atoms) for earlier in kept):
            kept.append(frame)
    return kept


def _is_copy(atoms: Atoms, earlier: Atoms) -> bool:
    if not np.array_equal(atoms.numbers, earlier.numbers):
        return False
    shift = atoms.get_scaled_positions() - earlier.get_scaled_positions()
    displacement = (shift - np.round(shift)) @ atoms.cell.array
    return bool(np.sqrt(np.mean(np.sum(displacement**2, axis=1))) < SAME_CONFIGURATION)
