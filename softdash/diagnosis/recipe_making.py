"""Writing down a linear correction, whether it was fitted for itself or as part of a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from softdash.diagnosis.records import CorrectionAdvice
from softdash.potentials.correction_recipe import (
    CorrectedPotential,
    CorrectionRecipe,
    FactorInterval,
    HeldOutError,
    RecipeInput,
    ReferenceState,
)
from softdash.softening.statistics import SofteningStatistics


def make_recipe(
    potential: CorrectedPotential,
    statistics: SofteningStatistics,
    advice: CorrectionAdvice,
    references: Sequence[ReferenceState],
    *,
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
    advice : CorrectionAdvice
        On the same labels; its factor is positive.
    references : sequence of ReferenceState
        One per composition.
    inputs : sequence of RecipeInput
    softdash_version : str
        That fitted it.
    created : datetime
        Kept to the second.
    """
    interval, held_out = advice.linear_correction_interval, advice.held_out
    return CorrectionRecipe(
        potential=potential,
        factor=advice.linear_correction,
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
        is_recommended=advice.is_recommended,
        advice=advice.text,
        holds_for=advice.holds_for,
        inputs=tuple(inputs),
        softdash_version=softdash_version,
        created=created.replace(microsecond=0),
    )
