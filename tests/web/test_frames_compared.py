"""Potentials side by side for one material rest on the frames that all of them computed: ZnS, on every page."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest
from dash import Dash
from page_content import plain_text, text_of

from softdash.errors import NotFoundError
from softdash.web.context import web_context
from softdash.web.pages.compare import callbacks as compare
from softdash.web.pages.compare.potential_comparison import error_groups, slope_pairs
from softdash.web.pages.softening import callbacks as softening
from softdash.web.pages.softening.material_detail import material_caption, material_rows, parity_series
from softdash.web.parts.material_selection import checked_selection

ZNS = "mpf-TP:217:ZnS"
BOTH = ["chgnet-0.3.0", "sevennet-0"]
SHARED, OWN = 0.738213, 0.739740
GIVEN: dict[str, Any] = {"data": ["mpf-TP"], "potentials": BOTH}


def _row(rows: list[dict[str, Any]], material: str = ZNS, **wanted: str) -> dict[str, Any]:
    return next(row for row in rows if row["material"] == material and wanted.items() <= row.items())


def test_slope_against_slope(in_app: None) -> None:
    pairs = slope_pairs(web_context().catalog, "mpf-TP", *BOTH)
    row = pairs.table.set_index("material_id").loc[ZNS]
    assert (row["slope_x"], row["frames_x"], row["frames_y"]) == (pytest.approx(SHARED, abs=2e-6), 4, 4)
    assert (row["is_narrowed"], row["has_other_frames"]) == (True, False)
    shown = compare.show_pairs("light", "mpf-TP", *BOTH)
    assert _row(shown["rows"])["frames"] == "4, shared"
    assert "For ZnS only the frames count that both potentials computed" in plain_text(shown["caption"])
    same = compare.show_pairs("light", "mpf-TP", "chgnet-0.3.0", "chgnet-r2scan")
    assert _row(same["rows"])["frames"] == "5"
    assert "ZnS" not in plain_text(same["caption"])


def test_errors_before_and_after(in_app: None) -> None:
    catalog = web_context().catalog
    beside, alone = (error_groups(catalog, "mpf-TP", names)[0] for names in (BOTH, BOTH[:1]))
    assert beside.errors.sum() - alone.errors.sum() == pytest.approx(0.296188 - 0.281917, abs=3e-6)
    shown = compare.show_errors("light", "mpf-TP", BOTH, "violin")
    assert "For ZnS only the frames count that all shown potentials computed" in plain_text(shown["caption"])


def test_table_and_its_download(in_app: None, app: Dash) -> None:
    shown = softening.show_population("light", GIVEN, "histogram")
    row = _row(shown["rows"], potential="CHGNet 0.3.0")
    assert (row["slope"], row["frame_count"], row["unshared"]) == (pytest.approx(SHARED, abs=6e-5), 4, "3, left out")
    client = app.server.test_client()
    table = pd.read_csv(io.StringIO(client.get(shown["csv"]).get_data(as_text=True).removeprefix("\ufeff")))
    got = table[(table["material_id"] == ZNS) & (table["potential"] == "chgnet-0.3.0")].iloc[0]
    assert round(got["slope"], 4) == row["slope"]
    assert str(int(got["frames_set_aside"])) == "3"
    document = client.get(shown["json"]).get_json()
    assert document["columns"][-1]["name"] == "frames_set_aside"
    alone = softening.show_population("light", {**GIVEN, "potentials": BOTH[:1]}, "histogram")
    assert (_row(alone["rows"])["slope"], _row(alone["rows"])["unshared"]) == (pytest.approx(OWN, abs=6e-5), "3, used")


def test_material_its_plot_and_its_elements(in_app: None) -> None:
    catalog = web_context().catalog
    rows = material_rows(catalog, ZNS, checked_selection(catalog, {k: ",".join(v) for k, v in GIVEN.items()}))
    series = parity_series(catalog, rows)
    assert [one.reference.size for one in series] == [240, 240]
    assert (series[0].reference == series[1].reference).all()
    shown = softening.show_material("light", GIVEN, ZNS, None, "potential")
    caption = plain_text(shown["caption"])
    assert "240 force components of 4 frames" in caption
    assert "frame 3 is left out" in caption
    assert "0.738 (CHGNet 0.3.0)" in shown["title"]
    assert "150" not in text_of([part for part in shown["detail"] if "element-table" in text_of(part)][-1])
    for names in (BOTH[:1], ["chgnet-0.3.0", "chgnet-r2scan"]):
        same = softening.show_material("light", {**GIVEN, "potentials": names}, ZNS, None, "potential")
        assert "300 force components of 5 frames" in plain_text(same["caption"])
        assert "different frames" not in plain_text(same["caption"])


def test_where_points_are_lost_the_caption_says_that_frames_differ(
    in_app: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = web_context().catalog
    chosen = checked_selection(catalog, {k: ",".join(v) for k, v in GIVEN.items()})

    def gone(*_: str) -> pd.DataFrame:
        raise NotFoundError("no points")

    monkeypatch.setattr(catalog, "parity_points", gone)
    rows = material_rows(catalog, ZNS, chosen)
    assert rows["frame_count"].tolist() == [5, 4]
    assert "The slopes rest on different frames" in material_caption(rows)
