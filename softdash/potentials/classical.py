"""Two classical potentials of ASE: free of torch, instant, for demonstrations and tests. Not universal.

Effective medium theory: Jacobsen, Stoltze, Nørskov, Surf. Sci. 366, 394 (1996). Lennard-Jones argon: Rahman, Phys.
Rev. 136, A405 (1964).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ase
from ase import units

from softdash.potentials.ase import AseCalculatorPotential
from softdash.potentials.interface import KnownEnergy, PotentialCard

# ε/k_B = 120 K and σ = 3.4 Å (Rahman 1964); the smooth cutoff keeps forces the exact derivative of the energy.
_ARGON = {"epsilon": 120.0 * units.kB, "sigma": 3.4, "rc": 8.5, "ro": 6.8}
_EMT_ELEMENTS = frozenset("Al Cu Ag Au Ni Pd Pt H C N O".split())
_ENERGY_TOLERANCE = 1e-6


# ASE's calculators bring scipy, 50 MB that a web process showing these cards can do without: imported where needed.


def _emt_calculator() -> Any:
    from ase.calculators.emt import EMT

    return EMT()


def _argon_calculator() -> Any:
    from ase.calculators.lj import LennardJones

    return LennardJones(smooth=True, **_ARGON)


def _always_installed() -> bool:
    return True


def _sha256_of_emt() -> str:
    # Of the file that holds the parameters, read without importing it.
    return hashlib.sha256((Path(ase.__file__).parent / "calculators" / "emt.py").read_bytes()).hexdigest()


def _sha256_of_argon() -> str:
    return hashlib.sha256(json.dumps(_ARGON, sort_keys=True).encode()).hexdigest()


def _card(
    name: str,
    label: str,
    calculator: Callable[[], Any],
    elements: frozenset[str],
    sha256: Callable[[], str],
    **more: Any,
) -> PotentialCard:
    return PotentialCard(
        name=name,
        label=label,
        family="classical",
        queue="classical",
        version="1",
        package="ase",
        elements=elements,
        functional="none (empirical)",
        licence="LGPL-2.1-or-later (ASE)",
        is_installed=_always_installed,
        weights_sha256=sha256,
        load=partial(AseCalculatorPotential, label, elements, calculator, is_cheap=True),
        is_universal=False,
        **more,
    )


POTENTIALS = (
    _card(
        "emt",
        "Effective medium theory",
        _emt_calculator,
        _EMT_ELEMENTS,
        _sha256_of_emt,
        training_set="Parameters of Al, Ni, Cu, Pd, Ag, Pt, Au metals; H, C, N, O only to try things out",
        citation="doi:10.1016/0039-6028(96)00816-3",
        notes=("A demonstration: meant for metals, computed in milliseconds, not a universal potential.",),
        known_energies=(
            KnownEnergy("Cu fcc 3.6", -0.006688769, _ENERGY_TOLERANCE, "ASE 3.29"),
            KnownEnergy("Al fcc 4.05", -0.001502048, _ENERGY_TOLERANCE, "ASE 3.29"),
        ),
    ),
    _card(
        "lennard-jones-argon",
        "Lennard-Jones argon",
        _argon_calculator,
        frozenset({"Ar"}),
        _sha256_of_argon,
        training_set="Two parameters for argon",
        citation="doi:10.1103/PhysRev.136.A405",
        notes=("A demonstration for solid and liquid argon, not a universal potential.",),
        known_energies=(KnownEnergy("Ar fcc 5.26", -0.080900753, _ENERGY_TOLERANCE, "ASE 3.29"),),
    ),
)
