"""What the draggable figure of the overview shows: a potential-energy curve that flattens, a parity cloud that tilts.

The browser draws it (``assets/overview.js``), so that dragging needs no server and the first view need not wait for
plotly; the numbers come from here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MORSE_STIFFNESS = 1.3
"""Inverse width of the Morse curve, 1/Å: about that of a strong ionic bond. Only the shape matters here."""

DISPLACED = 0.75
"""Where the atom sits whose force is drawn, Å from the minimum."""

ARROW_LENGTH = 0.9
"""Å on the axis per unit of force."""

_DISPLACEMENTS = np.linspace(-0.42, 1.55, 120)


@dataclass(frozen=True, slots=True)
class EnergySketch:
    """The energy of an atom against its displacement, and the force on it at one place; energies in units of the well.

    Attributes
    ----------
    displacement, energy : list of float
        The DFT curve; the potential's is this one times the softening scale.
    atom, atom_energy : float
        Where the displaced atom sits.
    arrow : float
        Length of the arrow of its DFT force, Å on the axis; the potential's is this one times the softening scale.
    """

    displacement: list[float]
    energy: list[float]
    atom: float
    atom_energy: float
    arrow: float


@dataclass(frozen=True, slots=True, eq=False)
class ExampleMaterial:
    """The material behind the figure; `reference` and `predicted` are force components, eV/Å, shape (n,)."""

    dataset: str
    potential: str
    formula: str
    functional: str
    frame_count: int
    slope: float
    interval_half_width: float | None
    reference: NDArray[np.float64]
    predicted: NDArray[np.float64]
    elements: list[str]

    @property
    def start(self) -> float:
        """The real slope as the slider shows it."""
        return round(self.slope, 3)


def morse_energy(displacement: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Morse energy D(1 − exp(−a x))² with depth D = 1 (Morse, Phys. Rev. 34, 57 (1929)).

    Parameters
    ----------
    displacement : ndarray
        Å from the minimum.
    """
    energy: NDArray[np.float64] = (1 - np.exp(-MORSE_STIFFNESS * displacement)) ** 2
    return energy


def morse_slope(displacement: float) -> float:
    """Return the derivative of `morse_energy`, per Å: minus the force."""
    decay = float(np.exp(-MORSE_STIFFNESS * displacement))
    return 2 * MORSE_STIFFNESS * decay * (1 - decay)


def energy_sketch() -> EnergySketch:
    """Return the curve and the displaced atom, rounded for transport."""
    return EnergySketch(
        displacement=_DISPLACEMENTS.round(3).tolist(),
        energy=morse_energy(_DISPLACEMENTS).round(4).tolist(),
        atom=DISPLACED,
        atom_energy=round(float(morse_energy(np.array([DISPLACED]))[0]), 4),
        arrow=round(ARROW_LENGTH * morse_slope(DISPLACED), 4),
    )


def draggable_figure(example: ExampleMaterial, *, label: str, colour: str) -> dict[str, Any]:
    """Return what the browser draws, as JSON.

    Parameters
    ----------
    example : ExampleMaterial
    label, colour : str
        Name and colour of its potential.
    """
    return {
        "formula": example.formula,
        "label": label,
        "colour": colour,
        "slope": round(example.slope, 6),
        "start": example.start,
        "reference": example.reference.round(3).tolist(),
        "predicted": example.predicted.round(3).tolist(),
        "elements": example.elements,
        "sketch": asdict(energy_sketch()),
    }
