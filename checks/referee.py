"""The numbers of a report, computed again from its points by numpy and scipy alone; no line of softdash takes part.

    softdash diagnose FILE --potential NAME --output report.json --output report.csv
    python checks/referee.py report.json [report.json ...] [--tables precomputed]

Beside each ``report.json`` its ``report.csv`` is read. Formulas are those of docs/statistics.md, in their plainest
form: what leaves one frame out does so. Prints each number that differs by more than 1e-6 of itself, and how
many were compared; exits with 1 where one differs.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

RELATIVE = 1e-6
ABSOLUTE = 1e-9
LEVEL = 0.95
FORCE_RESOLUTION = 1e-3
FEW_FRAMES, MANY_FRAMES, FLOOR = 3, 20, 0.25
"""Up to how many the spread that others show counts in full, from how many not at all, and its share between."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Forces of the frames that one potential computed: x of the reference, y of the potential, by component."""

    frame: NDArray[np.int_]
    element: NDArray[np.str_]
    x: Floats
    y: Floats

    def of_frame(self, frame: int) -> tuple[Floats, Floats]:
        """Return x and y of one frame."""
        chosen = self.frame == frame
        return self.x[chosen], self.y[chosen]


@dataclass(frozen=True)
class Compared:
    """A number of a report, and what its points say."""

    where: str
    stated: float | None
    found: float | None

    @property
    def differs(self) -> bool:
        """Whether the two differ."""
        if self.stated is None or self.found is None:
            return self.stated is not self.found
        return abs(self.stated - self.found) > ABSOLUTE + RELATIVE * abs(self.found)

    def __str__(self) -> str:
        return f"{self.where}: {self.stated} in the report, {self.found} by its points"


