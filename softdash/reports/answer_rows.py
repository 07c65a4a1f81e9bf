"""What a report says beside the statistics of the forces, as rows of a table: name, value with unit, meaning."""

from __future__ import annotations

from softdash.diagnosis.records import CorrectionAdvice, LabelComparison, PotentialResult
from softdash.softening import quantities, three_digits
from softdash.softening.answers import Influence
from softdash.softening.statistics import Interval

Row = tuple[str, str, str]


def answer_rows(result: PotentialResult) -> list[Row]:
    """Return the rows of one potential; none for reports of version 1."""
    rows = _label_rows("Energies", result.energies) + _label_rows("Stresses", result.stresses)
    if result.influence is not None:
        rows += _influence_rows(result.influence)
    if result.advice is not None:
        rows += _advice_rows(result.advice)
    return rows


def _label_rows(name: str, comparison: LabelComparison | None) -> list[Row]:
    if comparison is None:
        return []
    found = comparison.statistics
    if found is None:
        return [(f"{name}, slope", "–", comparison.refusal or "")]
    kind = "relative energies per atom" if found.quantity == "energy" else "stress components, one pressure offset"
    return [
        (f"{name}, slope", three_digits(found.slope), f"{kind}; {found.frame_count} frames"),
        (
            f"{name}, 95 % interval",
            _ends(found.slope_interval),
            found.slope_interval.method if found.slope_interval else "no independent frames",
        ),
        (f"{name}, R²", three_digits(found.r_squared), "after the removal of offsets"),
        (f"{name}, MAE", f"{three_digits(found.mae)} {found.unit}", "after the removal of offsets"),
    ]


def _influence_rows(influence: Influence) -> list[Row]:
    weights = influence.weights
    rows = [
        (
            "Weight of the largest forces",
            f"{three_digits(100 * weights.top_component_share)} %",
            f"share of the {weights.top_component_count} largest components in Σx²",
        ),
        (
            "Outliers",
            str(influence.outlier_count),
            f"atoms beyond {influence.outlier_limit:g} robust standard deviations from the Huber line",
        ),
    ]
    frame = influence.most_influential_frame
    if frame is not None:
        meaning = f"without frame {frame.frame + 1}, which moves it most"
        rows.append(("Slope without one frame", three_digits(frame.slope_without), meaning))
    return rows


def _advice_rows(advice: CorrectionAdvice) -> list[Row]:
    inverse, factor = quantities.INVERSE_SLOPE, quantities.LINEAR_CORRECTION
    rows = [("Interval of 1/s", inverse.written_ends(advice.inverse_slope_interval), "from the interval of s")]
    rows.append(("Interval of c*", factor.written_ends(advice.linear_correction_interval), "95 %"))
    gain = advice.held_out
    if gain is None:
        rows.append(("MAE of held-out frames", "–", advice.held_out_refusal or ""))
    else:
        rows.append(
            (
                "MAE of held-out frames",
                f"{three_digits(gain.mae_before)} → {three_digits(gain.mae_after)} eV/Å",
                f"before and after c* of all other frames; after: {_ends(gain.mae_after_interval)}",
            )
        )
    needed = advice.frames_needed
    if needed is None:
        rows.append(("Frames needed", "–", advice.frames_needed_refusal or ""))
    else:
        meaning = f"for s to ±{needed.half_width:g}; {needed.frames_low} to {needed.frames_high}"
        rows.append(("Frames needed", str(needed.frames), meaning))
    rows.append(("Correct by c*", "yes" if advice.is_recommended else "no", advice.text))
    return rows


def _ends(interval: Interval | None) -> str:
    return "–" if interval is None else f"{three_digits(interval.low)} to {three_digits(interval.high)}"
