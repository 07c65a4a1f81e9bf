"""Which frames a row of the high-energy table rests on that other potentials could not use.

Potentials stand side by side for one material; where one of them refuses a frame (an atom beyond its cutoff), slopes
rest on different frames, and the row says so.
"""

from __future__ import annotations

from collections import defaultdict

import pandas as pd


def with_unshared_frames(materials: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Fill in the column ``frames_not_shared``: frames used here that another potential left out, by number.

    Parameters
    ----------
    materials, failures : DataFrame
        Rows of `softdash.catalog.schemas.HIGH_ENERGY_MATERIALS` and of ``HIGH_ENERGY_FAILURES``.

    Returns
    -------
    DataFrame
        A new one; the column is empty where all potentials used the same frames.
    """
    known = set(zip(materials["dataset"], materials["potential"], materials["material_id"], strict=True))
    refused: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    of_any: dict[tuple[str, str], set[int]] = defaultdict(set)
    rows = failures[failures["frame"].notna()]
    for dataset, potential, material, frame in zip(
        rows["dataset"], rows["potential"], rows["material_id"], rows["frame"], strict=True
    ):
        # A potential without any frame of the material stands beside nothing.
        if (dataset, potential, material) in known:
            refused[dataset, potential, material].add(int(frame))
            of_any[dataset, material].add(int(frame))
    unshared = [
        sorted(of_any[dataset, material] - refused[dataset, potential, material])
        if (dataset, material) in of_any
        else []
        for dataset, potential, material in zip(
            materials["dataset"], materials["potential"], materials["material_id"], strict=True
        )
    ]
    return materials.assign(frames_not_shared=[" ".join(map(str, frames)) or None for frames in unshared])