def read_points(path: Path, potential: str) -> Points:
    """Read the force components of one potential from the ``.csv`` of a report."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    predicted = f"{potential}_eV_per_A"
    rows = [row for row in rows if row[predicted] not in ("", "nan")]
    return Points(
        np.array([int(row["frame"]) for row in rows]),
        np.array([row["element"] for row in rows]),
        np.array([float(row["reference_eV_per_A"]) for row in rows]),
        np.array([float(row[predicted]) for row in rows]),
    )


def scale(x: Floats, y: Floats) -> float:
    """Return Σxy/Σx²."""
    return float(x @ y / (x @ x))


def jackknife(
    estimate: float, x: Floats, y: Floats, unit: NDArray[np.int_]
) -> tuple[float, float, float, float] | None:
    """Return standard error, degrees of freedom and interval of a slope: each unit is left out in turn.

    Degrees of freedom are Satterthwaite's for units with slopes of their own, of equal variance: with h_g the share of
    a unit in Σx², leaving it out moves the slope by h_g (δ_g − Σ h δ)/(1 − h_g), linear in the δ.
    """
    units = np.unique(unit[x != 0])
    if len(units) < 2:
        return None
    changes = np.array([scale(x[unit != one], y[unit != one]) - estimate for one in units])
    error = max(float(np.sqrt(np.sum(changes**2))), FORCE_RESOLUTION / float(np.sqrt(x @ x)))
    share = np.array([x[unit == one] @ x[unit == one] for one in units]) / (x @ x)
    linear = (np.eye(len(units)) - share[np.newaxis, :]) * (share / (1 - share))[:, np.newaxis]
    product = linear @ linear.T
    degrees = float(np.trace(product) ** 2 / np.trace(product @ product))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, degrees)) * error
    return error, degrees, estimate - reach, estimate + reach


def compared(report: dict[str, Any], csv_path: Path, tables: Path) -> Iterator[Compared]:
    """Yield the numbers of a report beside those of its points."""
    for result in report["results"]:
        if result["statistics"] is None or result.get("materials"):
            continue
        name = result["potential"]["name"]
        points = read_points(csv_path, name)
        for where, stated, found in _numbers(result, points, report, tables):
            yield Compared(f"{csv_path.stem} {name} {where}", stated, found)


def _numbers(
    result: dict[str, Any], points: Points, report: dict[str, Any], tables: Path
) -> Iterator[tuple[str, float | None, float | None]]:
    given, x, y = result["statistics"], points.x, points.y
    slope, factor = scale(x, y), float(x @ y / (y @ y))
    error, residual = y - x, y - slope * x
    yield "frames", given["frame_count"], len(np.unique(points.frame))
    yield "components", given["component_count"], len(x)
    yield "atoms", given["atom_count"], len(x) // 3
    yield "slope", given["slope"], slope
    yield "1/s", given["inverse_slope"], 1 / slope
    yield "c*", given["linear_correction"], factor
    yield "R²", given["r_squared"], float((x @ y) ** 2 / (x @ x) / (y @ y))
    yield "MAE", given["mae"], float(np.mean(np.abs(error)))
    yield "RMSE", given["rmse"], float(np.sqrt(np.mean(error**2)))
    yield "cMAE", given["corrected_mae"], float(np.mean(np.abs(y / slope - x)))
    yield "MAE at c*", given["mae_at_linear_correction"], float(np.mean(np.abs(factor * y - x)))
    yield "rms of the reference", given["reference_rms"], float(np.sqrt(np.mean(x**2)))
    yield "share of softening", given["softening_share"], float((1 - slope) ** 2 * (x @ x) / (error @ error))
    yield "share of scatter", given["scatter_share"], float(residual @ residual / (error @ error))
    fit = stats.linregress(x, y)
    yield "slope with intercept", given["slope_with_intercept"], float(fit.slope)
    yield "largest leverage", given["largest_leverage"]["share"], float(np.max(x**2) / (x @ x))
    frames = np.unique(points.frame)
    if given["leave_one_frame_out"] is not None:
        others = [scale(x[points.frame != one], y[points.frame != one]) for one in frames]
        for end, found in zip(given["leave_one_frame_out"], (min(others), max(others)), strict=True):
            yield "without one frame", end, found
    yield from _intervals(result, points, slope, factor, report, tables)
    yield from _elements(given, points)
    yield from _populations(result, slope, tables)


def _intervals(
    result: dict[str, Any], points: Points, slope: float, factor: float, report: dict[str, Any], tables: Path
) -> Iterator[tuple[str, float | None, float | None]]:
    given, x, y = result["statistics"], points.x, points.y
    stated = given["slope_interval"]
    if stated is not None and stated["method"] == "jackknife by frame":
        found = jackknife(slope, x, y, points.frame)
        if found is not None:
            own, degrees, _, _ = found
            worth = given["effective_frames"] or 1
            spread = _by_spread(result, points, slope, report["settings"]["label_noise"], tables)
            share = 1.0 if worth <= FEW_FRAMES else FLOOR
            error = own if spread is None or worth >= MANY_FRAMES else max(own, share * spread)
            reach = float(stats.t.ppf((1 + LEVEL) / 2, degrees)) * error
            yield "standard error", given["slope_standard_error"], error
            yield "lower end", stated["low"], slope - reach
            yield "upper end", stated["high"], slope + reach
    elif stated is not None and stated["method"] == "spread between frames":
        by_spread = _by_spread(result, points, slope, report["settings"]["label_noise"], tables)
        if by_spread is not None:
            reach = float(stats.norm.ppf((1 + LEVEL) / 2)) * by_spread
            yield "standard error by the spread", given["slope_standard_error"], by_spread
            yield "lower end by the spread", stated["low"], slope - reach
            yield "upper end by the spread", stated["high"], slope + reach
    stated, of_slope = result["advice"]["linear_correction_interval"], given["slope_interval"]
    if stated is not None and stated["method"] == "jackknife by frame":
        found = jackknife(factor, y, x, points.frame)
        if found is not None:
            # c* is known no better than s is.
            least = 0.0 if of_slope is None else (of_slope["high"] - of_slope["low"]) / 2 / abs(slope) * abs(factor)
            half = max((found[3] - found[2]) / 2, least)
            yield "lower end of c*", stated["low"], factor - half
            yield "upper end of c*", stated["high"], factor + half
    held_out, frames = result["advice"]["held_out"], np.unique(points.frame)
    if held_out is not None:
        left = np.concatenate(
            [
                scale(y[points.frame != one], x[points.frame != one]) * points.of_frame(one)[1]
                - points.of_frame(one)[0]
                for one in frames
            ]
        )
        yield "held-out MAE", held_out["mae_after"], float(np.mean(np.abs(left)))
        yield "held-out gain", held_out["gain"], float(1 - np.sum(np.abs(left)) / np.sum(np.abs(y - x)))


def _by_spread(result: dict[str, Any], points: Points, slope: float, noise: float, tables: Path) -> float | None:
    """Return √(Σ h² σ²) with σ² = τ² + V + (noise/rms)² of each frame; None where the table lacks the potential."""
    with (tables / "high_energy" / "frame_spreads.csv").open(encoding="utf-8", newline="") as lines:
        spreads = {row["potential"]: float(row["frame_spread"]) for row in csv.DictReader(lines)}
    if result["potential"]["name"] not in spreads:
        return None
    spread = spreads[result["potential"]["name"]]
    frames = np.unique(points.frame)
    squares = np.array([np.sum(points.of_frame(one)[0] ** 2) for one in frames])
    share = squares / squares.sum()
    variances = np.array(
        [
            spread**2 + _within(*points.of_frame(one), slope) + noise**2 / np.mean(points.of_frame(one)[0] ** 2)
            for one in frames
        ]
    )
    worth = result["statistics"]["effective_frames"] or 1
    alike = max(1.0, 1 / (worth * float(np.sum(share**2))))
    return float(np.sqrt(alike * np.sum(share**2 * variances)))


def _within(x: Floats, y: Floats, slope: float) -> float:
    """Return the variance between the atoms of one frame; atoms alike by symmetry count once."""
    reference, predicted = x.reshape(-1, 3), y.reshape(-1, 3)
    error = predicted - slope * reference
    own = [max(float(a @ e) ** 2, float(a @ a) * float(e @ e) / 3) for a, e in zip(reference, error, strict=True)]
    largest = max(float(np.max(np.sum(side**2, axis=1))) for side in (reference, predicted))
    kinds = [
        tuple(round(float(value) / (1e-3 * largest)) for value in (a @ a, b @ b, a @ b))
        for a, b in zip(reference, predicted, strict=True)
    ]
    return sum(kinds.count(kind) * value for kind, value in zip(kinds, own, strict=True)) / float(x @ x) ** 2


def _elements(given: dict[str, Any], points: Points) -> Iterator[tuple[str, float | None, float | None]]:
    """Slopes by element, with an intercept."""
    symbols = list(dict.fromkeys(points.element))
    by_count = {(int(np.sum(points.element == one))): one for one in symbols}
    for element in given["elements"]:
        symbol = by_count.get(element["component_count"])
        if symbol is None or len(by_count) < len(symbols):
            continue
        chosen = points.element == symbol
        yield f"slope of {symbol}", element["slope"], float(stats.linregress(points.x[chosen], points.y[chosen]).slope)
        yield f"MAE of {symbol}", element["mae"], float(np.mean(np.abs(points.y - points.x)[chosen]))


def _populations(
    result: dict[str, Any], slope: float, tables: Path
) -> Iterator[tuple[str, float | None, float | None]]:
    with (tables / "high_energy" / "materials.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["potential"] == result["potential"]["name"]]
    for place in result["populations"]:
        like = [
            float(row["slope"])
            for row in rows
            if row["dataset"] == place["dataset"]
            and _is_inside(row["reference_rms"], place["rms_range"])
            and _is_inside(row["pressure_gpa"], place["pressure_range"])
            and (place["element"] is None or place["element"] in row["elements"].split())
        ]
        softer = sum(one > slope for one in like)
        yield "compounds alike", place["material_count"], len(like)
        yield "softer than", place["softer_than"], softer
        if like:
            yield "median of the compounds", place["median"], float(np.median(like))
            interval = stats.binomtest(softer, len(like)).proportion_ci(LEVEL, method="wilson")
            yield "Wilson, lower end", place["softer_share_interval"]["low"], float(interval.low)
            yield "Wilson, upper end", place["softer_share_interval"]["high"], float(interval.high)


def _is_inside(text: str, ends: Sequence[float] | None) -> bool:
    return ends is None or (text != "" and ends[0] <= float(text) <= ends[1])


def main() -> None:
    """Look at all reports given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--tables", type=Path, default=Path(__file__).parents[1] / "precomputed")
    given = parser.parse_args()
    numbers = [
        number
        for path in given.reports
        for number in compared(json.loads(path.read_text()), path.with_suffix(".csv"), given.tables)
    ]
    different = [number for number in numbers if number.differs]
    for number in different:
        print(number)
    print(f"{len(given.reports)} reports, {len(numbers)} numbers, {len(different)} disagreements")
    raise SystemExit(bool(different))


if __name__ == "__main__":
    main()
