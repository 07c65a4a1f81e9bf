"""The sentences of a verdict. Each carries the numbers it shows, under the names of the records they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from ase.data import chemical_symbols

from softdash.diagnosis.records import (
    CorrectionAdvice,
    LabelComparison,
    PopulationComparison,
    ReadingDoubt,
    VerdictSentence,
)
from softdash.softening import three_digits
from softdash.softening.answers import Influence
from softdash.softening.statistics import ElementSlope, Interval, SofteningStatistics

INFLUENTIAL_CHANGE = 0.02
"""Change of the slope without one frame above which that frame is named."""
LARGE_PRESSURE_OFFSET = 2.0
"""Common pressure offset, GPa, above which, with its whole interval, the likely cause is named."""
EV_PER_CUBIC_ANGSTROM_IN_GPA = 160.21766208
"""GPa in one eV/Å³."""

Reason = Literal[
    "no_interval",
    "negative_slope",
    "scatter",
    "near_equilibrium",
    "one_component",
    "elements_opposite",
    "wide_interval",
    "",
]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a diagnosis knows beside the statistics of the forces; see `softdash.diagnosis.records.PotentialResult`."""

    advice: CorrectionAdvice | None = None
    influence: Influence | None = None
    energies: LabelComparison | None = None
    stresses: LabelComparison | None = None
    doubts: tuple[ReadingDoubt, ...] = ()


def doubt(found: ReadingDoubt) -> VerdictSentence:
    """Say what contradicts the reading of the files."""
    return VerdictSentence(code=f"doubt_{found.code}", text=found.text, numbers=found.numbers)


def as_read(statistics: SofteningStatistics) -> VerdictSentence:
    """Give the slope of files that may have been read wrongly: a number, and no softening scale."""
    text = "As the files were read, the slope is {slope} (R² {r_squared})."
    return _sentence("as_read", text, {"slope": statistics.slope, "r_squared": statistics.r_squared})


def _sentence(code: str, text: str, numbers: Mapping[str, float]) -> VerdictSentence:
    """Fill the numbers into `text`, three significant digits each, counts in full."""
    shown = {name: str(value) if isinstance(value, int) else three_digits(value) for name, value in numbers.items()}
    return VerdictSentence(
        code=code, text=text.format(**shown), numbers={name: float(value) for name, value in numbers.items()}
    )


def scale(statistics: SofteningStatistics) -> VerdictSentence:
    """Give the softening scale with its interval and its base."""
    numbers: dict[str, float] = {"slope": statistics.slope, "component_count": statistics.component_count}
    frames = "one frame"
    if statistics.frame_count > 1:
        numbers["frame_count"], frames = statistics.frame_count, "{frame_count} frames"
    interval = statistics.slope_interval
    given = ""
    if interval is not None:
        numbers |= _interval_numbers(interval)
        given = "{level_percent} % interval {interval_low} to {interval_high}, "
    text = f"The softening scale is {{slope}} ({given}{frames}, {{component_count}} force components); 1 is unbiased."
    return _sentence("scale", text, numbers)


def _interval_numbers(interval: Interval) -> dict[str, float]:
    return {
        "interval_low": interval.low,
        "interval_high": interval.high,
        "level_percent": round(100 * interval.level),
    }


def reason(statistics: SofteningStatistics, why: Reason) -> VerdictSentence | None:
    """Say why nothing can be concluded, and what would help."""
    interval = statistics.slope_interval
    if why == "scatter":
        text = (
            "R² is {r_squared}: most of the error (MAE {mae} eV/Å) is scatter. A factor cannot repair that; "
            "fine-tune with DFT forces of this material, or take another potential."
        )
        return _sentence(why, text, {"r_squared": statistics.r_squared, "mae": statistics.mae})
    if why == "near_equilibrium":
        text = (
            "The largest reference force is {reference_max} eV/Å, so noise of both sides dominates the slope. "
            "Use frames from hot dynamics or with random displacements."
        )
        return _sentence(why, text, {"reference_max": statistics.reference_max})
    if why == "wide_interval" and interval is not None:
        text = "The interval is ±{half_width} wide and holds both softening and none. Add frames far from each other."
        return _sentence(why, text, {"half_width": interval.half_width})
    if why == "one_component":
        leverage = statistics.largest_leverage
        numbers = {
            "weight_percent": 100 * leverage.share,
            "reference": leverage.reference,
            "atom": leverage.atom + 1,
            "frame": leverage.frame + 1,
        }
        without = "all others are zero"
        if leverage.slope_without is not None:
            numbers["slope_without"] = leverage.slope_without
            without = "without it the slope is {slope_without}"
        text = (
            f"One component ({{reference}} eV/Å along {leverage.axis} on atom {{atom}} of frame {{frame}}) carries "
            f"{{weight_percent}} % of the weight; {without}. Check that DFT run, or leave the frame out."
        )
        return _sentence(why, text, numbers)
    if why == "no_interval":
        return _sentence(why, "All forces act on one atom: the spread of the slope is unknown. Add frames.", {})
    return None


