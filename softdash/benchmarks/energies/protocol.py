"""The numbers that the energy tasks are run by, and that their pages tell (which may import nothing heavy)."""

from __future__ import annotations

POSITION_TOLERANCE = 0.05
"""Largest force on an atom after a relaxation, eV/Å: the paper's for surfaces and defects."""
CELL_TOLERANCE = 0.01
"""The same for bulk crystals, whose cells are relaxed too; eV/Å, the cell's share in ASE's units."""

SLAB_THICKNESS = 10.0
"""Å, the paper's lower bound."""
VACUUM_LENGTH = 10.0
"""Å, the paper's lower bound."""
MILLER_INDEX_MAX = 1
"""Largest index of a surface; 2 in the paper."""

CATIONS_MAX = 4
"""Cations per cell up to which all orderings are enumerated."""
