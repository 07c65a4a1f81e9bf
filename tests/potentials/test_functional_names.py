"""Names of functionals: the same one under several names, and others that look alike."""

from __future__ import annotations

import pytest

from softdash.potentials.functionals import functional_differs, plain_functional


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