def comparison(population: PopulationComparison) -> VerdictSentence:
    """Give the place among the compounds of a benchmark."""
    return VerdictSentence(
        code="population",
        text=population.sentence,
        numbers={
            "material_count": population.material_count,
            "softer_than": population.softer_than,
            "median": population.median,
        },
    )


def stability(statistics: SofteningStatistics, influence: Influence | None) -> VerdictSentence | None:
    """Say how far the slope moves without any one frame, and which frame moves it most."""
    if statistics.leave_one_frame_out is None:
        return None
    low, high = statistics.leave_one_frame_out
    numbers: dict[str, float] = {
        "leave_one_out_low": low,
        "leave_one_out_high": high,
        "huber_slope": statistics.huber_slope,
    }
    which = ""
    frame = None if influence is None else influence.most_influential_frame
    if frame is not None and abs(frame.change) > INFLUENTIAL_CHANGE:
        numbers |= {"frame": frame.frame + 1, "slope_without": frame.slope_without}
        which = " (frame {frame} moves it most: {slope_without} without it)"
    text = (
        f"Without any one of the frames it stays between {{leave_one_out_low}} and {{leave_one_out_high}}{which}; "
        "the robust (Huber) slope is {huber_slope}."
    )
    return _sentence("stability", text, numbers)


def outliers(influence: Influence | None) -> VerdictSentence | None:
    """Name the largest outlier."""
    if influence is None or not influence.outliers:
        return None
    worst, count = influence.outliers[0], influence.outlier_count
    text = (
        f"{{outlier_count}} {'force is an outlier' if count == 1 else 'forces are outliers, the largest'} on "
        f"{chemical_symbols[worst.atomic_number]} (atom {{atom}} of frame {{frame}}), off by {{error}} eV/Å. Look at "
        "it: a DFT run that did not converge, or a configuration that the potential does not know."
    )
    numbers = {"outlier_count": count, "atom": worst.atom + 1, "frame": worst.frame + 1, "error": worst.error}
    return _sentence("outliers", text, numbers)


def energies(comparison: LabelComparison | None) -> VerdictSentence | None:
    """Say how relative energies compare, where there are enough."""
    if comparison is None or comparison.statistics is None:
        return None
    found = comparison.statistics
    text = (
        "Relative energies have the slope {energy_slope} (interval {energy_interval_low} to {energy_interval_high}, "
        "{energy_frame_count} frames; mean error {energy_mae} eV per atom)."
    )
    numbers = {
        "energy_slope": found.slope,
        "energy_interval_low": found.slope_interval.low,
        "energy_interval_high": found.slope_interval.high,
        "energy_frame_count": found.frame_count,
        "energy_mae": found.mae,
    }
    return _sentence("energies", text, numbers)


def stresses(comparison: LabelComparison | None) -> VerdictSentence | None:
    """Say how stresses compare, where there are enough."""
    if comparison is None or comparison.statistics is None:
        return None
    found = comparison.statistics
    text = (
        "Stresses have the slope {stress_slope} (interval {stress_interval_low} to {stress_interval_high}, "
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
        "stress_interval_low": found.slope_interval.low,
        "stress_interval_high": found.slope_interval.high,
        "stress_frame_count": found.frame_count,
        "stress_mae_gpa": found.mae * EV_PER_CUBIC_ANGSTROM_IN_GPA,
        "pressure_offset_gpa": offset,
    }
    return _sentence("stresses", text, numbers)


def _beyond(interval: Interval, limit: float) -> bool:
    """Whether a whole interval of stresses, eV/Å³, lies beyond ± `limit` GPa."""
    low, high = interval.low * EV_PER_CUBIC_ANGSTROM_IN_GPA, interval.high * EV_PER_CUBIC_ANGSTROM_IN_GPA
    return low > limit or high < -limit


