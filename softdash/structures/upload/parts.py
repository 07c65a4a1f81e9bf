"""What of an upload gives frames by itself: one file, structures and their forces, a supercell and its FORCE_SETS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.upload.recognition import (
    ForceSetsFile,
    ForcesFile,
    FramesFile,
    StructureFile,
    SupercellFile,
)
from softdash.structures.upload.stacked_forces import read_structures_with_forces
from softdash.structures.upload.supercell_forces import read_supercell_with_sets


@dataclass(frozen=True, slots=True)
class FramesAlone:
    """A file of frames with forces."""

    file: FramesFile | SupercellFile

    @property
    def name(self) -> str:
        """Name in messages."""
        return self.file.name

    def read(self, settings: Settings, options: ReadOptions, budget: FrameBudget) -> LabelledFrames:  # noqa: ARG002
        """Return its frames, counted in `budget`; errors as its reader's."""
        return self.file.format.read(self.file.source, settings, budget)


@dataclass(frozen=True, slots=True)
class StructuresWithForces:
    """Structures and the file of their forces, or a structure file and several of forces.

    `reading` tells how they were brought together, where that was a guess.
    """

    structures: Sequence[StructureFile]
    forces: Sequence[ForcesFile]
    reading: Reading | None = None

    @property
    def name(self) -> str:
        """Name in messages."""
        return self.structures[0].name if len(self.structures) == 1 else self.forces[0].name

    def read(self, settings: Settings, options: ReadOptions, budget: FrameBudget) -> LabelledFrames:
        """Return their frames, counted in `budget`; errors as `read_structures_with_forces`."""
        found = read_structures_with_forces(self.structures, self.forces, settings, options, budget)
        return found if self.reading is None else replace(found, readings=(self.reading, *found.readings))


@dataclass(frozen=True, slots=True)
class SupercellWithSets:
    """A supercell and the FORCE_SETS of its displacements."""

    supercell: SupercellFile | StructureFile
    sets: ForceSetsFile

    @property
    def name(self) -> str:
        """Name in messages."""
        return self.supercell.name

    def read(self, settings: Settings, options: ReadOptions, budget: FrameBudget) -> LabelledFrames:
        """Return a frame for each displacement, counted in `budget`; errors as `read_supercell_with_sets`."""
        return read_supercell_with_sets(self.supercell, self.sets, settings, options, budget)


Part = FramesAlone | StructuresWithForces | SupercellWithSets
