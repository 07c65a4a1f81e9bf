"""Every statistic that softdash shows: its place on the methods page, its formula, what to know about it."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from softdash.softening import quantities
from softdash.softening.breakdowns import FEWEST_COMPONENTS_SHOWN
from softdash.softening.intervals import LEVEL
from softdash.softening.notices import HUBER_SLOPE_DIFFERENCE, INTERCEPT_SLOPE_DIFFERENCE
from softdash.softening.quantities import Quantity
from softdash.softening.sample_size import HALF_WIDTH
from softdash.softening.slopes import HUBER_TUNING
from softdash.web.parts.formula import formula, fraction, sub, sup


@dataclass(frozen=True, slots=True)
class Definition:
    """One statistic.

    Attributes
    ----------
    anchor : str
        Its address on the page, ``/methods#softening-scale``.
    name : str
    body : tuple of Component
        Formula and text.
    """

    anchor: str
    name: str
    body: tuple[Component, ...]

    def section(self) -> Component:
        """Return it as a part of the page."""
        return html.Section([html.H3(self.name, id=self.anchor), *self.body], className="definition-entry")


def _definition(quantity: Quantity, body: tuple[Component, ...]) -> Definition:
    return Definition(quantity.anchor, quantity.label, body)


def _text(*parts: str | Component) -> html.P:
    return html.P(list(parts))


SLOPES: tuple[Definition, ...] = (
    _definition(
        quantities.SLOPE,
        (
            formula(
                "s = ", fraction("Σ x y", ["Σ x", sup("2")]), spoken="s equals the sum of x y over the sum of x squared"
            ),
            _text(
                "Least squares of the predicted on the DFT force components, through the origin. 1 means that forces "
                "have the right size on average; 0.85 means that they are 15 % too small (softening); above 1 they "
                "are too large (stiffening). Of the paper's possible readings of “linear fitted slope” this is the "
                "one that matcalc's benchmark uses too."
            ),
        ),
    ),
    _definition(
        quantities.SLOPE_WITH_INTERCEPT,
        (
            formula("y = a + b x", spoken="y equals a plus b x"),
            _text(
                "Ordinary least squares. A note appears when b and s differ by more than "
                f"{INTERCEPT_SLOPE_DIFFERENCE:g}: then the forces carry a constant offset, from a drift or a "
                "constraint."
            ),
        ),
    ),
    _definition(
        quantities.HUBER_SLOPE,
        (
            formula(
                "minimise Σ ρ",
                html.Span(["(", fraction("y − s x", "σ"), ")"]),
                spoken="minimise the sum of rho of y minus s x over sigma",
            ),
            _text(
                f"Robust slope through the origin with Huber's ρ (tuning constant {HUBER_TUNING:g}, σ from the median "
                "absolute deviation): a few odd components count little. A warning appears when it differs from s by "
                f"more than {HUBER_SLOPE_DIFFERENCE:g}."
            ),
        ),
    ),
    Definition(
        "curvature",
        "Curvature and slope by size of the force",
        (
            formula("y = a x + b x |x|", spoken="y equals a x plus b x times the absolute value of x"),
            _text(
                "b tells whether small and large forces are softened alike. Slopes in bins of |DFT force| show the "
                "same. Bins of the predicted force are never used: they make any noisy potential look softened. A "
                f"bin, like an element, needs at least {FEWEST_COMPONENTS_SHOWN} components."
            ),
        ),
    ),
    Definition(
        "element-slope",
        "Slope per element",
        (
            _text(
                "Least squares with intercept over the components on atoms of one element, with its own n and "
                f"interval; not shown below {FEWEST_COMPONENTS_SHOWN} components."
            ),
        ),
    ),
    _definition(
        quantities.LARGEST_LEVERAGE,
        (
            formula(
                "max ",
                fraction(["x", sup("2")], ["Σ x", sup("2")]),
                spoken="the largest x squared over the sum of x squared",
            ),
            _text(
                "The share of the slope that hangs on one force component. One huge force in a small set can decide s "
                "alone."
            ),
        ),
    ),
)

ERRORS: tuple[Definition, ...] = (
    _definition(
        quantities.R_SQUARED,
        (
            formula(
                "R",
                sup("2"),
                " = ",
                fraction(["(Σ x y)", sup("2")], ["Σ x", sup("2"), " Σ y", sup("2")]),
                spoken="R squared equals the squared sum of x y over the sum of x squared times the sum of y squared",
            ),
            _text(
                "The share of the predicted forces that is proportional to DFT, as of any fit through the origin (not "
                "centred on the mean). 1 means no scatter; it does not say whether the cloud lies on the diagonal. R² "
                "= s c*."
            ),
        ),
    ),
    _definition(
        quantities.MAE,
        (
            formula("MAE = ⟨|y − x|⟩", spoken="M A E is the mean of the absolute value of y minus x"),
            _text("Over Cartesian components, not over lengths of force vectors, as in the paper. In eV/Å."),
        ),
    ),
    _definition(
        quantities.RMSE,
        (
            formula("RMSE = √⟨(y − x)", sup("2"), "⟩", spoken="R M S E is the root of the mean square of y minus x"),
            _text("Over Cartesian components too. Large errors count more than in the MAE. In eV/Å."),
        ),
    ),
    Definition(
        "error-split",
        "Softening's and scatter's share of the error",
        (
            formula(
                "Σ (y − x)",
                sup("2"),
                " = (1 − s)",
                sup("2"),
                " Σ x",
                sup("2"),
                " + Σ (y − s x)",
                sup("2"),
                spoken="the sum of y minus x squared equals one minus s squared times the sum of x squared plus the "
                "sum of y minus s x squared",
            ),
            _text(
                "The first part comes with the slope, the second scatters about it and no factor repairs it. R² alone "
                "does not tell which is larger: s = 0.555 with R² = 0.737 is 64 % softening, s = 0.168 with R² = 0.763 "
                "is 99 %."
            ),
        ),
    ),
    _definition(
        quantities.CORRECTED_MAE,
        (
            formula(
                "cMAE = ⟨|",
                fraction("y", "s"),
                " − x|⟩",
                spoken="c M A E is the mean of the absolute value of y over s minus x",
            ),
            _text(
                "The error left when the cloud is turned back onto the diagonal. "
                "Division by a small s enlarges the scatter too, so cMAE can exceed MAE."
            ),
        ),
    ),
    _definition(
        quantities.ERROR_REDUCTION,
        (
            formula("1 − ", fraction("cMAE", "MAE"), spoken="one minus c M A E over M A E"),
            _text(
                "Of one material, unless said otherwise. Over many materials it depends on how it is aggregated: the "
                "median of the materials' own reductions and the ratio of the two medians (as in the paper's Fig. 6b) "
                "are different numbers, and are shown as two."
            ),
        ),
    ),
)

CORRECTIONS: tuple[Definition, ...] = (
    _definition(
        quantities.INVERSE_SLOPE,
        (_text("The factor that turns the cloud back onto the diagonal: the slope after it is 1."),),
    ),
    _definition(
        quantities.LINEAR_CORRECTION,
        (
            formula(
                "c* = ",
                fraction("Σ x y", ["Σ y", sup("2")]),
                spoken="c star equals the sum of x y over the sum of y squared",
            ),
            _text(
                "The one factor on energies and forces that makes the squared force error smallest: the paper's "
                "one-parameter fine-tuning (its eq. 4). The slope after it equals R², not 1; 1/s and c* are two "
                "numbers and are shown as two."
            ),
        ),
    ),
    _definition(
        quantities.MAE_AT_LINEAR_CORRECTION,
        (formula("⟨|c* y − x|⟩", spoken="the mean of the absolute value of c star y minus x"),),
    ),
)

UNCERTAINTY: tuple[Definition, ...] = (
    Definition(
        "intervals",
        "Interval of the slope of one material",
        (
            formula(
                "V = Σ",
                sub("g"),
                " (s",
                sub("−g"),
                " − s)",
                sup("2"),
                spoken="V equals the sum over frames of the squared difference between the slope without that frame "
                "and s",
            ),
            _text(
                "Components of one frame are correlated, so frames are the unit: the jackknife, which leaves out one "
                f"frame at a time, and Student's t with Satterthwaite's degrees of freedom ({100 * LEVEL:g} %). Frames "
                "that are alike count together. A single frame does not contain the spread between frames: that of "
                "other materials with the potential takes its place, and there is no verdict. Beside it stands the "
                "range of slopes with one frame left out. How often these intervals hold, by simulation, stands in the "
                "documentation (statistics)."
            ),
        ),
    ),
    Definition(
        "population-intervals",
        "Intervals over many materials",
        (
            _text(
                "Median and mean: percentile bootstrap in which whole materials are drawn again. Share below 1.00: "
                "Wilson's score interval. Beside it stands the share of materials whose own interval lies wholly below "
                "1.00, among those with at least two frames. The cumulative distribution has pointwise Wilson "
                "intervals."
            ),
        ),
    ),
    Definition(
        "labels-needed",
        "How many labels are needed",
        (
            formula(
                "n = ",
                fraction(["1.96", sup("2"), " s", sup("2"), " (1 − R", sup("2"), ")"], ["h", sup("2"), " R", sup("2")]),
                " components,  ",
                "G = ",
                html.Span(["(", fraction("1.96 τ", "h"), ")"]),
                sup("2"),
                " frames",
                spoken="n equals 1.96 squared s squared times one minus R squared over h squared R squared components; "
                "G equals the square of 1.96 tau over h frames",
            ),
            _text(f"For a half width h = {HALF_WIDTH:g} of the interval; τ is the spread of the slope between frames."),
        ),
    ),
)
