"""The sentences of a verdict about energies and stresses, and where they want another factor than the forces."""

from __future__ import annotations

from softdash.diagnosis.other_factors import other_factor
from softdash.diagnosis.records import LabelComparison, VerdictSentence
from softdash.diagnosis.verdict_sentences import sentence_with
from softdash.softening.answers import LabelStatistics
from softdash.softening.statistics import Interval, SofteningStatistics

LARGE_PRESSURE_OFFSET = 2.0
"""Common pressure offset, GPa, above which the pressure of the labels is no measure for a comparison; where its whole
interval is, the likely cause is named."""
EV_PER_CUBIC_ANGSTROM_IN_GPA = 160.21766208
"""GPa in one eV/Å³."""


def energies(comparison: LabelComparison | None) -> VerdictSentence | None:
    """Say how relative energies compare, where there are enough."""
    if comparison is None or comparison.statistics is None:
        return None
    found = comparison.statistics
    text = (
        f"Relative energies have the slope {{energy_slope}} ({_ends('energy', found)}"
        "{energy_frame_count} frames; mean error {energy_mae} eV per atom)."
    )
    numbers = {
        "energy_slope": found.slope,
        **_end_numbers("energy", found),
        "energy_frame_count": found.frame_count,
        "energy_mae": found.mae,
    }
    return sentence_with("energies", text, numbers)


def stresses(comparison: LabelComparison | None) -> VerdictSentence | None:
    """Say how stresses compare, where there are enough."""
    if comparison is None or comparison.statistics is None:
        return None
    found = comparison.statistics
    text = (
        f"Stresses have the slope {{stress_slope}} ({_ends('stress', found)}"
        "{stress_frame_count} frames; mean error {stress_mae_gpa} GPa after the common pressure offset of "
        "{pressure_offset_gpa} GPa)."
    )
    # Pressure is minus the mean normal stress.
    offset = -(found.offset or 0.0) * EV_PER_CUBIC_ANGSTROM_IN_GPA
    if found.offset_interval is not None and _beyond(found.offset_interval, LARGE_PRESSURE_OFFSET):
        text += (
            " So large an offset is seldom the potential's: look for Pulay stress (too low a cut-off) in the reference."
        )
    numbers = {
        "stress_slope": found.slope,
        **_end_numbers("stress", found),
        "stress_frame_count": found.frame_count,
        "stress_mae_gpa": found.mae * EV_PER_CUBIC_ANGSTROM_IN_GPA,
        "pressure_offset_gpa": offset,
    }
    return sentence_with("stresses", text, numbers)


def _ends(name: str, found: LabelStatistics) -> str:
    """Return the words for the interval, with its numbers to be filled in; none where there is no interval."""
    return "" if found.slope_interval is None else f"interval {{{name}_interval_low}} to {{{name}_interval_high}}, "


def _end_numbers(name: str, found: LabelStatistics) -> dict[str, float]:
    interval = found.slope_interval
    return {} if interval is None else {f"{name}_interval_low": interval.low, f"{name}_interval_high": interval.high}


def _beyond(interval: Interval, limit: float) -> bool:
    """Whether a whole interval of stresses, eV/Å³, lies beyond ± `limit` GPa."""
    low, high = interval.low * EV_PER_CUBIC_ANGSTROM_IN_GPA, interval.high * EV_PER_CUBIC_ANGSTROM_IN_GPA
    return low > limit or high < -limit


def disagreement(statistics: SofteningStatistics, energies: LabelComparison | None) -> VerdictSentence | None:
    """Say where energies want another factor than the forces."""
    found = other_factor(statistics, energies)
    if found is None:
        return None
    text = (
        "Forces (slope {slope}) and energies ({energy_slope}) want different factors: the surface is not too flat by "
        "one number."
    )
    return sentence_with("disagreement", text, {"slope": statistics.slope, "energy_slope": found.slope})


def stress_disagreement(statistics: SofteningStatistics, stresses: LabelComparison | None) -> VerdictSentence | None:
    """Say where stresses want another factor than the forces: a factor is for cells that stay as they are."""
    found = other_factor(statistics, stresses)
    if found is None:
        return None
    text = (
        "Forces (slope {slope}) and stresses ({stress_slope}) want different factors: a factor of the forces is "
        "nothing for stresses, nor for cells that relax or breathe."
    )
    return sentence_with("stress_disagreement", text, {"slope": statistics.slope, "stress_slope": found.slope})
