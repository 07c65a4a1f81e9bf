"""The statistics that softdash shows, each once: key, label, symbol, unit, definition, digits, value; in their order.

Pages, files, terminal, notebooks, the descriptions of columns and of the API's fields, and docs/statistics.md have
them from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from softdash.softening.force_numbers import ForceNumbers
from softdash.softening.notices import three_digits
from softdash.softening.statistics import Interval


def decimals(count: int) -> Callable[[float], str]:
    """Return what writes a number with so many decimals and a true minus sign: 0.851, −0.120."""
    return lambda value: f"{value:.{count}f}".replace("-", "−")


def counted(value: float) -> str:
    """Write a whole number, thousands apart: 10,240."""
    return f"{value:,.0f}"


def _none(_: ForceNumbers) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Quantity:
    """One statistic of the forces.

    Attributes
    ----------
    key : str
        Field of `SofteningStatistics`, and column of tables.
    label : str
        Its name at full length, ``"Corrected MAE (cMAE)"``.
    symbol : str
        Its short name, ``"cMAE"``, for heads of columns.
    unit : str
        Of the number as it is shown. In ``"%"``, `value` is a fraction, as tables and reports keep it.
    definition : str
        One sentence, at most two.
    digits : callable
        Writes the number as it is shown.
    value : callable
        Takes it from the statistics; None where an old report did not keep it.
    interval : callable, optional
        Takes its interval from them.
    names : tuple of str
        How running text and headings write it, the key of its term first; see `softdash.web.parts.terms`.
    anchor : str
        Where the page Methods explains it, if not under its key.
    is_headline : bool
        Whether narrow tables have it: those of the terminal and of notebooks.
    """

    key: str
    label: str
    symbol: str
    unit: str
    definition: str
    digits: Callable[[float], str]
    value: Callable[[ForceNumbers], float | None]
    interval: Callable[[ForceNumbers], Interval | None] = _none
    names: tuple[str, ...] = ()
    anchor: str = ""
    is_headline: bool = False

    def __post_init__(self) -> None:
        """Fill in the usual anchor: the key, ``corrected-mae``."""
        object.__setattr__(self, "anchor", self.anchor or self.key.replace("_", "-"))

    @property
    def heading(self) -> str:
        """Head of a column: ``"cMAE eV/Å"``."""
        return f"{self.symbol} {self.unit}".rstrip()

    @property
    def label_with_unit(self) -> str:
        """The same at full length: ``"Corrected MAE (cMAE) (eV/Å)"``."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def description(self) -> str:
        """What a field or column of this name holds: its definition, and the unit that it is kept in."""
        kept_in = "As a fraction." if self.unit == "%" else f"In {self.unit}." if self.unit else ""
        return f"{self.definition} {kept_in}".rstrip()

    def shown(self, statistics: ForceNumbers) -> float | None:
        """Return the number in the unit that it is shown in."""
        value = self.value(statistics)
        return 100 * value if value is not None and self.unit == "%" else value

    def written(self, number: float | None) -> str:
        """Return a number of this kind as it is shown, without its unit; a dash for None."""
        return "–" if number is None else self.digits(number)

    def written_ends(self, interval: Interval | None) -> str:
        """Return an interval, ``"0.775 to 0.826"``; a dash for None."""
        return "–" if interval is None else f"{self.digits(interval.low)} to {self.digits(interval.high)}"

    def text(self, statistics: ForceNumbers) -> str:
        """Return its number as it is shown, without its unit; a dash where there is none."""
        return self.written(self.shown(statistics))

    def text_with_interval(self, statistics: ForceNumbers) -> str:
        """Return ``"0.851 ± 0.012"``: the number, and half its interval where there is one."""
        interval = self.interval(statistics)
        return self.text(statistics) + ("" if interval is None else f" ± {self.digits(interval.half_width)}")


def _share(which: int) -> Callable[[ForceNumbers], float | None]:
    return lambda statistics: None if statistics.error_shares is None else statistics.error_shares[which]


