"""The crystals on which the contract of potentials (`softdash.potentials.testing`) is tried."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers, reference_states


def crystals_of(elements: frozenset[str]) -> tuple[Atoms, Atoms]:
    """Return two displaced crystals of elements that a potential knows, the second with another number of atoms.

    Parameters
    ----------
    elements : frozenset of str
        Chemical symbols.

    Raises
    ------
    ValueError
        If ASE knows no simple crystal of any of them.
    """
    known = [crystal for crystal in _candidates() if set(crystal.symbols) <= elements]
    if len(known) < 2:
        known += [crystal for symbol in sorted(elements) for crystal in _elemental(symbol)]
    if len(known) < 2:
        raise ValueError(f"ASE knows no simple crystal of {', '.join(sorted(elements))}.")
    # Argon is soft: only strong displacements give forces worth testing.
    amplitude = 0.35 if elements == {"Ar"} else 0.12
    return displaced(known[0], amplitude, seed=1), displaced(known[1], amplitude, seed=2)


def _candidates() -> list[Atoms]:
    kinds: Sequence[tuple[str, str, float, tuple[int, int, int]]] = (
        ("NaCl", "rocksalt", 5.69, (1, 1, 1)),
        ("Si", "diamond", 5.43, (1, 1, 1)),
        ("Cu", "fcc", 3.61, (2, 1, 1)),
        ("Al", "fcc", 4.05, (1, 1, 1)),
        ("Ar", "fcc", 5.26, (2, 1, 1)),
        ("Ar", "fcc", 5.10, (1, 1, 1)),
        ("Si", "diamond", 5.60, (2, 1, 1)),
    )
    return [bulk(formula, kind, a=a, cubic=True).repeat(repeats) for formula, kind, a, repeats in kinds]


def _elemental(symbol: str) -> list[Atoms]:
    """Return two cubic crystals of an element, where ASE's table of reference states has one."""
    state = reference_states[atomic_numbers[symbol]] or {}
    if state.get("symmetry") not in {"fcc", "bcc", "diamond"}:
        return []
    crystal = bulk(symbol, cubic=True)
    return [crystal.repeat((2, 2, 1)), crystal.repeat((2, 2, 2))]


def displaced(crystal: Atoms, amplitude: float, seed: int) -> Atoms:
    """Return a crystal whose atoms are moved at random, by up to `amplitude` (Å) along each axis."""
    atoms: Atoms = crystal.copy()
    atoms.positions += np.random.default_rng(seed).uniform(-amplitude, amplitude, atoms.positions.shape)
    return atoms
