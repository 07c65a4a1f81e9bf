"""What the figures of the correction page are drawn from: rows of the tables as series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.catalog.correction_schemas import TEST, TRAIN_BOTH, TRAIN_LARGER
from softdash.web.figures.parity import ParityFit, ParitySeries
from softdash.web.pages.correction.label_curves import EpochCurve, LabelCurve, WorseShares
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label

POTENTIAL = "chgnet-0.3.0"
"""The one that is fine-tuned, by the paper and here."""

FEW_LABELS = ("1 component", "1 atom", "1 frame")


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One panel of the counterpart of Fig. 6a.

    Attributes
    ----------
    key : str
        ``"pretrained"``, ``"scalar"``, ``"smaller"`` or ``"larger"``.
    row : Series
        Of `softdash.catalog.correction_schemas.FINE_TUNINGS`.
    test : ParitySeries
    training_x, training_y : ndarray, shape (n,)
        Force components of the training frames (eV/Å), empty for the pretrained potential.
    """

    key: str
    row: pd.Series
    test: ParitySeries
    training_x: NDArray[np.float64]
    training_y: NDArray[np.float64]


def systems(table: pd.DataFrame) -> dict[str, str]:
    """Return the systems that were fine-tuned on: name for people by identifier."""
    rows = table.drop_duplicates("system")
    return {str(name): subscripted_label(str(label)) for name, label in zip(rows["system"], rows["label"], strict=True)}


def subscripted_label(label: str) -> str:
    """Return ``"Li₁₀GeP₂S₁₂, 50 atoms"`` for ``"Li10GeP2S12, 50 atoms"``."""
    name, comma, rest = label.partition(",")
    return f"{subscripted(name)}{comma}{rest}"


def default_system(table: pd.DataFrame) -> str:
    """Return the system whose force error falls most by one factor: the clearest example of a systematic error."""
    errors = table.pivot_table(index="system", columns="method", values="mae", aggfunc="mean")
    return str((errors["scalar"] / errors["pretrained"]).idxmin())


def panels(table: pd.DataFrame, points: pd.DataFrame, system: str) -> list[Panel]:
    """Return pretrained, one factor, fine-tuned on the smaller and on the larger training set, of the first seed.

    Parameters
    ----------
    table : DataFrame
        All rows of `FINE_TUNINGS`.
    points : DataFrame
        `FINE_TUNING_POINTS` of the system.
    system : str
    """
    rows = table[table["system"] == system]
    tuned = rows[rows["method"] == "fine-tuned"]
    seed = tuned["seed"].min()
    tuned = tuned[tuned["seed"] == seed].sort_values("train_frames")
    scalar = rows[(rows["method"] == "scalar") & (rows["seed"] == seed)].iloc[0]
    chosen = (
        ("pretrained", rows[rows["method"] == "pretrained"].iloc[0], "pretrained", 1.0, ()),
        ("scalar", scalar, "pretrained", float(scalar["factor"]), (TRAIN_BOTH,)),
        ("smaller", tuned.iloc[0], "smaller", 1.0, (TRAIN_BOTH,)),
        ("larger", tuned.iloc[-1], "larger", 1.0, (TRAIN_BOTH, TRAIN_LARGER)),
    )
    return [_panel(key, row, points, forces, factor, parts) for key, row, forces, factor, parts in chosen]


def _panel(
    key: str, row: pd.Series, points: pd.DataFrame, forces: str, factor: float, training: Sequence[str]
) -> Panel:
    test = points[points["part"] == TEST]
    low, high = row["interval_low"], row["interval_high"]
    fit = ParityFit(
        slope=float(row["slope"]),
        interval_low=None if pd.isna(low) else float(low),
        interval_high=None if pd.isna(high) else float(high),
        r_squared=float(row["r_squared"]),
        mae=float(row["mae"]),
        corrected_mae=float(row["corrected_mae"]),
    )
    series = ParitySeries.from_forces(
        POTENTIAL,
        potential_label(POTENTIAL),
        _forces(test, "reference"),
        factor * _forces(test, forces),
        fit,
        elements=test["element"].to_numpy(dtype=np.str_),
        frames=test["frame"].to_numpy(dtype=np.int_),
        atoms=test["atom"].to_numpy(dtype=np.int_),
    )
    used = points[points["part"].isin(list(training))]
    return Panel(
        key,
        row,
        replace(series, elements=None) if series.elements is not None and len(set(series.elements)) == 1 else series,
        _forces(used, "reference").ravel(),
        factor * _forces(used, forces).ravel(),
    )


