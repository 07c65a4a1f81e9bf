"""A structure read from a file that has no forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.structures.frames.fixed_atoms import Fixed
from softdash.structures.frames.readings import Reading


@dataclass(frozen=True, slots=True)
class BareStructure:
    """One structure without labels.

    Attributes
    ----------
    atoms : ase.Atoms
        In the order and with the coordinates of the file.
    file_format : str
        ``"CIF"`` or ``"POSCAR"``.
    site_count : int
        Sites that the file lists; fewer than the atoms where symmetry generated the others.
    warnings : tuple of str
    fixed : ndarray of bool, shape (N, 3), or None
        What the run kept in place, where the file says it.
    labels : tuple of str, or None
        The file's own name of each atom (``"Ti1"``); atoms that symmetry made of one site share its name.
    rounding : ndarray, shape (3, 3), or None
        Half a unit in the last place of the coordinates as they are written, Å: see `LabelledFrame.rounding`.
    orientation_is_known : bool
        Whether the file says how its cell lies in space; lengths and angles alone do not.
    readings : tuple of Reading
    listed : ase.Atoms, or None
        The sites as the file lists them, where symmetry multiplied them.
    listed_labels : tuple of str, or None
        Their names.
    name : str or None
        The structure's own name in a file that may hold several (``data_…`` of a CIF).
    problem : RefusalError or None
        Why `atoms` is not believed to be the whole cell.
    alternatives : tuple of BareStructure
        Other ways to read the same lines, each believed only if exactly as many forces come with it.
    """

    atoms: Atoms
    file_format: str
    site_count: int
    warnings: tuple[str, ...] = ()
    fixed: Fixed | None = None
    labels: tuple[str, ...] | None = None
    rounding: NDArray[np.float64] | None = None
    orientation_is_known: bool = True
    readings: tuple[Reading, ...] = ()
    listed: Atoms | None = None
    listed_labels: tuple[str, ...] | None = None
    name: str | None = None
    problem: RefusalError | None = None
    alternatives: tuple[BareStructure, ...] = ()

    @property
    def is_expanded(self) -> bool:
        """Whether symmetry generated atoms that the file does not list: their order is nobody's convention."""
        return len(self.atoms) != self.site_count
