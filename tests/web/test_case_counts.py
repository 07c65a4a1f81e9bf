"""The n on each benchmark page is what the tables hold, counted here from the CSV files alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from dash import Dash, html
from dash.development.base_component import Component
from page_content import plain_text

from softdash.settings import Settings
from softdash.web.context import web_context
from softdash.web.pages.benchmarks.paper_panels import PANELS, count_of
from softdash.web.pages.ion_migration import callbacks as ion_migration
from softdash.web.pages.phonons.summary import ratio_summary
from softdash.web.pages.point_defects import page as point_defects
from softdash.web.pages.softening import callbacks as softening
from softdash.web.pages.surfaces import page as surfaces
from softdash.web.parts.energies.callbacks import show_numbers
from softdash.web.parts.headline_table import recomputed_rows

Row = dict[str, str]
GEOMETRIES = ("relaxed", "dft")
ENERGIES = {
    "surfaces": "surfaces.csv",
    "point-defects": "point_defects.csv",
    "solid-solution": "solid_solution.csv",
    "ion-migration": "ion_migration.csv",
}


def read(path: str) -> list[Row]:
    with (Settings().precomputed_dir / path).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def counted(rows: Sequence[Row], potential: str, geometry: str) -> int:
    """Count the cases of one potential at one geometry that have DFT beside them and no reason against them."""
    energies = [row for row in rows if row["kind"] != "image"]
    known = {row["case_id"] for row in energies if row["method"] == "DFT" and row["geometry"] == "relaxed"}
    return len(
        {
            row["case_id"]
            for row in energies
            if (row["method"], row["geometry"]) == (potential, geometry)
            and row["case_id"] in known
            and not row["excluded"]
        }
    )


def table_rows(content: Any, table_id: str) -> list[list[str]]:
    """Return the texts of the cells of a table's rows, but for its head."""
    parts = [part for one in _parts(content) for part in _all(one)]
    table = next(part for part in parts if isinstance(part, html.Table) and getattr(part, "id", None) == table_id)
    rows = [part for part in _all(table) if isinstance(part, html.Tr)]
    return [[plain_text(cell) for cell in _parts(row.children)] for row in rows][1:]


def _parts(content: Any) -> Iterable[Any]:
    return content if isinstance(content, list | tuple) else [content]


def _all(content: Any) -> list[Any]:
    return [content, *content._traverse()] if isinstance(content, Component) else []


def test_barriers_are_counted_alike_by_tables_pages_and_api(in_app: None, app: Dash) -> None:
    rows = read("energies/ion_migration.csv")
    # Al, MgO and LiF; the hop in lithium is within the error of its reference, and DFT did not converge for MnP2O7.
    assert {counted(rows, "chgnet-0.3.0", geometry) for geometry in GEOMETRIES} == {3}
    answer = app.server.test_client().get("/api/v1/catalog/energies-ion_migration.csv")
    served = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert counted(served, "chgnet-0.3.0", "relaxed") == 3
    catalog = web_context().catalog
    panel = next(panel for panel in PANELS if panel.figure == "3b")
    said = next(count_of(source, catalog) for source in panel.sources if source.kind == "recomputed")
    assert said.startswith("3 barriers, 7 potentials; 2 more that do not count")
    for geometry, drawn in (("relaxed", 4), ("dft", 5)):
        shown = ion_migration.show_differences("light", ["chgnet-0.3.0"], geometry)
        assert "3 recomputed barriers" in plain_text(shown["caption"])
        dots = next(trace for trace in shown["figure"]["data"] if trace["mode"] == "markers")
        assert len(dots["x"]) == drawn
        assert sum("does not count" in text for text in dots["hovertext"]) == drawn - 3


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("potential", ["chgnet-0.3.0", "sevennet-0"])
@pytest.mark.parametrize("task", ["surfaces", "point-defects", "ion-migration"])
def test_rows_of_statistics_add_up_to_the_counted_cases(in_app: None, task: str, potential: str, geometry: str) -> None:
    wanted = counted(read(f"energies/{ENERGIES[task]}"), potential, geometry)
    assert wanted > 2
    if task == "ion-migration":
        shown, table_id = ion_migration.show_tables([potential], geometry), "migration-statistics"
    else:
        page = {"surfaces": surfaces, "point-defects": point_defects}[task]
        shown, table_id = show_numbers(page.TASK, [potential], "all", geometry), f"{task}-statistics-table"
    is_own, total = False, 0
    for cells in table_rows(list(shown), table_id):
        if len(cells) == 1:
            is_own = cells[0].startswith("Recomputed")
        elif is_own:
            total += int(cells[1])
    assert total == wanted


def test_orderings(in_app: None) -> None:
    rows = read("energies/solid_solution.csv")
    wanted = counted(rows, "chgnet-0.3.0", "relaxed")
    panel = next(panel for panel in PANELS if panel.figure == "2c")
    said = [count_of(source, web_context().catalog) for source in panel.sources if source.kind == "recomputed"]
    assert said == [f"{wanted} orderings, 7 potentials"]


