"""A report on ZnS of the benchmark, of whose frames one potential could not compute the third; for several tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from ase.data import atomic_numbers

from softdash.catalog import Catalog
from softdash.diagnosis.records import Report
from softdash.diagnosis.reports import ForcePoints
from softdash.settings import Settings
from softdash.softening import analyse_forces
from softdash.structures.upload.summary import FrameRecord
from tests.doubtful import stored_report

POTENTIALS = {"chgnet-0.3.0": "CHGNet 0.3.0", "sevennet-0": "SevenNet-0"}
FRAMES = (1, 2, 3, 4, 5)


@cache
def zns_report(frames: tuple[int, ...] = FRAMES) -> tuple[Report, ForcePoints]:
    """Return a report on some frames of ZnS of which SevenNet-0 could not compute the third."""
    report, _ = stored_report()
    catalog = Catalog(Settings().precomputed_dir)
    tables = {name: catalog.parity_points("mpf-TP", name, "mpf-TP:217:ZnS") for name in POTENTIALS}
    whole = tables["chgnet-0.3.0"]
    whole = whole[whole["frame"].isin(frames)].reset_index(drop=True)
    predicted = {}
    results = []
    numbers = whole["element"].map(atomic_numbers).to_numpy()
    reference = whole[[f"reference_{axis}" for axis in "xyz"]].to_numpy()
    for name, label in POTENTIALS.items():
        own = whole[["frame", "atom"]].merge(tables[name], on=["frame", "atom"], how="left")
        predicted[name] = own[[f"predicted_{axis}" for axis in "xyz"]].to_numpy()
        used = [frame for frame in frames if not np.isnan(predicted[name][whole["frame"] == frame]).any()]
        parts = [(whole["frame"] == frame).to_numpy() for frame in used]
        found = analyse_forces(
            [reference[part] for part in parts],
            [predicted[name][part] for part in parts],
            [numbers[part] for part in parts],
            frame_spread=0.2,
        )
        # Positions are those of the upload, as the analysis counts them.
        places = [frames.index(frame) for frame in used]
        slopes = tuple(replace(one, frame=places[one.frame]) for one in found.frames)
        identity = report.results[0].potential.model_copy(update={"name": name, "label": label})
        results.append(
            report.results[0].model_copy(
                update={"potential": identity, "statistics": replace(found, frames=slopes), "doubts": ()}
            )
        )
    records = tuple(
        FrameRecord(origin=f"ZnS frame {frame}", formula="ZnS", atom_count=20, has_energy=False, has_stress=False)
        for frame in frames
    )
    understood = report.understanding.model_copy(update={"frames": records})
    points = ForcePoints(
        frame=np.searchsorted(frames, whole["frame"].to_numpy()),
        atom=whole["atom"].to_numpy() - 1,
        atomic_number=numbers,
        reference=reference,
        predicted=predicted,
    )
    return report.model_copy(update={"results": tuple(results), "understanding": understood}), points
