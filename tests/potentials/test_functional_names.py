"""Names of functionals: the same one under several names, and others that look alike."""

from __future__ import annotations

import pytest

from softdash.potentials.functionals import HUBBARD_METALS, functional_differs, plain_functional


@pytest.mark.parametrize(
    ("functional", "training", "differs"),
    [
        ("PBE", "PBE / PBE+U", False),
        ("PBE+U", "PBE / PBE+U", False),
        ("pbe + u", "PBE / PBE+U", False),
        ("PBE(+U) MP-compatible (VASP)", "PBE / PBE+U", False),
        ("PBE, GPAW 26.7", "PBE", False),
        ("PBEsol", "PBE / PBE+U", True),
        ("r2SCAN", "PBE / PBE+U", True),
        ("r²SCAN", "r2SCAN", False),
        ("SCAN", "r2SCAN", True),
        ("PBE", "r2SCAN", True),
        ("RPBE", "PBE / PBE+U", True),
        ("revPBE", "PBE", True),
        ("PBE+D3", "PBE / PBE+U", True),
        ("PBE D3", "PBE / PBE+U", True),
        ("PBE-D3(BJ)", "PBE", True),
        ("PBE+U+D3(BJ)", "PBE+D3(BJ)", False),
        ("HSE06", "PBE", True),
        ("", "PBE", True),
    ],
)
def test_functionals(functional: str, training: str, differs: bool) -> None:
    assert functional_differs(functional, training) is differs


def test_a_name_that_starts_with_u_is_no_hubbard_u() -> None:
    assert plain_functional("PBE+ULG") == "pbe+ulg"


@pytest.mark.parametrize(
    ("functional", "training", "elements", "differs"),
    [
        ("PBE", "PBE / PBE+U", "Fe O", True),
        ("PBE+U", "PBE / PBE+U", "Fe O", False),
        ("PBE", "PBE / PBE+U", "Co F", True),
        ("PBE", "PBE / PBE+U", "Fe S", False),
        ("PBE+U", "PBE / PBE+U", "Fe S", True),
        ("PBE", "PBE / PBE+U", "Ti O", False),
        ("PBE+U", "PBE / PBE+U", "Ti O", True),
        ("PBE+U", "PBE", "Fe O", True),
        ("PBE", "PBE", "Fe O", False),
        ("PBE+U", "PBE", "Na Cl", False),
        ("PBE(+U) MP-compatible (VASP)", "PBE / PBE+U", "Fe O", False),
        ("PBE(+U) MP-compatible (VASP)", "PBE", "Fe O", True),
        ("PBE(+U) MP-compatible (VASP)", "PBE", "Na O", False),
        ("r2SCAN", "PBE / PBE+U", "Na Cl", True),
    ],
)
def test_a_hubbard_u_belongs_to_the_elements(functional: str, training: str, elements: str, differs: bool) -> None:
    assert functional_differs(functional, training, elements.split()) is differs


def test_the_metals_with_a_hubbard_u_are_those_of_the_materials_project() -> None:
    assert sorted(HUBBARD_METALS) == ["Co", "Cr", "Fe", "Mn", "Mo", "Ni", "V", "W"]
