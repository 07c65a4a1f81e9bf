"""Several potentials on one data set: errors before and after correction, slopes of two of them, published errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.data.datasets import dataset_order
from softdash.benchmarks.high_energy.medians import DEFAULT_POTENTIALS, in_order
from softdash.benchmarks.high_energy.shared_frames import SET_ASIDE, on_shared_frames
from softdash.catalog import Catalog
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.errors import RefusalError, SoftdashError
from softdash.softening import correlate, reduction_of_medians, summarise_population
from softdash.softening.paired import Correlation
from softdash.softening.statistics import Interval
from softdash.web.parts.names import potential_label

DEFAULT_DATASET = "mpf-TP"
DEFAULT_PAIR = ("chgnet-0.3.0", "m3gnet-original")

"""The potentials of the paper's Fig. 6b, with softdash's identifier (for the colour)."""
_PAPER_MARK = "s41524-024-01500-6"
_ERROR_TASK, _CORRECTED_TASK = "WBM_high_energy_force_MAE", "WBM_high_energy_force_cMAE"
_REDUCTION_TASK = "WBM_high_energy_error_reduction"

Quartiles = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ComparisonSelection:
    """What a visitor compares: one data set, some potentials, and two of all for the scatter plot."""

    data: str
    potentials: tuple[str, ...]
    x: str
    y: str

    @classmethod
    def checked(cls, catalog: Catalog, given: Mapping[str, str | Sequence[str] | None]) -> ComparisonSelection:
        """Build a selection from untrusted values; whatever is unknown is replaced by a default.

        Raises
        ------
        ReferenceDataError
            If the table of materials is in quarantine.
        """
        sets = sorted(catalog.datasets(), key=dataset_order)
        known = in_order(catalog.potentials())
        data = _one_of(given.get("data"), sets, DEFAULT_DATASET)
        wanted = given.get("potentials") or ()
        words = wanted.split(",") if isinstance(wanted, str) else wanted
        chosen = tuple(dict.fromkeys(word for word in words if word in known))
        standard = tuple(name for name in DEFAULT_POTENTIALS if name in known) or known[:1]
        return cls(
            data=data,
            potentials=chosen or standard,
            x=_one_of(given.get("x"), known, DEFAULT_PAIR[0]),
            y=_one_of(given.get("y"), known, DEFAULT_PAIR[1]),
        )


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """What the errors of one potential over several materials come to.

    Attributes
    ----------
    of_materials : float
        Median over materials of each one's own error reduction 1 - cMAE/MAE.
    of_materials_interval : Interval
    of_medians : float
        1 - median(cMAE)/median(MAE): the paper's aggregation in Fig. 6b.
    of_medians_interval : Interval
    share_worse : float
        Share of materials whose error grows.
    """

    of_materials: float
    of_materials_interval: Interval
    of_medians: float
    of_medians_interval: Interval
    share_worse: float


@dataclass(frozen=True, slots=True, eq=False)
class ErrorGroup:
    """Force errors of one potential on one data set, one value per material, eV/Å.

    Attributes
    ----------
    potential, label : str
    errors, corrected : ndarray, shape (M,)
        MAE, and MAE after division by each material's own slope.
    mismatch_count : int
        Materials whose references are of another functional than the potential learnt.
    summary : ErrorSummary or None
        None for a single material.
    """

    potential: str
    label: str
    errors: NDArray[np.float64]
    corrected: NDArray[np.float64]
    mismatch_count: int
    summary: ErrorSummary | None

    @property
    def material_count(self) -> int:
        """Materials."""
        return int(self.errors.size)


@dataclass(frozen=True, slots=True)
class PublishedErrors:
    """Quartiles of the paper's Fig. 6b for one potential, eV/Å, and 1 - median(cMAE)/median(MAE)."""

    model: str
    potential: str
    count: int
    errors: Quartiles
    corrected: Quartiles
    of_medians: float | None
    is_digitised: bool


@dataclass(frozen=True, slots=True, eq=False)
class SlopePairs:
    """Softening scales of the materials that two potentials both have.

    Attributes
    ----------
    x, y : str
        Potentials.
    table : DataFrame
        material_id, formula, slope_x, slope_y, half_width_x, half_width_y, difference (y - x), frames_x, frames_y (how
        many), is_narrowed (whether frames that only one of the two computed were left out), has_other_frames (whether
        the two slopes rest on different frames nevertheless).
    correlation : Correlation or None
        None for too few materials.
    """

    x: str
    y: str
    table: pd.DataFrame
    correlation: Correlation | None

    @property
    def share_both_below_one(self) -> float:
        """Share of materials whose slopes both lie below one."""
        return float(((self.table["slope_x"] < 1) & (self.table["slope_y"] < 1)).mean())


def quartiles_of(values: NDArray[np.float64]) -> Quartiles:
    """Return the quartiles of some values."""
    low, middle, high = (float(one) for one in np.quantile(values, (0.25, 0.5, 0.75)))
    return low, middle, high


