"""Linear correction from few labels: one factor c = Σxy/Σy², fitted to some labels and tried on other frames.

Deng et al., npj Comput. Mater. 11, 9 (2025), eq. 4 and Fig. 6a left. The paper takes one frame and notes that a single
force component would do. Here both are drawn many times, or each choice is taken once where there are no more choices
than draws: the forces are the parity points of the high-energy task, so that no potential runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.data.tables import write_table
from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import LINEAR_CORRECTION, LINEAR_CORRECTIONS
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.errors import ReferenceDataError
from softdash.softening import linear_correction, mae, mae_at_linear_correction, r_squared, softening_scale
from softdash.softening.intervals import wilson_interval

LabelKind = Literal["component", "atom", "frame"]

DATASETS = ("lgps-aimd", "si-aimd", "gpaw_pbe", "mvl-metals", "mpf-TP")
"""Data sets whose materials are drawn from."""

SMALLEST_FRAMES = 5
SMALLEST_REFERENCE_RMS = 0.3
"""Materials below, in frames or in eV/Å, are left out: no held-out frames, or no high-energy states."""
LARGEST_PRESSURE = 15.0
"""Materials above, in GPa, are left out: no states that the paper's 1000 K molecular dynamics would reach."""

FRAME_COUNTS = (1, 2, 3, 5, 8)
DRAWS = 400
_LICENCE = "CC-BY-4.0"
_DECIMALS = 5

ConsoleProgress = Callable[[str, int, int], None]
"""Called as ``progress(title, materials_done, materials_total)``."""


@dataclass(frozen=True, slots=True, eq=False)
class MaterialForces:
    """Forces of one material by DFT (`x`) and a potential (`y`), each of shape (atoms, 3), and each atom's frame."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    frame: NDArray[np.int_]

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return int(np.unique(self.frame).size)


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What many choices of the labels gave: random ones, or each possible one.

    Attributes
    ----------
    factor : ndarray, shape (draws,)
        c fitted to the labels.
    slope_after : ndarray, shape (draws,)
        Softening scale of the other frames after c.
    error_ratio : ndarray, shape (draws,)
        Their MAE after c, divided by that before.
    is_exhaustive : bool
        Whether each possible choice is there once.
    """

    factor: NDArray[np.float64]
    slope_after: NDArray[np.float64]
    error_ratio: NDArray[np.float64]
    is_exhaustive: bool = False

    @property
    def worse_count(self) -> int:
        """Draws that made the MAE larger."""
        return int(np.count_nonzero(self.error_ratio > 1))


def run_benchmark(
    dataset_names: Sequence[str],
    potential_names: Sequence[str],
    precomputed_dir: Path,
    console_progress: ConsoleProgress,
) -> Path:
    """Draw labels for every material with enough frames, and write ``correction/linear_correction.csv``.

    Parameters
    ----------
    dataset_names : sequence of str
        `DATASETS` when empty.
    potential_names : sequence of str
        All with parity points of these data sets when empty.
    precomputed_dir : pathlib.Path
        Holds the parity points, receives the table. Rows of other data sets and potentials stay.
    console_progress : callable

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    ReferenceDataError
        If the tables of the high-energy task are damaged, or hold no such material.
    """
    catalog = Catalog(precomputed_dir)
    chosen = _materials(catalog, dataset_names or DATASETS, potential_names)
    if chosen.empty:
        raise ReferenceDataError(
            "No material of these data sets and potentials has enough frames with large forces.",
            where=schemas.MATERIALS,
            advice=(
                "Run `softdash benchmark high-energy` for them first; a material counts with at least "
                f"{SMALLEST_FRAMES} frames, forces of {SMALLEST_REFERENCE_RMS:g} eV/Å on average (root mean square) "
                f"and less than {LARGEST_PRESSURE:g} GPa."
            ),
        )
    rows = []
    for done, material in enumerate(chosen.itertuples(), start=1):
        forces = material_forces(
            catalog.parity_points(str(material.dataset), str(material.potential), str(material.material_id))
        )
        names = {key: str(getattr(material, key)) for key in ("dataset", "potential", "material_id", "formula")}
        rows += [names | row for row in learning_curve(forces)]
        console_progress("linear correction", done, len(chosen))
    _write(precomputed_dir, pd.DataFrame(rows))
    return precomputed_dir / LINEAR_CORRECTION


