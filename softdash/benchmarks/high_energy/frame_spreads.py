"""The spread of the slope between frames of one material, for each potential: the interval of a single frame needs it.

Measured on the stored parity points of one data set of many compounds with a few unlike frames each.
`python -m softdash.benchmarks.high_energy.frame_spreads` writes the table again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.data.data_package import locked, read_resources, update_resource
from softdash.benchmarks.data.datasets import dataset
from softdash.catalog import Catalog, schemas
from softdash.catalog.resources import PotentialVersion
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import cards
from softdash.settings import get_settings
from softdash.softening.force_components import sum_of_others
from softdash.softening.refusals import SMALLEST_REFERENCE_RMS

MEASURED_ON = "mpf-TP"
"""Data set on which the spread is measured: 216 compounds at temperature and pressure, about five frames each."""

FEWEST_FRAMES = 3
_LICENCE = "CC-BY-4.0"
_SHARE, _NORMAL = 0.95, 1.959964


def known_frame_spread(catalog: Catalog, card: PotentialCard) -> float | None:
    """Return the spread of the slope between frames of one material, as the benchmark shows it for a potential.

    For a potential that the benchmark was not run with: the largest of its family. None where there is no such, or the
    table cannot be read: a single frame then has no interval.

    Parameters
    ----------
    catalog : Catalog
    card : PotentialCard
    """
    try:
        table = catalog.table(schemas.FRAME_SPREADS)
    except (NotFoundError, ReferenceDataError):
        return None
    spreads = dict(zip(table["potential"].tolist(), table["frame_spread"].tolist(), strict=True))
    if card.name in spreads:
        return float(spreads[card.name])
    if not card.is_universal or card.family == "other":
        return None
    family = [spreads[one.name] for one in cards() if one.family == card.family and one.name in spreads]
    return float(max(family)) if family else None


def measure(points: pd.DataFrame) -> dict[str, float | int] | None:
    """Return the spread from the parity points of one data set and one potential; None without suitable compounds.

    The slope s_g of each frame is compared with that of all other frames of its compound, times √((G−1)/G) since those
    have an error of their own. `frame_spread` is the 95th percentile of these deviations over 1.96. It is larger than
    the typical deviation: some compounds spread much more than others, and nobody knows which are like a new one.

    Parameters
    ----------
    points : pandas.DataFrame
        `schemas.PARITY_POINTS`.
    """
    deviations: list[NDArray[np.float64]] = []
    own_deviations: list[float] = []
    for _, rows in points.groupby("material_id", sort=False):
        xx, xy = _frame_sums(rows)
        if xx.size < FEWEST_FRAMES:
            continue
        slopes, of_others = xy / xx, sum_of_others(xy) / sum_of_others(xx)
        deviations.append(np.abs(slopes - of_others) * np.sqrt((xx.size - 1) / xx.size))
        own_deviations.append(float(np.std(slopes, ddof=1)))
    if not deviations:
        return None
    together = np.concatenate(deviations)
    return {
        "material_count": len(deviations),
        "frame_count": int(together.size),
        "frame_spread": float(np.quantile(together, _SHARE)) / _NORMAL,
        "median_deviation": float(np.median(own_deviations)),
    }


def _frame_sums(rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Σx² and Σxy of the frames of one material that have forces to speak of."""
    x, y = (rows[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(np.float64) for side in ("reference", "predicted"))
    _, frame = np.unique(rows["frame"].to_numpy(), return_inverse=True)
    xx, xy = (np.bincount(frame, weights=np.sum(x * other, axis=1)).astype(np.float64) for other in (x, y))
    kept = xx >= 3 * np.bincount(frame) * SMALLEST_REFERENCE_RMS**2
    return xx[kept], xy[kept]


def write_frame_spreads(precomputed_dir: Path) -> Path | None:
    """Measure the spread for every potential whose points are here, and write and describe the table.

    Returns
    -------
    pathlib.Path or None
        The table; None where no points are here.
    """
    described = {resource.path: resource for resource in read_resources(precomputed_dir)}
    rows: list[dict[str, object]] = []
    potentials: list[PotentialVersion] = []
    folder, prefix = precomputed_dir / schemas.POINTS_FOLDER, f"{MEASURED_ON}--"
    for file in sorted(folder.glob(f"{prefix}*.parquet")):
        name = file.stem.removeprefix(prefix)
        found = measure(pd.read_parquet(file))
        if found is not None:
            rows.append({"potential": name, "dataset": MEASURED_ON, **found})
            potentials += described[schemas.points_path(MEASURED_ON, name)].potentials
    if not rows:
        return None
    file = precomputed_dir / schemas.FRAME_SPREADS
    with locked(precomputed_dir, "high-energy"):
        schemas.HIGH_ENERGY_FRAME_SPREADS.write_csv(pd.DataFrame(rows), file)
        update_resource(
            precomputed_dir,
            schemas.FRAME_SPREADS,
            description=(
                f"How the softening scale differs between frames of one compound of {dataset(MEASURED_ON).label}, by "
                "potential: the interval of a single frame rests on it."
            ),
            licence=_LICENCE,
            schema=schemas.HIGH_ENERGY_FRAME_SPREADS,
            sources=dataset(MEASURED_ON).sources,
            potentials=potentials,
        )
    return file


if __name__ == "__main__":
    write_frame_spreads(get_settings().precomputed_dir)
