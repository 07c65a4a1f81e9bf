"""What a distribution is drawn from: softening scales of one potential, their bins, published medians beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.potentials.look import Look, look_of
from softdash.softening.statistics import Interval, PopulationSummary

BIN_WIDTH = 0.05
AXIS = (0.0, 2.0)
"""Range of the softening scale drawn, as in the paper's Fig. 5b; materials beyond it count into the last bins."""

_OFF_CENTRE = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class DistributionSeries:
    """Softening scales of one data set by one potential.

    Attributes
    ----------
    potential, label : str
        Identifier (gives the colour) and name for people.
    slopes : ndarray, shape (M,)
    keys, names : ndarray of str, shape (M,)
        Identifier (``"mpf-TP:ZnS"``), given back on a click, and formula of each material.
    summary : PopulationSummary or None
        None for a single material.
    is_first_dataset : bool
        Further data sets of the same potential are drawn paler.
    """

    potential: str
    label: str
    slopes: NDArray[np.float64]
    keys: NDArray[np.object_]
    names: NDArray[np.object_]
    summary: PopulationSummary | None
    is_first_dataset: bool = True

    @property
    def look(self) -> Look:
        """How the potential is drawn."""
        return look_of(self.potential)

    @property
    def opacity(self) -> float:
        """Of filled areas."""
        return 0.62 if self.is_first_dataset else 0.25


@dataclass(frozen=True, slots=True)
class PublishedMedian:
    """A median from the literature, on other materials, drawn for comparison."""

    potential: str
    label: str
    value: float
    is_digitised: bool

    @property
    def text(self) -> str:
        """Label in the figure."""
        return f"{self.label} {'≈ ' if self.is_digitised else ''}{self.value:.2f}"


def bin_edges() -> NDArray[np.float64]:
    """Return the edges of the histogram's bins."""
    return np.round(np.arange(AXIS[0], AXIS[1] + BIN_WIDTH / 2, BIN_WIDTH), 10)


def bin_counts(slopes: NDArray[np.float64]) -> NDArray[np.int_]:
    """Count slopes per bin; each bin holds its lower edge. Slopes beyond the axis count into the last bins."""
    edges = bin_edges()
    # Rounding keeps 0.85 in the bin that starts with it, whatever its last binary digit is.
    place = np.floor(np.round((slopes - AXIS[0]) / BIN_WIDTH, 9)).astype(np.int_)
    return np.bincount(np.clip(place, 0, len(edges) - 2), minlength=len(edges) - 1)


def shown_range(series: Sequence[DistributionSeries], published: Sequence[PublishedMedian] = ()) -> tuple[float, float]:
    """Return the part of the axis with data: whole tenths around all of it, and always 0.5 to 1.3."""
    values = np.concatenate([one.slopes for one in series] or [np.empty(0)])
    values = np.append(values, [one.value for one in published])
    inside = np.clip(values, *AXIS) if values.size else np.array([1.0])
    low, high = np.floor(10 * inside.min() - 0.5) / 10, np.ceil(10 * inside.max() + 0.5) / 10
    return max(AXIS[0], min(0.5, float(low))), min(AXIS[1], max(1.3, float(high)))


def share_text(share: float, interval: Interval) -> str:
    """Return ``"78.7 ± 5.4"`` (%), or ``"100.0 (83.2 to 100.0)"`` where the interval is not centred on the share.

    Parameters
    ----------
    share : float
        0 to 1.
    interval : Interval
        Its interval, 0 to 1.
    """
    middle, half_width = (interval.low + interval.high) / 2, interval.half_width
    if abs(middle - share) < _OFF_CENTRE * half_width:
        return f"{100 * share:.1f} ± {100 * half_width:.1f}"
    return f"{100 * share:.1f} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