def material_forces(points: pd.DataFrame) -> MaterialForces:
    """Take the forces of one material out of its parity points."""
    x, y = (
        points[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(dtype=np.float64) for side in ("reference", "predicted")
    )
    return MaterialForces(x, y, points["frame"].to_numpy(dtype=np.int_))


def learning_curve(forces: MaterialForces, *, draws: int = DRAWS) -> list[dict[str, Any]]:
    """Fit c to one component, one atom, and more and more frames.

    Returns
    -------
    list of dict
        Rows of `softdash.catalog.correction_schemas.LINEAR_CORRECTIONS` without the names; at least one frame is
        always left for the test.
    """
    whole: dict[str, Any] = {
        "frame_count": forces.frame_count,
        "slope": softening_scale(forces.x, forces.y),
        "r_squared": r_squared(forces.x, forces.y),
        "best_factor": linear_correction(forces.x, forces.y),
        "inverse_slope": 1 / softening_scale(forces.x, forces.y),
        "mae": mae(forces.x, forces.y),
        "mae_at_best_factor": mae_at_linear_correction(forces.x, forces.y),
    }
    counts = [count for count in FRAME_COUNTS if count < forces.frame_count]
    steps: list[tuple[LabelKind, int]] = [("component", 1), ("atom", 1), *(("frame", count) for count in counts)]
    return [
        {"label_kind": kind, "label_count": count, **whole, **_summary(draw_labels(forces, kind, count, draws=draws))}
        for kind, count in steps
    ]


def draw_labels(forces: MaterialForces, kind: LabelKind, count: int = 1, *, draws: int = DRAWS, seed: int = 0) -> Draws:
    """Draw labels at random, fit c to them, and try it on all frames without a label.

    Where there are no more choices than draws each is taken once, so that medians and shares are exact. Labels whose
    predicted forces are zero, where c does not exist, are left out.

    Parameters
    ----------
    forces : MaterialForces
        Of at least `count` + 1 frames.
    kind : {"component", "atom", "frame"}
    count : int
        Frames of one draw; one component or atom otherwise.
    draws : int
    seed : int
    """
    is_exhaustive = _choice_count(forces, kind, count) <= draws
    choices = _each_choice(forces, kind, count) if is_exhaustive else _random_choices(forces, kind, count, seed)
    held_out: dict[tuple[int, ...], _HeldOut] = {}
    results: list[tuple[float, float, float]] = []
    for x, y, frames in choices:
        if not np.any(y):
            continue
        if frames not in held_out:
            held_out[frames] = _HeldOut.without(forces, frames)
        results.append(held_out[frames].outcome(float(np.sum(x * y) / np.sum(y * y))))
        if len(results) == draws:
            break
    table = np.array(results, dtype=np.float64)
    return Draws(table[:, 0], table[:, 1], table[:, 2], is_exhaustive)


@dataclass(frozen=True, slots=True, eq=False)
class _HeldOut:
    """Forces of all frames without a label, with what does not depend on the factor; the draws share them."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    slope: float
    mae: float

    @classmethod
    def without(cls, forces: MaterialForces, frames: tuple[int, ...]) -> _HeldOut:
        rest = ~np.isin(forces.frame, frames)
        x, y = forces.x[rest].ravel(), forces.y[rest].ravel()
        return cls(x, y, float(np.sum(x * y) / np.sum(x * x)), float(np.mean(np.abs(y - x))))

    def outcome(self, factor: float) -> tuple[float, float, float]:
        """Return the factor, the slope after it, and the MAE after it divided by that before."""
        after = float(np.mean(np.abs(factor * self.y - self.x)))
        return factor, factor * self.slope, after / self.mae


_Labels = tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, ...]]
"""The forces of one choice of labels, by DFT and predicted, and the frames they stand in."""


def _choice_count(forces: MaterialForces, kind: LabelKind, count: int) -> int:
    if kind == "frame":
        return comb(forces.frame_count, count)
    return len(forces.x) if kind == "atom" else forces.x.size


def _each_choice(forces: MaterialForces, kind: LabelKind, count: int) -> Iterator[_Labels]:
    if kind == "frame":
        for frames in combinations(np.unique(forces.frame).tolist(), count):
            chosen = np.isin(forces.frame, frames)
            yield forces.x[chosen], forces.y[chosen], frames
        return
    for atom in range(len(forces.x)):
        for axes in (slice(None),) if kind == "atom" else (slice(axis, axis + 1) for axis in range(3)):
            yield forces.x[atom, axes], forces.y[atom, axes], (int(forces.frame[atom]),)


def _random_choices(forces: MaterialForces, kind: LabelKind, count: int, seed: int) -> Iterator[_Labels]:
    random = np.random.default_rng(seed)
    while True:
        yield _random_labels(forces, kind, count, random)


def _random_labels(forces: MaterialForces, kind: LabelKind, count: int, random: np.random.Generator) -> _Labels:
    if kind == "frame":
        frames = np.sort(random.choice(np.unique(forces.frame), size=count, replace=False))
        chosen = np.isin(forces.frame, frames)
        return forces.x[chosen], forces.y[chosen], tuple(frames.tolist())
    atom = int(random.integers(len(forces.x)))
    axes = slice(None) if kind == "atom" else slice(axis := int(random.integers(3)), axis + 1)
    return forces.x[atom, axes], forces.y[atom, axes], (int(forces.frame[atom]),)


def _summary(draws: Draws) -> dict[str, Any]:
    count = len(draws.factor)
    worse = wilson_interval(draws.worse_count, count)
    summary: dict[str, Any] = {"draws": count}
    for name, values in (
        ("factor", draws.factor),
        ("slope_after", draws.slope_after),
        ("error_ratio", draws.error_ratio),
    ):
        low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
        summary |= {f"{name}_low": low, f"{name}_median": middle, f"{name}_high": high}
    share = draws.worse_count / count
    # Wilson's ends meet 0 and 1 up to rounding only; a share over each choice is no estimate.
    return summary | {
        "worse_share": share,
        "worse_low": share if draws.is_exhaustive else min(worse.low, share),
        "worse_high": share if draws.is_exhaustive else max(worse.high, share),
    }


def _materials(catalog: Catalog, datasets: Sequence[str], potentials: Sequence[str]) -> pd.DataFrame:
    table = catalog.materials()
    wanted = table["dataset"].isin(list(datasets)) & (table["frame_count"] >= SMALLEST_FRAMES)
    wanted &= (table["reference_rms"] >= SMALLEST_REFERENCE_RMS) & ~(table["pressure_gpa"] > LARGEST_PRESSURE)
    if potentials:
        wanted &= table["potential"].isin(list(potentials))
    return table[wanted]


def _write(precomputed_dir: Path, rows: pd.DataFrame) -> None:
    """Put rows into the table, in the place of former ones of the same data sets and potentials."""
    file = precomputed_dir / LINEAR_CORRECTION
    numbers = rows.select_dtypes("floating").columns
    rows[numbers] = rows[numbers].round(_DECIMALS)
    parts = [rows.astype(object)]
    if file.is_file():
        present = LINEAR_CORRECTIONS.read_csv(file)
        renewed = set(zip(rows["dataset"], rows["potential"], strict=True))
        kept = [pair not in renewed for pair in zip(present["dataset"], present["potential"], strict=True)]
        parts.insert(0, present[kept].astype(object))
    table = pd.concat(parts)
    places = {name: place for place, name in enumerate(DATASETS)}
    order = table.assign(place=table["dataset"].map(lambda name: places.get(name, len(places))))
    order = order.sort_values(["place", "dataset", "potential"], kind="stable")
    sources, potentials = _origins(precomputed_dir, order)
    write_table(
        precomputed_dir,
        LINEAR_CORRECTION,
        order,
        description="One factor fitted to one component, atom or few frames, and tried on the other frames.",
        licence=_LICENCE,
        sources=sources,
        potentials=potentials,
    )


def _origins(precomputed_dir: Path, table: pd.DataFrame) -> tuple[list[ReferenceSource], list[PotentialVersion]]:
    """Return sources and potentials of the parity points behind the rows."""
    pairs = set(zip(table["dataset"], table["potential"], strict=True))
    paths = {schemas.points_path(dataset, potential) for dataset, potential in pairs}
    resources = [one for one in read_resources(precomputed_dir) if one.path in paths]
    sources = {source for one in resources for source in one.sources}
    stamps = {stamp.name: stamp for one in resources for stamp in one.potentials}
    in_order = sorted(sources, key=lambda source: (source.title, source.path))
    return in_order, [stamps[name] for name in sorted(stamps)]
