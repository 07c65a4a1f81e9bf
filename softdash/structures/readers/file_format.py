"""What a reader declares of its format: its files, how they are recognised, what they hold, and what reads them.

`softdash.structures.upload.formats` collects the declarations; everything that names formats derives from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from ase import Atoms

    from softdash.settings import Settings
    from softdash.structures.frames.labelled_frame import LabelledFrames
    from softdash.structures.frames.limits import FrameBudget
    from softdash.structures.frames.read_options import ReadOptions
    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.decompression import SourceFile
    from softdash.structures.readers.displaced_supercells import DisplacedForces, Supercell
    from softdash.structures.readers.tables.forces_table import ForcesTable

Content = Literal["structure", "forces", "energy", "stress", "functional"]


class Role(Enum):
    """What a file brings to an upload."""

    LABELLED = "frames with forces"
    STRUCTURE = "a structure without forces"
    FORCES = "a table of forces without a structure"
    SUPERCELL = "a supercell and its displacements, perhaps with forces"
    FORCE_SETS = "forces of displaced supercells"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """One format; its subclasses, one for each role, add the functions that read it.

    Attributes
    ----------
    name : str
        Name for people.
    suffixes : tuple of str
        Endings of file names, lower case.
    stems : tuple of str
        File names that need no ending (``POSCAR``); what follows them after ``.``, ``_`` or ``-`` is free.
    signatures : tuple of bytes
        Words in its first lines, one of which tells it from other formats of the same ending.
    name_suffices : bool
        Whether a file with an ending that no other format has is believed without its signature.
    look_inside : callable or None
        Tells the format of a file, where that takes more than its first lines; None for a file of another format.
        Formats of one ending may share it: it is declared by one of them.
    holds : tuple of str
        What such a file may hold.
    """

    role: ClassVar[Role]

    name: str
    suffixes: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    signatures: tuple[bytes, ...] = ()
    name_suffices: bool = True
    look_inside: Callable[[SourceFile, Settings], FileFormat | None] | None = None
    holds: tuple[Content, ...]

    @property
    def names_shown(self) -> str:
        """Its file names for people: ``"POSCAR, CONTCAR, *.vasp"``."""
        return ", ".join((*self.stems, *(f"*{suffix}" for suffix in self.suffixes)))

    def may_end_in(self, suffix: str) -> bool:
        """Whether its files may end so."""
        return suffix in self.suffixes

    def may_be_called(self, stem: str) -> bool:
        """Whether a file may have this name without an ending."""
        return any(is_named(stem, known) for known in self.stems)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesFormat(FileFormat):
    """Frames with their forces: a file is enough.

    Attributes
    ----------
    read : callable
        ``(source, settings, budget)``: all frames with forces.
    last_structure : callable or None
        ``(source, settings, budget)``: the last structure, with forces or without, and how many there are; None for
        none. Without it, the last of the frames that `read` returns is taken.
    yields_to : FileFormat or None
        Format of the same run with more digits: where one file of each is in a folder, this one is left aside.
    """

    role = Role.LABELLED

    read: Callable[[SourceFile, Settings, FrameBudget], LabelledFrames]
    last_structure: Callable[[SourceFile, Settings, FrameBudget], tuple[Atoms, int] | None] | None = None
    yields_to: FileFormat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureFormat(FileFormat):
    """Structures without forces.

    Attributes
    ----------
    read : callable
        ``(source, settings, budget, options)``: the only structure, counted in `budget`.
    read_all : callable or None
        The same for files that may hold several; it counts nothing.
    """

    role = Role.STRUCTURE

    read: Callable[[SourceFile, Settings, FrameBudget, ReadOptions], BareStructure]
    read_all: Callable[[SourceFile, Settings, FrameBudget, ReadOptions], list[BareStructure]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcesFormat(FileFormat):
    """Forces without a structure.

    Attributes
    ----------
    read : callable
        ``(source, settings, options)``: the forces of one frame.
    read_frames : callable
        The same for one frame or several.
    """

    role = Role.FORCES

    read: Callable[[SourceFile, Settings, ReadOptions], ForcesTable]
    read_frames: Callable[[SourceFile, Settings, ReadOptions], tuple[ForcesTable, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupercellFormat(FileFormat):
    """A supercell and its displacements, perhaps with forces.

    Attributes
    ----------
    read : callable
        ``(source, settings, budget)``: a frame for each displacement with forces.
    read_supercell : callable
        ``(source, settings)``: the supercell, whose forces are in another file.
    """

    role = Role.SUPERCELL

    read: Callable[[SourceFile, Settings, FrameBudget], LabelledFrames]
    read_supercell: Callable[[SourceFile, Settings], Supercell]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceSetsFormat(FileFormat):
    """Forces of displaced supercells.

    Attributes
    ----------
    read : callable
        ``(source, settings, atom_count, is_supercell=…)``: see `softdash.structures.readers.force_sets.read`.
    """

    role = Role.FORCE_SETS

    read: Callable[..., tuple[DisplacedForces, ...]]


def is_named(stem: str, known: str) -> bool:
    """Whether a file name is `known`, with anything before or after it behind ``.``, ``_``, ``-``, blank or bracket."""
    return bool(re.match(rf"(.*[._\-) ])?{known}([._\- (].*)?$", stem, re.IGNORECASE))