SLOPE = Quantity(
    "slope",
    "Softening scale s",
    "s",
    "",
    "Slope of predicted on DFT force components, least squares through the origin: Σxy/Σx². Below 1 the potential's "
    "forces are too small.",
    decimals(3),
    lambda s: s.slope,
    lambda s: s.slope_interval,
    names=("softening scale", "median s", "slope s"),
    anchor="softening-scale",
    is_headline=True,
)
SLOPE_WITH_INTERCEPT = Quantity(
    "slope_with_intercept",
    "Slope with intercept",
    "b",
    "",
    "Ordinary least squares of predicted on DFT forces; a difference from the softening scale tells of a constant "
    "offset.",
    decimals(3),
    lambda s: s.slope_with_intercept,
    names=("slope with intercept",),
)
INTERCEPT = Quantity(
    "intercept",
    "Intercept",
    "a",
    "eV/Å",
    "a of the line y = a + b x: the constant offset of the predicted forces.",
    three_digits,
    lambda s: s.intercept,
    names=("intercept",),
    anchor="slope-with-intercept",
)
HUBER_SLOPE = Quantity(
    "huber_slope",
    "Huber slope",
    "Huber",
    "",
    "Robust slope through the origin: few odd components count little.",
    decimals(3),
    lambda s: s.huber_slope,
    names=("Huber slope", "Huber"),
    is_headline=True,
)
R_SQUARED = Quantity(
    "r_squared",
    "R²",
    "R²",
    "",
    "(Σxy)² / (Σx² Σy²): share of the predicted forces that is proportional to DFT; 1 means no scatter.",
    decimals(3),
    lambda s: s.r_squared,
    names=("R²",),
    is_headline=True,
)
MAE = Quantity(
    "mae",
    "MAE",
    "MAE",
    "eV/Å",
    "Mean absolute error, ⟨|y − x|⟩: of forces, over their x, y and z components.",
    three_digits,
    lambda s: s.mae,
    names=("MAE", "mean absolute error"),
    is_headline=True,
)
RMSE = Quantity(
    "rmse",
    "RMSE",
    "RMSE",
    "eV/Å",
    "Root mean square of y − x over components; large errors count more than in the MAE.",
    three_digits,
    lambda s: s.rmse,
    names=("RMSE",),
)
SOFTENING_SHARE = Quantity(
    "softening_share",
    "Softening's share",
    "softening",
    "%",
    "(1 − s)² Σx² / Σ(y − x)²: of the squared force error, what comes with the slope; the rest is scatter.",
    decimals(0),
    _share(0),
    anchor="error-split",
    is_headline=True,
)
SCATTER_SHARE = Quantity(
    "scatter_share",
    "Scatter's share",
    "scatter",
    "%",
    "Σ(y − s x)² / Σ(y − x)²: of the squared force error, what no factor repairs.",
    decimals(0),
    _share(1),
    anchor="error-split",
    is_headline=True,
)
CORRECTED_MAE = Quantity(
    "corrected_mae",
    "Corrected MAE (cMAE)",
    "cMAE",
    "eV/Å",
    "Corrected MAE, ⟨|y/s − x|⟩: the error left when the cloud is turned back onto the diagonal.",
    three_digits,
    lambda s: s.corrected_mae,
    names=("cMAE", "corrected MAE"),
    is_headline=True,
)
ERROR_REDUCTION = Quantity(
    "error_reduction",
    "Error reduction",
    "error reduction",
    "%",
    "1 − cMAE/MAE: by how much the mean error falls when the cloud is turned back onto the diagonal; negative where "
    "that enlarges the scatter too much.",
    three_digits,
    lambda s: s.error_reduction,
    names=("error reduction",),
)
INVERSE_SLOPE = Quantity(
    "inverse_slope",
    "1/s",
    "1/s",
    "",
    "Factor that turns the cloud back onto the diagonal: the slope after it is 1.",
    decimals(3),
    lambda s: s.inverse_slope,
    names=("1/s",),
)
LINEAR_CORRECTION = Quantity(
    "linear_correction",
    "Linear correction c*",
    "c*",
    "",
    "Σxy / Σy²: the one factor on energies and forces that makes the squared force error smallest.",
    decimals(3),
    lambda s: s.linear_correction,
    names=("c*", "linear correction"),
    is_headline=True,
)
MAE_AT_LINEAR_CORRECTION = Quantity(
    "mae_at_linear_correction",
    "MAE at c*",
    "MAE at c*",
    "eV/Å",
    "⟨|c* y − x|⟩: the error left after the factor c*.",
    three_digits,
    lambda s: s.mae_at_linear_correction,
    names=("MAE at c*", "MAE with c*"),
)
LARGEST_LEVERAGE = Quantity(
    "largest_leverage",
    "Largest leverage",
    "leverage",
    "%",
    "max x² / Σx²: share of the slope that hangs on one force component.",
    decimals(1),
    lambda s: s.largest_leverage.share,
    names=("largest leverage", "leverage"),
)
REFERENCE_RMS = Quantity(
    "reference_rms",
    "Reference rms force",
    "rms F",
    "eV/Å",
    "Root mean square of the DFT force components: how far from equilibrium.",
    three_digits,
    lambda s: s.reference_rms,
    names=("rms force", "rms F"),
    anchor="conventions",
)
REFERENCE_MAX = Quantity(
    "reference_max",
    "Largest reference force",
    "max |F|",
    "eV/Å",
    "Largest absolute value of a DFT force component.",
    three_digits,
    lambda s: s.reference_max,
    names=("largest reference force",),
    anchor="conventions",
)
FRAME_COUNT = Quantity(
    "frame_count",
    "Frames used",
    "frames",
    "",
    "Frames with forces that entered.",
    counted,
    lambda s: s.frame_count,
    anchor="intervals",
)
COMPONENT_COUNT = Quantity(
    "component_count",
    "Force components",
    "n",
    "",
    "Three per atom and frame.",
    counted,
    lambda s: s.component_count,
    anchor="intervals",
)