def _forces(points: pd.DataFrame, side: str) -> NDArray[np.float64]:
    forces: NDArray[np.float64] = points[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(dtype=np.float64)
    return forces


def epoch_curves(epochs: pd.DataFrame, system: str) -> list[EpochCurve]:
    """Return the errors per epoch of the first seed, the smaller training set first."""
    rows = epochs[epochs["system"] == system]
    rows = rows[rows["seed"] == rows["seed"].min()]
    curves = []
    for place, (count, of_count) in enumerate(rows.groupby("train_frames", sort=True)):
        in_order = of_count.sort_values("epoch")
        validation = in_order["validation_mae"]
        curves.append(
            EpochCurve(
                name=f"{count} frame{'s' if count != 1 else ''}",
                dash=("dot", "solid", "dash")[place % 3],
                train=in_order["train_mae"].to_numpy(dtype=np.float64),
                validation=None if validation.isna().all() else validation.to_numpy(dtype=np.float64),
            )
        )
    return curves


def material_key(dataset: str, material_id: str) -> str:
    """Return the identifier of a material in the address."""
    return f"{dataset}~{material_id}"


def material_options(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the materials to choose from, in groups by data set."""
    groups: list[dict[str, object]] = []
    for dataset, rows in table.drop_duplicates(["dataset", "material_id"]).groupby("dataset", sort=False):
        names = sorted(zip(rows["formula"], rows["material_id"], rows["frame_count"], strict=True))
        items = [
            {
                "value": material_key(str(dataset), str(material_id)),
                "label": f"{subscripted(str(formula))} · {material_id} · {count} frames",
            }
            for formula, material_id, count in names
        ]
        groups.append({"group": dataset_label(str(dataset)), "items": items})
    return groups


def rows_of_material(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the rows of one material by its identifier in the address."""
    dataset, _, material_id = key.partition("~")
    return table[(table["dataset"] == dataset) & (table["material_id"] == material_id)]


def step_names(rows: pd.DataFrame) -> list[str]:
    """Return ``"1 component"``, ``"3 frames"`` for the labels of each row."""
    return [
        f"{count} {kind}{'s' if count != 1 else ''}"
        for kind, count in zip(rows["label_kind"], rows["label_count"], strict=True)
    ]


def label_curves(rows: pd.DataFrame, potentials: Sequence[str]) -> list[LabelCurve]:
    """Return the learning curve of each potential that was computed for the material of `rows`."""
    curves = []
    for potential in potentials:
        of_potential = rows[rows["potential"] == potential]
        if of_potential.empty:
            continue
        first = of_potential.iloc[0]
        curves.append(
            LabelCurve(
                potential=potential,
                label=potential_label(potential),
                steps=step_names(of_potential),
                low=of_potential["error_ratio_low"].to_numpy(dtype=np.float64),
                median=of_potential["error_ratio_median"].to_numpy(dtype=np.float64),
                high=of_potential["error_ratio_high"].to_numpy(dtype=np.float64),
                worse_share=of_potential["worse_share"].to_numpy(dtype=np.float64),
                best=float(first["mae_at_best_factor"] / first["mae"]),
            )
        )
    return curves


def worse_shares(table: pd.DataFrame, potentials: Sequence[str]) -> list[WorseShares]:
    """Return the shares of harmful draws over all materials, for each potential and each of `FEW_LABELS`."""
    named = table.assign(step=step_names(table))
    groups = []
    for potential in potentials:
        for step in FEW_LABELS:
            rows = named[(named["potential"] == potential) & (named["step"] == step)]
            if rows.empty:
                continue
            groups.append(
                WorseShares(
                    potential=potential,
                    label=potential_label(potential),
                    step=step,
                    shares=rows["worse_share"].to_numpy(dtype=np.float64),
                    materials=[subscripted(str(formula)) for formula in rows["formula"]],
                    datasets=[dataset_label(str(dataset)) for dataset in rows["dataset"]],
                )
            )
    return groups