def disagreement(statistics: SofteningStatistics, answers: Answers) -> VerdictSentence | None:
    """Say where energies or stresses lie surely on the other side of one than the forces: a factor harms them."""
    numbers: dict[str, float] = {"slope": statistics.slope}
    others = []
    for name, comparison in (("energy", answers.energies), ("stress", answers.stresses)):
        found = None if comparison is None else comparison.statistics
        if found is None:
            continue
        interval = found.slope_interval
        if (interval.low > 1) if statistics.slope < 1 else (interval.high < 1):
            numbers[f"{name}_slope"] = found.slope
            others.append(f"{'energies' if name == 'energy' else 'stresses'} ({{{name}_slope}})")
    if not others:
        return None
    text = (
        f"Forces (slope {{slope}}) and {' and '.join(others)} lie on different sides of one: a factor that repairs the "
        "forces makes the others worse. Use it for forces only."
    )
    return _sentence("disagreement", text, numbers)


def elements_opposite(soft: ElementSlope, stiff: ElementSlope) -> VerdictSentence:
    """Say by how much the two differ."""
    text = (
        f"The slope is {{soft_slope}} on {chemical_symbols[soft.atomic_number]} and {{stiff_slope}} on "
        f"{chemical_symbols[stiff.atomic_number]}, each surely on its side of one. No factor can "
        "repair both; fine-tune."
    )
    return _sentence("elements_opposite", text, {"soft_slope": soft.slope, "stiff_slope": stiff.slope})


def correction(statistics: SofteningStatistics, advice: CorrectionAdvice | None) -> VerdictSentence | None:
    """Say what to do: multiply by c*, or why not."""
    if advice is None:
        return None
    numbers: dict[str, float] = {"linear_correction": advice.linear_correction, "inverse_slope": advice.inverse_slope}
    held_out = advice.held_out
    if not advice.is_recommended:
        numbers |= {"r_squared": statistics.r_squared, "slope": statistics.slope}
        if held_out is not None:
            numbers |= {"mae_before": held_out.mae_before, "mae_after": held_out.mae_after}
        return VerdictSentence(code="correction", text=f"A correction by one factor? {advice.text}", numbers=numbers)
    text = "What to do: multiply its energies and forces by c* = {linear_correction}"
    if advice.linear_correction_interval is not None:
        numbers |= {
            "linear_correction_low": advice.linear_correction_interval.low,
            "linear_correction_high": advice.linear_correction_interval.high,
        }
        text += " (interval {linear_correction_low} to {linear_correction_high}; 1/s is {inverse_slope})"
    if held_out is None:
        numbers |= {"mae": statistics.mae, "mae_at_linear_correction": statistics.mae_at_linear_correction}
        text += (
            ". On these very forces that takes the mean error from {mae} to {mae_at_linear_correction} eV/Å; "
            "with a single frame nobody knows how it fares on others."
        )
    else:
        numbers |= {
            "mae_before": held_out.mae_before,
            "mae_after": held_out.mae_after,
            "gain_percent": 100 * held_out.gain,
        }
        text += (
            ". In frames not used for the factor that takes the mean error from {mae_before} to {mae_after} eV/Å, "
            "{gain_percent} % less."
        )
    return _sentence("correction", text, numbers)


def frequencies(statistics: SofteningStatistics) -> VerdictSentence:
    """Say what a uniform softening does to vibrations."""
    text = "If all its forces are soft alike, vibration frequencies come out about {frequency_percent} % too low (√s)."
    return _sentence("frequencies", text, {"frequency_percent": 100 * (1 - sqrt(statistics.slope))})


def single_frame(statistics: SofteningStatistics) -> VerdictSentence | None:
    """Say what one frame cannot tell."""
    if statistics.frame_count > 1:
        return None
    text = "One frame only: the interval compares its atoms and says nothing about other configurations."
    return _sentence("single_frame", text, {})


def labels_needed(statistics: SofteningStatistics, advice: CorrectionAdvice | None) -> VerdictSentence | None:
    """Say how many frames are wanted, where there are too few."""
    needed = None if advice is None else advice.frames_needed
    interval = statistics.slope_interval
    if needed is None or interval is None or interval.half_width <= needed.half_width or not needed.further_frames:
        return None
    text = (
        f"To know the scale to ±{needed.half_width:g}, about {{frames}} frames like these are needed in all "
        "({frames_low} to {frames_high}); there are {frames_present}."
    )
    numbers = {
        "half_width": needed.half_width,
        "frames": needed.frames,
        "frames_low": needed.frames_low,
        "frames_high": needed.frames_high,
        "frames_present": needed.frames_present,
    }
    return _sentence("labels_needed", text, numbers)


def limits() -> VerdictSentence:
    """Say what no slope of forces tells."""
    text = (
        "This holds for configurations like these frames. A slope of the forces predicts neither migration barriers "
        "nor relaxed energies, which come out too low even for an unbiased potential."
    )
    return _sentence("limits", text, {})
