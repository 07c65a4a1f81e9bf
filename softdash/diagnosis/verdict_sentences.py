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
from softdash.softening import reference_noise_bias, three_digits
from softdash.softening.answers import Influence
from softdash.softening.notices import is_single_frame, noise_assumed, why_no_interval
from softdash.softening.statistics import ElementSlope, Interval, SofteningStatistics

INFLUENTIAL_CHANGE = 0.02
"""Change of the slope without one frame above which that frame is named."""

_PARTS = ("softening", "scatter")

Reason = Literal[
    "no_interval",
    "negative_slope",
    "scatter",
    "weak_relation",
    "near_equilibrium",
    "one_component",
    "single_frame",
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
    return sentence_with("as_read", text, {"slope": statistics.slope, "r_squared": statistics.r_squared})


def sentence_with(code: str, text: str, numbers: Mapping[str, float]) -> VerdictSentence:
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
    return sentence_with("scale", text, numbers)


def error_split(statistics: SofteningStatistics) -> VerdictSentence | None:
    """Say how much of the squared error comes with the slope, and how much is scatter."""
    shares = statistics.error_shares
    if shares is None:
        return None
    kind = "softening" if statistics.slope < 1 else "stiffening"
    text = f"Of its squared force error, {{softening_percent}} % is {kind} and {{scatter_percent}} % is scatter."
    return sentence_with(
        "error_split", text, {"softening_percent": 100 * shares[0], "scatter_percent": 100 * shares[1]}
    )


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
            "R² is {r_squared}, and scatter is the larger part of the error (MAE {mae} eV/Å). No factor repairs that; "
            "fine-tuning with DFT forces of this material may, or another potential."
        )
        return sentence_with(why, text, {"r_squared": statistics.r_squared, "mae": statistics.mae})
    if why == "weak_relation":
        text = (
            "R² is {r_squared}: the predicted forces follow the reference so loosely that the slope of {slope} says "
            "little about single forces. The best factor takes the mean error from {mae} to "
            "{mae_at_linear_correction} eV/Å. Check that structure and forces belong together; if they do, only "
            "fine-tuning with DFT forces of this material mends that, or another potential."
        )
        names = ("r_squared", "slope", "mae", "mae_at_linear_correction")
        return sentence_with(why, text, {name: getattr(statistics, name) for name in names})
    if why == "near_equilibrium":
        noise = noise_assumed(statistics)
        text = (
            "The root mean square of the reference forces is {reference_rms} eV/Å. Noise of {label_noise} eV/Å in the "
            "labels would lower the slope by {noise_percent} %, and that of the potential comes on top. Use frames "
            "from hot dynamics or with random displacements."
        )
        numbers = {
            "reference_rms": statistics.reference_rms,
            "label_noise": noise,
            "noise_percent": 100 * reference_noise_bias(noise, statistics.reference_rms),
        }
        return sentence_with(why, text, numbers)
    if why == "wide_interval" and interval is not None:
        text = "The interval is ±{half_width} wide and holds both softening and none. Add frames far from each other."
        return sentence_with(why, text, {"half_width": interval.half_width})
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
        return sentence_with(why, text, numbers)
    if why == "no_interval":
        return VerdictSentence(code=why, text=why_no_interval(statistics), numbers={})
    return None


def comparison(population: PopulationComparison) -> VerdictSentence:
    """Give the place among the compounds of a benchmark."""
    numbers: dict[str, float] = {
        "material_count": population.material_count,
        "softer_than": population.softer_than,
    }
    if population.material_count:
        numbers["softer_than_percent"] = round(100 * population.softer_than / population.material_count)
    if population.median is not None:
        numbers["median"] = population.median
    for name, ends in (("rms", population.rms_range), ("pressure", population.pressure_range)):
        if ends is not None:
            numbers |= {f"{name}_low": ends[0], f"{name}_high": ends[1]}
    if population.pressure_offset_gpa is not None:
        numbers["pressure_offset_gpa"] = population.pressure_offset_gpa
    return VerdictSentence(
        code="population" if population.is_enough else "population_too_few", text=population.sentence, numbers=numbers
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
    return sentence_with("stability", text, numbers)


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
    return sentence_with("outliers", text, numbers)


def elements_opposite(soft: ElementSlope, stiff: ElementSlope) -> VerdictSentence:
    """Say by how much the two differ."""
    text = (
        f"The slope is {{soft_slope}} on {chemical_symbols[soft.atomic_number]} and {{stiff_slope}} on "
        f"{chemical_symbols[stiff.atomic_number]}, each with its whole interval on its side of one. No factor can "
        "repair both; fine-tuning may."
    )
    return sentence_with("elements_opposite", text, {"soft_slope": soft.slope, "stiff_slope": stiff.slope})


def correction(statistics: SofteningStatistics, advice: CorrectionAdvice | None) -> VerdictSentence | None:
    """Say what to do: multiply by c*, or why not."""
    if advice is None:
        return None
    numbers: dict[str, float] = {"linear_correction": advice.linear_correction, "inverse_slope": advice.inverse_slope}
    held_out = advice.held_out
    if not advice.is_recommended:
        numbers |= _numbers_against(statistics)
        if held_out is not None:
            numbers |= {"mae_before": held_out.mae_before, "mae_after": held_out.mae_after}
        return VerdictSentence(code="correction", text=f"A correction by one factor? {advice.text}", numbers=numbers)
    text = "What helps: multiply its energies and forces by c* = {linear_correction}"
    if advice.is_optional:
        text = "Optional, as force errors are below the limit: energies and forces times c* = {linear_correction}"
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
    return sentence_with("correction", text, numbers)


def _numbers_against(statistics: SofteningStatistics) -> dict[str, float]:
    """Return the numbers that reasons against a factor may show."""
    names = ("r_squared", "slope", "mae", "mae_at_linear_correction")
    numbers: dict[str, float] = {name: getattr(statistics, name) for name in names}
    if statistics.error_shares is not None:
        numbers |= {f"{name}_percent": 100 * share for name, share in zip(_PARTS, statistics.error_shares, strict=True)}
    numbers |= {f"slope_on_{chemical_symbols[one.atomic_number]}": one.slope for one in statistics.elements}
    for part in statistics.magnitude_bins:
        numbers |= {f"slope_below_{part.upper:g}": part.slope, f"upper_{part.upper:g}": part.upper}
    return numbers


def frequencies(statistics: SofteningStatistics) -> VerdictSentence:
    """Say what a uniform softening does to vibrations."""
    text = "If all its forces are soft alike, vibration frequencies come out about {frequency_percent} % too low (√s)."
    return sentence_with("frequencies", text, {"frequency_percent": 100 * (1 - sqrt(statistics.slope))})


def single_frame(statistics: SofteningStatistics) -> VerdictSentence | None:
    """Say what one frame cannot tell."""
    if not is_single_frame(statistics):
        return None
    # In the words of the warning, so that a report says it once.
    told = next((notice.message for notice in statistics.notices if notice.code == "single_frame"), None)
    return VerdictSentence(code="single_frame", text=told or "There is one frame only.", numbers={})


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
    return sentence_with("labels_needed", text, numbers)


def limits() -> VerdictSentence:
    """Say what no slope of forces tells."""
    text = (
        "This holds for configurations like these frames. A slope of the forces predicts neither migration barriers "
        "nor relaxed energies, which come out too low even for an unbiased potential."
    )
    return sentence_with("limits", text, {})
