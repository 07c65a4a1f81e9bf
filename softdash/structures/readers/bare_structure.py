"""A structure read from a file that has no forces."""

from __future__ import annotations

from dataclasses import dataclass

from ase import Atoms

from softdash.structures.fixed_atoms import Fixed


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
    """

    atoms: Atoms
    file_format: str
    site_count: int
    warnings: tuple[str, ...] = ()
    fixed: Fixed | None = None

    @property
    def is_expanded(self) -> bool:
        """Whether symmetry generated atoms that the file does not list: their order is nobody's convention."""
        return len(self.atoms) != self.site_count