def test_panels_of_energies_count_what_counts(in_app: None) -> None:
    catalog = web_context().catalog
    for figure, name in (("2a", "surfaces"), ("2b", "point-defects")):
        rows = read(f"energies/{ENERGIES[name]}")
        panel = next(panel for panel in PANELS if panel.figure == figure)
        said = next(count_of(source, catalog) for source in panel.sources if source.kind == "recomputed")
        potentials = {row["method"] for row in rows} - {"DFT"}
        wanted = {max(counted(rows, name, geometry) for geometry in GEOMETRIES) for name in potentials}
        assert {int(number) for number in re.findall(r"(\d+) (?:surface|defect)", said)} == wanted


def test_phonons(in_app: None) -> None:
    rows, known = read("phonons/materials.csv"), {row["material_id"] for row in read("phonons/max_frequencies.csv")}
    catalog = web_context().catalog
    panel = next(panel for panel in PANELS if panel.figure == "4b")
    said = next(count_of(source, catalog) for source in panel.sources if source.kind == "recomputed")
    counts = {}
    for geometry in ("fixed", "relaxed"):
        for potential in ("chgnet-0.3.0", "m3gnet-mp-2021.2.8"):
            counts[geometry, potential] = len(
                {
                    row["material_id"]
                    for row in rows
                    if (row["method"], row["potential"], row["has_converged"]) == (geometry, potential, "True")
                    and row["material_id"] in known
                }
            )
    assert counts["fixed", "chgnet-0.3.0"] == 101
    at_dft, by_itself = said.split("; relaxed")
    for text, geometry in ((at_dft, "fixed"), (by_itself, "relaxed")):
        assert re.search(rf"\b{counts[geometry, 'chgnet-0.3.0']} crystals by CHGNet 0.3.0", text)
        assert re.search(rf"\b{counts[geometry, 'm3gnet-mp-2021.2.8']} crystals by [^;]*M3GNet MP-2021.2.8", text)
    cells = {row[0]: row[2] for row in reversed(table_rows(ratio_summary(catalog), "phonon-summary"))}
    for potential, label in (("chgnet-0.3.0", "CHGNet 0.3.0"), ("m3gnet-mp-2021.2.8", "M3GNet MP-2021.2.8")):
        relaxed, fixed = (counts[geometry, potential] for geometry in ("relaxed", "fixed"))
        assert cells[label] == f"{relaxed}{fixed} at the DFT geometry"


def test_softening_scales(in_app: None) -> None:
    rows = [row for row in read("high_energy/materials.csv") if row["potential"] == "chgnet-0.3.0"]
    for row in recomputed_rows(web_context().catalog, "chgnet-0.3.0"):
        dataset = row.href.removeprefix("/softening?data=")
        assert row.count == sum(one["dataset"] == dataset for one in rows)
    shown = softening.show_population("light", {"data": ["mpf-TP"], "potentials": ["chgnet-0.3.0"]}, "histogram")
    (cells,) = table_rows(shown["headline"], "softening-headline-table")
    of_set = [one for one in rows if one["dataset"] == "mpf-TP"]
    several = [one for one in of_set if int(one["frame_count"]) > 1]
    below = [one for one in several if one["interval_high"] and float(one["interval_high"]) < 1]
    assert cells[1] == f"{len(of_set)}" == "216"
    assert cells[4] == f"{100 * len(below) / len(several):.1f}"
    assert f"{len(of_set) - len(several)} materials" in plain_text(shown["headline"])


def test_panels_of_forces_count_materials_of_each_potential(in_app: None) -> None:
    catalog = web_context().catalog
    for figure, path in (("5b", "high_energy/materials.csv"), ("6a", "correction/linear_correction.csv")):
        rows = read(path)
        of_each: dict[str, set[tuple[str, str]]] = {}
        for row in rows:
            of_each.setdefault(row["potential"], set()).add((row["dataset"], row["material_id"]))
        panel = next(panel for panel in PANELS if panel.figure == figure)
        said = next(count_of(source, catalog) for source in panel.sources if source.kind == "recomputed")
        assert {int(number) for number in re.findall(r"(\d+) materials", said)} == {len(x) for x in of_each.values()}


def test_fine_tuning(in_app: None) -> None:
    rows = read("correction/fine_tuning.csv")
    systems = {row["system"] for row in rows}
    frames = {row["system"]: int(row["test_frames"]) for row in rows}
    runs = [row for row in rows if row["method"] == "fine-tuned"]
    panel = next(panel for panel in PANELS if panel.figure == "6a")
    said = [count_of(source, web_context().catalog) for source in panel.sources if source.kind == "recomputed"]
    assert said[1] == f"{len(systems)} systems, {len(runs)} runs, {sum(frames.values())} test frames"