def error_groups(catalog: Catalog, dataset: str, potentials: Sequence[str]) -> list[ErrorGroup]:
    """Return the errors of those of the potentials that were run on the data set, on the frames they share."""
    table = _beside(catalog, dataset, potentials)
    groups = []
    for potential in potentials:
        rows = table[table["potential"] == potential]
        if rows.empty:
            continue
        errors, corrected = (rows[name].to_numpy(dtype=np.float64) for name in ("mae", "corrected_mae"))
        groups.append(
            ErrorGroup(
                potential=potential,
                label=potential_label(potential),
                errors=errors,
                corrected=corrected,
                mismatch_count=int(rows["functional_mismatch"].sum()),
                summary=_summary(errors, corrected),
            )
        )
    return groups


def _summary(errors: NDArray[np.float64], corrected: NDArray[np.float64]) -> ErrorSummary | None:
    if errors.size < 2:
        return None
    own = summarise_population(1 - corrected / errors)
    of_medians, interval = reduction_of_medians(errors, corrected)
    return ErrorSummary(
        of_materials=own.median,
        of_materials_interval=own.median_interval,
        of_medians=of_medians,
        of_medians_interval=interval,
        share_worse=float(np.mean(corrected > errors)),
    )


def published_errors(catalog: Catalog) -> list[PublishedErrors]:
    """Return the paper's Fig. 6b; empty where the table of published values is in quarantine."""
    try:
        table = catalog.published_values()
    except SoftdashError:
        return []
    table = table[table["source"].str.contains(_PAPER_MARK, regex=False)]
    found = []
    for model, potential in PAPER_MODELS.items():
        rows = table[table["model"] == model]
        errors, corrected = (_quartiles(rows[rows["task"] == task]) for task in (_ERROR_TASK, _CORRECTED_TASK))
        if errors is None or corrected is None:
            continue
        of_error = rows[rows["task"] == _ERROR_TASK]
        reduction = rows.loc[rows["task"] == _REDUCTION_TASK, "value"]
        found.append(
            PublishedErrors(
                model=model,
                potential=potential,
                count=int(of_error["n"].iloc[0]),
                errors=errors,
                corrected=corrected,
                of_medians=None if reduction.empty else float(reduction.iloc[0]) / 100,
                is_digitised=bool(of_error["confidence"].str.contains("digitised").any()),
            )
        )
    return found


def _quartiles(rows: pd.DataFrame) -> Quartiles | None:
    values = rows.set_index("metric")["value"]
    names = ("q25", "median", "q75")
    if not all(name in values.index for name in names):
        return None
    low, middle, high = (float(values[name]) for name in names)
    return low, middle, high


def slope_pairs(catalog: Catalog, dataset: str, x: str, y: str) -> SlopePairs:
    """Return the slopes of two potentials on the materials that both have, in the order of the first.

    Both slopes of a material are on the frames that both potentials computed.
    """
    columns = ["material_id", "formula", "slope", "interval_low", "interval_high", "frame_count"]
    columns += ["frames_not_shared", SET_ASIDE]
    table = _beside(catalog, dataset, (x, y))
    first, second = (table.loc[table["potential"] == potential, columns] for potential in (x, y))
    both = first.merge(second.drop(columns="formula"), on="material_id", suffixes=("_x", "_y"))
    table = pd.DataFrame(
        {
            "material_id": both["material_id"],
            "formula": both["formula"],
            "slope_x": both["slope_x"],
            "slope_y": both["slope_y"],
            "half_width_x": (both["interval_high_x"] - both["interval_low_x"]) / 2,
            "half_width_y": (both["interval_high_y"] - both["interval_low_y"]) / 2,
            "difference": both["slope_y"] - both["slope_x"],
            "frames_x": both["frame_count_x"],
            "frames_y": both["frame_count_y"],
            # What neither shares with a third potential may be the same for both.
            "has_other_frames": both["frames_not_shared_x"].fillna("") != both["frames_not_shared_y"].fillna(""),
            "is_narrowed": both[f"{SET_ASIDE}_x"].notna() | both[f"{SET_ASIDE}_y"].notna(),
        }
    )
    try:
        correlation = correlate(table["slope_x"], table["slope_y"])
    except RefusalError:
        correlation = None
    return SlopePairs(x, y, table, correlation)


def narrowed_formulas(catalog: Catalog, dataset: str, potentials: Sequence[str]) -> list[str]:
    """Return the formulas of materials of which only frames count that all of the potentials computed."""
    table = _beside(catalog, dataset, potentials)
    return list(dict.fromkeys(table.loc[table[SET_ASIDE].notna(), "formula"].astype(str)))


def _beside(catalog: Catalog, dataset: str, potentials: Sequence[str]) -> pd.DataFrame:
    rows = catalog.materials(dataset)
    return on_shared_frames(catalog, rows[rows["potential"].isin(list(potentials))])


def _one_of(given: str | Sequence[str] | None, known: Sequence[str], default: str) -> str:
    if isinstance(given, str) and given in known:
        return given
    return default if default in known else next(iter(known), default)