QUANTITIES: tuple[Quantity, ...] = (
    SLOPE,
    SLOPE_WITH_INTERCEPT,
    INTERCEPT,
    HUBER_SLOPE,
    R_SQUARED,
    MAE,
    RMSE,
    SOFTENING_SHARE,
    SCATTER_SHARE,
    CORRECTED_MAE,
    ERROR_REDUCTION,
    INVERSE_SLOPE,
    LINEAR_CORRECTION,
    MAE_AT_LINEAR_CORRECTION,
    LARGEST_LEVERAGE,
    REFERENCE_RMS,
    REFERENCE_MAX,
    FRAME_COUNT,
    COMPONENT_COUNT,
)
"""All of them, in the order in which they are shown."""

COMPARED: tuple[Quantity, ...] = (SLOPE, R_SQUARED, MAE, MAE_AT_LINEAR_CORRECTION)
"""Those at the head of a report, and where potentials or reports stand side by side."""


def headline_quantities() -> list[Quantity]:
    """Return those that narrow tables have."""
    return [quantity for quantity in QUANTITIES if quantity.is_headline]


def headline_columns() -> list[str]:
    """Return the heads of a narrow table of potentials: the first statistic with its interval, then all others."""
    first, *others = (one.heading for one in headline_quantities())
    return [first, "interval", *others]


def headline_cells(statistics: ForceNumbers | None) -> list[str]:
    """Return the cells below them; dashes where there are no statistics."""
    if statistics is None:
        return ["–"] * len(headline_columns())
    first, *others = headline_quantities()
    ends = first.written_ends(first.interval(statistics))
    return [first.text(statistics), ends, *(one.text(statistics) for one in others)]


def field_descriptions() -> dict[str, str]:
    """Return what each field of `SofteningStatistics` that is shown holds, with its unit."""
    return {quantity.key: quantity.description for quantity in QUANTITIES}
