"""Any ASE calculator behind the interface of potentials, one frame at a time."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import PredictionError
from softdash.potentials.elements import refuse_unknown_elements
from softdash.potentials.interface import Prediction, Progress
from softdash.potentials.periodic_box import in_periodic_box, stress_volume_ratio

logger = logging.getLogger(__name__)

# Their neighbour lists, kept from frame to frame, change the last digits; making them anew costs next to nothing.
_OF_ASE = "ase.calculators."


class AseCalculatorPotential:
    """A potential that an ASE calculator computes.

    Each frame reaches it as numbers and positions in a right-handed cell, periodic in all directions, with vacuum
    where the frame is not: calculators differ in what they make of other cells. Charges, spins and constraints of an
    upload do not reach it.

    Parameters
    ----------
    name : str
        For messages: the label of its card.
    elements : frozenset of str
        What it can compute; a frame with others is refused before anything is computed.
    calculator : callable
        Makes the calculator, at the first prediction; the same one computes all frames.
    is_cheap : bool
        Make a new one for each frame instead: neighbour lists that are kept change the last digits.
    """

    def __init__(
        self, name: str, elements: frozenset[str], calculator: Callable[[], Any], *, is_cheap: bool = False
    ) -> None:
        self._name = name
        self._elements = elements
        self._make = calculator
        self._is_cheap = is_cheap
        self._calculator: Any = None

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames, in their order; see `softdash.potentials.interface.Potential`.

        Raises
        ------
        PredictionError
            If the calculator fails on a frame, or returns numbers that are not finite.
        """
        refuse_unknown_elements(self._name, self._elements, frames)
        if self._calculator is None and not self._is_cheap and len(frames) > 0:
            self._calculator = self._make()
        predictions = []
        for position, frame in enumerate(frames, start=1):
            predictions.append(self._predict_frame(frame, f"frame {position}", stress=stress))
            if progress is not None:
                progress(position, len(frames))
        return predictions

    def _predict_frame(self, frame: Atoms, where: str, *, stress: bool) -> Prediction:
        bare = Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=frame.pbc)
        atoms = in_periodic_box(bare, where).copy()
        ratio = stress_volume_ratio(bare, atoms) if stress else None
        atoms.calc = self._make() if self._is_cheap else self._calculator
        if type(atoms.calc).__module__.startswith(_OF_ASE):
            atoms.calc.reset()
        try:
            with contextlib.redirect_stdout(sys.stderr):
                energy, forces = float(atoms.get_potential_energy()), np.array(atoms.get_forces(), dtype=np.float64)
                tensor = None if ratio is None else _stress(atoms)
        except Exception as error:
            logger.info("%s, %s", self._name, where, exc_info=error)
            raise PredictionError(
                f"{self._name} could not compute this frame: its calculator ended with {type(error).__name__}.",
                where=where,
                advice="Check for elements that it does not know and atoms on top of each other; try its own examples.",
            ) from error
        if not (np.isfinite(energy) and np.isfinite(forces).all()):
            raise PredictionError(
                f"{self._name} returned a number that is not finite.",
                where=where,
                advice="Check for atoms that are very close to each other.",
            )
        return Prediction(forces, energy, None if tensor is None or ratio is None else tensor * ratio)


def _stress(atoms: Atoms) -> NDArray[np.float64] | None:
    """Return the stress, eV/Å³; None of a calculator that has none."""
    try:
        return np.array(atoms.get_stress(voigt=False), dtype=np.float64)
    except NotImplementedError:
        return None
