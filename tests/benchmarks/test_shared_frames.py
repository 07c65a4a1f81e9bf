"""Frames that potentials do not share, in a made-up table and in the shipped one."""

from __future__ import annotations

import pandas as pd

from softdash.benchmarks.shared_frames import with_unshared_frames
from softdash.catalog import Catalog
from softdash.settings import Settings


def test_frames_that_another_potential_left_out_are_named() -> None:
    materials = pd.DataFrame(
        [("set", name, material) for material in ("A", "B") for name in ("p", "q", "r")],
        columns=["dataset", "potential", "material_id"],
    )
    failures = pd.DataFrame(
        [
            ("set", "p", "A", 3),
            ("set", "p", "A", 4),
            ("set", "q", "A", 4),
            ("other", "q", "B", 1),
            ("set", "gone", "B", 2),  # has no row: stands beside nothing
            ("set", "p", "B", None),
        ],
        columns=["dataset", "potential", "material_id", "frame"],
    )
    marked = with_unshared_frames(materials, failures).set_index(["material_id", "potential"])["frames_not_shared"]
    assert marked.fillna("").to_dict() == {
        ("A", "p"): "",
        ("A", "q"): "3",
        ("A", "r"): "3 4",
        ("B", "p"): "",
        ("B", "q"): "",
        ("B", "r"): "",
    }


def test_shipped_rows_say_which_frames_they_do_not_share() -> None:
    catalog = Catalog(Settings().precomputed_dir)
    table = catalog.materials()
    again = with_unshared_frames(table, catalog.failures())
    assert again["frames_not_shared"].fillna("").tolist() == table["frames_not_shared"].fillna("").tolist()
    counts = table.groupby(["dataset", "material_id"])["frame_count"].agg(["min", "max"])
    uneven = set(counts.index[counts["min"] != counts["max"]])
    marked = table[table["frames_not_shared"].notna()]
    assert uneven <= set(zip(marked["dataset"], marked["material_id"], strict=True))
    zinc_sulfide = marked[marked["formula"] == "ZnS"].set_index("potential")
    assert zinc_sulfide.loc["chgnet-0.3.0", "frames_not_shared"] == "3"
