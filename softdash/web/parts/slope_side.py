"""On which side of one a slope of the benchmark's tables lies, and whether that may be said of the material.

Every page that says softer, stiffer, too small or too large of a stored slope asks here. A single frame never decides;
the rest are the rules of a report's verdict, as far as a row of the table tells them.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.diagnosis.verdict import NEGLIGIBLE_BIAS, WIDEST_UNBIASED_INTERVAL
from softdash.softening.notices import LOW_R_SQUARED

FEWEST_FRAMES = 2
"""Frames below which no slope says anything about a material: one does not know the spread between frames."""

Finding = Literal[
    "below",
    "above",
    "agrees",
    "one_frame",
    "no_interval",
    "negative",
    "loose",
    "near_equilibrium",
    "open",
]


def sides_of_one(rows: pd.DataFrame) -> NDArray[np.int_]:
    """Return −1 where the interval of a slope lies below one, 1 where above, 0 where neither or for a single frame.

    Parameters
    ----------
    rows : DataFrame, M rows
        With ``frame_count``, ``interval_low`` and ``interval_high``, as the table of materials has them.

    Returns
    -------
    ndarray of int, shape (M,)
    """
    low, high = (rows[f"interval_{end}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
    # A comparison with a missing end is false, so that a row without an interval lies on neither side.
    sides = (low > 1).astype(np.int_) - (high < 1).astype(np.int_)
    several = rows["frame_count"].to_numpy(dtype=np.int_) >= FEWEST_FRAMES
    return np.where(several, sides, 0)


def shares_of_sides(rows: pd.DataFrame) -> tuple[float | None, float | None]:
    """Return the shares of rows below and above one by their intervals, 0 to 1, of those with at least two frames.

    None twice where there is no such row.
    """
    several = rows[rows["frame_count"] >= FEWEST_FRAMES]
    if several.empty:
        return None, None
    sides = sides_of_one(several)
    return float(np.mean(sides < 0)), float(np.mean(sides > 0))


def finding_of(row: pd.Series) -> Finding:
    """Return what one row of the table of materials says about its material.

    ``below`` and ``above`` are firm; ``agrees`` is a slope of one, as the verdict of a report has it (the whole
    interval within 1 ± 0.02, or holding 1 and no wider than ± 0.05); all others conclude nothing, and say why.
    """
    low, high = float(row["interval_low"]), float(row["interval_high"])
    notices = "" if pd.isna(row["notices"]) else str(row["notices"])
    if row["slope"] < 0:
        return "negative"
    if row["r_squared"] < LOW_R_SQUARED:
        return "loose"
    if "near_equilibrium" in notices.split():
        return "near_equilibrium"
    if row["frame_count"] < FEWEST_FRAMES:
        return "one_frame"
    if np.isnan(low) or np.isnan(high):
        return "no_interval"
    if low >= 1 - NEGLIGIBLE_BIAS and high <= 1 + NEGLIGIBLE_BIAS:
        return "agrees"
    side = int(sides_of_one(row.to_frame().T)[0])
    if side:
        return "below" if side < 0 else "above"
    return "agrees" if high - low <= 2 * WIDEST_UNBIASED_INTERVAL else "open"
