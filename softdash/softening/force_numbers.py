"""What a shown statistic is taken from, whether it comes from a report or from a row of the catalog."""

from __future__ import annotations

from typing import Protocol

from softdash.softening.statistics import Interval


class HasShare(Protocol):
    """The largest leverage."""

    @property
    def share(self) -> float:
        """Its share of Σx²."""
        ...


class ForceNumbers(Protocol):
    """The part of `SofteningStatistics` that is shown, under the same names."""

    @property
    def slope(self) -> float: ...  # noqa: D102
    @property
    def slope_interval(self) -> Interval | None: ...  # noqa: D102
    @property
    def slope_with_intercept(self) -> float: ...  # noqa: D102
    @property
    def intercept(self) -> float: ...  # noqa: D102
    @property
    def huber_slope(self) -> float: ...  # noqa: D102
    @property
    def r_squared(self) -> float: ...  # noqa: D102
    @property
    def mae(self) -> float: ...  # noqa: D102
    @property
    def rmse(self) -> float: ...  # noqa: D102
    @property
    def error_shares(self) -> tuple[float, float] | None: ...  # noqa: D102
    @property
    def corrected_mae(self) -> float: ...  # noqa: D102
    @property
    def error_reduction(self) -> float: ...  # noqa: D102
    @property
    def inverse_slope(self) -> float: ...  # noqa: D102
    @property
    def linear_correction(self) -> float: ...  # noqa: D102
    @property
    def mae_at_linear_correction(self) -> float: ...  # noqa: D102
    @property
    def largest_leverage(self) -> HasShare: ...  # noqa: D102
    @property
    def reference_rms(self) -> float: ...  # noqa: D102
    @property
    def reference_max(self) -> float: ...  # noqa: D102
    @property
    def frame_count(self) -> int: ...  # noqa: D102
    @property
    def component_count(self) -> int: ...  # noqa: D102
