"""What a parity plot is drawn from: force components of one potential, and the numbers of their fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.softening.statistics import SofteningStatistics


@dataclass(frozen=True, slots=True)
class ParityFit:
    """The numbers a parity plot shows: softening scale with its interval, R², MAE and cMAE (eV/Å)."""

    slope: float
    interval_low: float | None
    interval_high: float | None
    r_squared: float
    mae: float
    corrected_mae: float

    @classmethod
    def of(cls, statistics: SofteningStatistics) -> ParityFit:
        """Take them from the statistics of one material."""
        interval = statistics.slope_interval
        return cls(
            slope=statistics.slope,
            interval_low=interval.low if interval else None,
            interval_high=interval.high if interval else None,
            r_squared=statistics.r_squared,
            mae=statistics.mae,
            corrected_mae=statistics.corrected_mae,
        )

    @property
    def slope_text(self) -> str:
        """``"0.851 ± 0.012"``; without the ± where there is no interval."""
        value = f"{self.slope:.3f}".replace("-", "−")
        if self.interval_low is None or self.interval_high is None:
            return value
        return f"{value} ± {(self.interval_high - self.interval_low) / 2:.3f}"


@dataclass(frozen=True, slots=True, eq=False)
class ParitySeries:
    """Force components of one potential for one material.

    Attributes
    ----------
    potential, label : str
        Identifier (gives the colour) and name for people.
    reference, predicted : ndarray, shape (n,)
        Force components, eV/Å, in the same order.
    fit : ParityFit
    elements : ndarray of str, shape (n,), optional
        Chemical symbol of each component's atom.
    frames, atoms : ndarray of int, shape (n,), optional
        Numbers for the reader, counted from 1.
    axes : ndarray of str, shape (n,), optional
        ``"x"``, ``"y"`` or ``"z"``.
    """

    potential: str
    label: str
    reference: NDArray[np.float64]
    predicted: NDArray[np.float64]
    fit: ParityFit
    elements: NDArray[np.str_] | None = None
    frames: NDArray[np.int_] | None = None
    atoms: NDArray[np.int_] | None = None
    axes: NDArray[np.str_] | None = None

    @classmethod
    def from_forces(
        cls,
        potential: str,
        label: str,
        reference: ArrayLike,
        predicted: ArrayLike,
        fit: ParityFit | SofteningStatistics,
        *,
        elements: Sequence[str] | NDArray[Any],
        frames: ArrayLike,
        atoms: ArrayLike,
    ) -> ParitySeries:
        """Build a series from forces on atoms.

        Parameters
        ----------
        potential, label : str
        reference, predicted : array_like, shape (N, 3)
            Forces, eV/Å.
        fit : ParityFit or SofteningStatistics
        elements : sequence of str, length N
        frames, atoms : array_like of int, shape (N,)
            Counted from 1.
        """
        x, y = np.asarray(reference, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
        return cls(
            potential=potential,
            label=label,
            reference=x.ravel(),
            predicted=y.ravel(),
            fit=ParityFit.of(fit) if isinstance(fit, SofteningStatistics) else fit,
            elements=np.repeat(np.asarray(elements, dtype=np.str_), 3),
            frames=np.repeat(np.asarray(frames), 3),
            atoms=np.repeat(np.asarray(atoms), 3),
            axes=np.tile(np.array(["x", "y", "z"]), len(x)),
        )

    def at(self, chosen: NDArray[Any]) -> ParitySeries:
        """Return the components that an index or a mask chooses."""
        return replace(
            self,
            reference=self.reference[chosen],
            predicted=self.predicted[chosen],
            elements=None if self.elements is None else self.elements[chosen],
            frames=None if self.frames is None else self.frames[chosen],
            atoms=None if self.atoms is None else self.atoms[chosen],
            axes=None if self.axes is None else self.axes[chosen],
        )

    def by_element(self) -> Iterator[tuple[str, ParitySeries]]:
        """Yield (symbol, components on that element), in the order of first appearance."""
        if self.elements is None:
            yield "", self
            return
        symbols, first = np.unique(self.elements, return_index=True)
        for symbol in symbols[np.argsort(first)]:
            yield str(symbol), self.at(self.elements == symbol)
