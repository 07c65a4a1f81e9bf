"""What the page on point defects says of the vacancy in aluminium: two sizes of the cell, two lattice constants."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell

from softdash.benchmarks.energies.crystals import CRYSTALS
from softdash.benchmarks.energies.potential_energies import STEPS_MAX
from softdash.benchmarks.energies.relaxation_run import relax_structure
from softdash.benchmarks.energies.structure_steps import Freedom
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.registry import card, load_potential
from softdash.web.pages.point_defects.page import TASK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not card("chgnet-0.3.0").is_installed(), reason="needs CHGNet"),
]

SMALL = 3 * np.eye(3, dtype=int)
LARGE = 3 * np.array([[-1, 1, 1], [1, -1, 1], [1, 1, -1]])


def relaxed(atoms: Atoms, freedom: Freedom):
    calculator = PotentialCalculator(load_potential("chgnet-0.3.0"), with_stress=freedom is Freedom.CELL_AND_POSITIONS)
    return relax_structure(atoms, calculator, freedom, steps_max=STEPS_MAX)


def vacancy_energy(unit_cell: Atoms, repeats: np.ndarray) -> tuple[int, float]:
    perfect = make_supercell(unit_cell, repeats)
    defect = perfect.copy()
    del defect[0]
    whole = relaxed(perfect, Freedom.NOTHING).energy
    return len(defect), relaxed(defect, Freedom.POSITIONS).energy - whole * len(defect) / len(perfect)


@pytest.mark.parametrize(
    ("lattice_constant", "small", "large"),
    [(None, 0.166, 0.140), (4.0433, 0.170, 0.144)],
    ids=["as shipped", "minimum"],
)
def test_the_numbers_of_the_page(lattice_constant: float | None, small: float, large: float) -> None:
    unit_cell = (
        relaxed(CRYSTALS["Al"].build(), Freedom.CELL_AND_POSITIONS).atoms
        if lattice_constant is None
        else bulk("Al", "fcc", a=lattice_constant)
    )
    assert vacancy_energy(unit_cell, SMALL) == (26, pytest.approx(small, abs=6e-4))
    assert vacancy_energy(unit_cell, LARGE) == (107, pytest.approx(large, abs=6e-4))
    text = " ".join(str(caveat) for caveat in TASK.caveats)
    assert f"{small:.3f} eV" in text or f"{small:.3f} and" in text
    assert f"{large:.3f} eV" in text
