"""Writing down a linear correction, whether it was fitted for itself or as part of a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from softdash.potentials.correction_recipe import (
    CorrectedPotential,
    CorrectionRecipe,
    FactorInterval,
    HeldOutError,
    RecipeInput,
    ReferenceState,
)
from softdash.softening.answers import HeldOutGain
from softdash.softening.statistics import Interval, SofteningStatistics


def make_recipe(
    potential: CorrectedPotential,
    statistics: SofteningStatistics,
    factor: float,
    interval: Interval | None,
    held_out: HeldOutGain | None,
    references: Sequence[ReferenceState],
    *,
    is_recommended: bool,
    advice: str,
    inputs: Sequence[RecipeInput],
    softdash_version: str,
    created: datetime,
) -> CorrectionRecipe:
    """Return the recipe of a factor and of the labels that it was fitted to.

    Parameters
    ----------
    potential : CorrectedPotential
    statistics : SofteningStatistics
        Of the labels.
    factor : float
        c*, positive.
    interval : Interval or None
        Of the factor.
    held_out : HeldOutGain or None
        Errors of frames left out of the fit, eV/Å.
    references : sequence of ReferenceState
        One per composition.
    is_recommended : bool
    advice : str
    inputs : sequence of RecipeInput
    softdash_version : str
        That fitted it.
    created : datetime
        Kept to the second.
    """
    return CorrectionRecipe(
        potential=potential,
        factor=factor,
        interval=None
        if interval is None
        else FactorInterval(low=interval.low, high=interval.high, level=interval.level, method=interval.method),
        frame_count=statistics.frame_count,
        component_count=statistics.component_count,
        slope=statistics.slope,
        inverse_slope=statistics.inverse_slope,
        r_squared=statistics.r_squared,
        mae=statistics.mae,
        mae_after=statistics.mae_at_linear_correction,
        held_out=None if held_out is None else HeldOutError(before=held_out.mae_before, after=held_out.mae_after),
        references=tuple(references),
        is_recommended=is_recommended,
        advice=advice,
        inputs=tuple(inputs),
        softdash_version=softdash_version,
        created=created.replace(microsecond=0),
    )
