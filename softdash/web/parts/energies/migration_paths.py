"""Migration paths and their barriers: digitised from the paper's Fig. 3, and recomputed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component
from numpy.typing import NDArray

from softdash.catalog import Catalog, schemas
from softdash.catalog.counted_cases import compared_rows, counted_rows, reference_rows
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.errors import SoftdashError
from softdash.softening import wilson_interval
from softdash.web.figures.migration import BarrierDifferences, PathEnergies
from softdash.web.parts.energies.series import PART_NAMES, computed_table, energy_label
from softdash.web.parts.energies.tables import framed, marked_cell, share_cell, value_cell
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.page_parts import exact_number, no_potential_chosen
from softdash.web.parts.swatch import swatch
from softdash.web.parts.terms import tooltip

PAPER_PATH = "fig3a"
PAPER_PATH_NAME = "Mg in V₂O₃(SO₄)₂ (mp-28207)"
FEWEST_IMAGES = 3
"""Images with which a path is drawn: with both ends alone there is no barrier."""
PUBLISHED_TASK = "Mg_migration_barrier_KRA"


@dataclass(frozen=True, slots=True)
class MigrationPath:
    """A path that can be shown: its key in the address, its name, and where its numbers come from."""

    key: str
    name: str
    origin: str

    @property
    def title(self) -> str:
        """Name and origin, for lists."""
        return f"{self.name}, {self.origin}"


@dataclass(frozen=True, slots=True)
class PublishedBarriers:
    """What the paper tells of one potential's barriers; None for what it does not. The median is digitised."""

    count: int | None
    mae: float | None
    median: float | None
    share_below: float | None
    note: str


def known_paths(catalog: Catalog) -> list[MigrationPath]:
    """Return the path of the paper, then the recomputed ones in their order; empty where all tables are lost."""
    found = []
    if computed_table(catalog, schemas.DIGITISED_MIGRATION_PATH) is not None:
        found.append(MigrationPath(PAPER_PATH, PAPER_PATH_NAME, "digitised"))
    table = computed_table(catalog, schemas.MIGRATION_ENERGIES)
    if table is not None:
        hosts = table[["material", "label"]].drop_duplicates()
        found += [
            MigrationPath(path_key(host, label), _path_name(host, label), "recomputed")
            for host, label in zip(hosts["material"], hosts["label"], strict=True)
        ]
    return found


def path_key(material: str, label: str) -> str:
    """Return the name of a recomputed path in addresses: ``"al-al-vacancy-hop"``."""
    return re.sub(r"[^a-z0-9]+", "-", f"{material} {label}".lower()).strip("-")


def digitised_path(table: pd.DataFrame, potentials: Iterable[str]) -> list[PathEnergies]:
    """Return DFT and the chosen ones of the paper's potentials along the path of Fig. 3a."""
    chosen = set(potentials)
    methods = [("dft", "DFT", "dft")]
    methods += [(name, model, model.lower()) for model, name in PAPER_MODELS.items() if name in chosen]
    places = table["image"].to_numpy(dtype=np.float64)
    return [
        PathEnergies(method, label, places, table[f"{key}_energy"].to_numpy(dtype=np.float64))
        for method, label, key in methods
    ]


def computed_path(table: pd.DataFrame, key: str, potentials: Iterable[str], *, geometry: str) -> list[PathEnergies]:
    """Return DFT and the chosen potentials along one recomputed path; what has fewer than `FEWEST_IMAGES` is left out.

    Parameters
    ----------
    table : DataFrame
        `softdash.catalog.schemas.COMPUTED_MIGRATION`.
    key : str
        From `path_key`.
    potentials : iterable of str
    geometry : {"relaxed", "dft"}
    """
    images = table[(table["kind"] == "image") & (_keys(table) == key)]
    wanted = [("dft", "DFT", schemas.METHOD_DFT, "relaxed")]
    wanted += [(name, energy_label(name), name, geometry) for name in potentials]
    found = []
    for method, label, name, drawn_geometry in wanted:
        rows = images[(images["method"] == name) & (images["geometry"] == drawn_geometry)].sort_values("coordinate")
        if len(rows) >= FEWEST_IMAGES:
            energies = rows["value"].to_numpy(dtype=np.float64)
            found.append(PathEnergies(method, label, rows["coordinate"].to_numpy(dtype=np.float64), energies))
    return found


def barrier_differences(
    catalog: Catalog, potentials: Sequence[str], table: pd.DataFrame | None, *, geometry: str
) -> list[BarrierDifferences]:
    """Return, for each chosen potential with anything to show, the digitised violin and the recomputed differences."""
    outlines = _outlines(catalog)
    published = published_barriers(catalog)
    found = []
    for potential in potentials:
        outline = outlines.get(potential)
        rows = _paired_barriers(table, potential, geometry)
        if outline is None and rows.empty:
            continue
        hosts = list(zip(rows["material"].astype(str), rows["label"].astype(str), strict=True))
        differences = rows["value"].to_numpy(dtype=np.float64) - rows["reference"].to_numpy(dtype=np.float64)
        errors = rows["reference_error"].to_numpy(dtype=np.float64)
        known = published.get(potential)
        found.append(
            BarrierDifferences(
                potential,
                energy_label(potential),
                outline,
                None if known is None else known.median,
                None if known is None else known.share_below,
                differences,
                [path_key(*host) for host in hosts],
                [_path_name(*host) for host in hosts],
                [PART_NAMES.get(kind, "") for kind in rows["material_class"].fillna("")],
                rows["is_counted"].to_numpy(dtype=np.bool_),
                np.isnan(errors) | (np.abs(differences) > errors),
            )
        )
    return found


def published_barriers(catalog: Catalog) -> dict[str, PublishedBarriers]:
    """Return the paper's numbers on its barriers, by potential; empty in quarantine."""
    try:
        table = catalog.published_values(PUBLISHED_TASK)
    except SoftdashError:
        return {}
    found = {}
    for model, potential in PAPER_MODELS.items():
        rows = table[table["model"] == model].set_index("metric")
        mae, below = _number(rows, "MAE"), _number(rows, "pct_underpredicted")
        if mae is None and below is None:
            continue
        counts, notes = rows["n"].dropna(), rows["disagreement"].dropna()
        count = None if counts.empty else int(counts.max())
        share = None if below is None else below / 100
        median = _number(rows, "median_difference_MLIP-DFT")
        found[potential] = PublishedBarriers(count, mae, median, share, "" if notes.empty else str(notes.iloc[0]))
    return found


def path_table(
    catalog: Catalog, paths: Sequence[MigrationPath], potentials: Sequence[str], *, geometry: str
) -> Component:
    """Return the barrier of every path by DFT and each chosen potential; each path leads to its profile."""
    barriers = {path.key: _barriers(catalog, path, potentials, geometry) for path in paths}
    reasons = _excluded(catalog)
    columns = [name for name in potentials if any(name in found for found in barriers.values())]
    head = html.Tr(
        [
            html.Th("Path", scope="col"),
            html.Th("Origin", scope="col"),
            html.Th("DFT (eV)", scope="col", className="number"),
            *(html.Th(f"{energy_label(name)} (eV)", scope="col", className="number") for name in columns),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Th(dcc.Link(path.name, href=f"/ion-migration?path={path.key}"), scope="row"),
                html.Td(html.Span(path.origin, className=f"tag {path.origin}")),
                *(
                    marked_cell(barriers[path.key].get(name), reasons.get((path.key, name)))
                    for name in ("dft", *columns)
                ),
            ]
        )
        for path in paths
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], id="migration-barriers", className="data")
    return framed(table, "softdash-migration-barriers", "Barriers of all paths")


def barrier_table(catalog: Catalog, potentials: Sequence[str], differences: Sequence[BarrierDifferences]) -> Component:
    """Return errors of barriers per potential: those of the paper, then the recomputed ones."""
    headings = ("Barriers", "MAE (eV)", "Median difference (eV)", "Underpredicted (%)")
    head = html.Tr(
        [
            html.Th("Potential", scope="col"),
            *(html.Th(text, scope="col", className="number") for text in headings),
        ]
    )
    published = published_barriers(catalog)
    paper = [_published_row(name, published[name]) for name in potentials if name in published]
    present = {kind for one in differences for kind in one.kinds}
    own = [
        (
            f"Recomputed: the paths of the table above{f', {kind}' if len(present) > 1 else ''}",
            [_own_row(one, kind) for one in differences if _of_kind(one, kind).any()],
        )
        for kind in (*PART_NAMES.values(), "")
    ]
    bodies = [
        html.Tbody([html.Tr(html.Th(heading, colSpan=5, scope="rowgroup"), className="group"), *rows])
        for heading, rows in (("Published: Mg paths, ApproxNEB", paper), *own)
        if rows
    ]
    if not bodies:
        return no_potential_chosen("/ion-migration")
    drawn = html.Table([html.Thead(head), *bodies], id="migration-statistics", className="data")
    return framed(drawn, "softdash-migration-statistics", "Errors of barriers")


def barriers_title(differences: Sequence[BarrierDifferences]) -> str:
    """Say what share of the paper's barriers each potential puts too low."""
    shares = [f"{100 * one.share_below:.0f} % ({one.label})" for one in differences if one.share_below is not None]
    if not shares:
        return "Barriers by potentials against DFT"
    return f"Of the paper's barriers, {', '.join(shares)} come out too low"


def path_title(name: str, methods: Sequence[PathEnergies]) -> str:
    """Say what barriers DFT and the potentials give."""
    if not methods:
        return f"No energies along the path: {name}"
    texts = [f"{one.label} {one.barrier():.2f}" for one in methods]
    return f"{name}: barriers of {', '.join(texts)} eV"


def _path_name(material: str, label: str) -> str:
    return f"{label} in {subscripted(material)}"


def _keys(table: pd.DataFrame) -> pd.Series:
    keys = [path_key(str(host), str(label)) for host, label in zip(table["material"], table["label"], strict=True)]
    return pd.Series(keys, index=table.index, dtype="str")


def _outlines(catalog: Catalog) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    table = computed_table(catalog, schemas.BARRIER_DIFFERENCE_VIOLINS)
    if table is None:
        return {}
    return {
        PAPER_MODELS[str(model)]: (
            rows["value"].to_numpy(dtype=np.float64),
            rows["relative_density"].to_numpy(dtype=np.float64),
        )
        for model, rows in table.groupby("model")
        if str(model) in PAPER_MODELS
    }


def _paired_barriers(table: pd.DataFrame | None, potential: str, geometry: str) -> pd.DataFrame:
    """Return the barriers of one potential with DFT's beside them in ``reference``, and whether they count."""
    if table is None:
        return pd.DataFrame(columns=[*schemas.COMPUTED_MIGRATION.column_names, "reference", "is_counted"])
    reference = reference_rows(table[table["kind"] == "barrier"]).set_index("case_id")["value"]
    rows = compared_rows(table, kind="barrier")
    rows = rows[(rows["method"] == potential) & (rows["geometry"] == geometry)]
    is_counted = rows.index.isin(counted_rows(table, kind="barrier").index)
    return rows.assign(reference=reference.loc[rows["case_id"]].to_numpy(), is_counted=is_counted)


def _excluded(catalog: Catalog) -> dict[tuple[str, str], str]:
    """Return why recomputed barriers do not count, by path and method."""
    table = computed_table(catalog, schemas.MIGRATION_ENERGIES)
    if table is None:
        return {}
    rows = table[(table["kind"] == "barrier") & table["excluded"].notna()]
    methods = rows["method"].replace({schemas.METHOD_DFT: "dft"})
    return dict(zip(zip(_keys(rows), methods, strict=True), rows["excluded"].astype(str), strict=True))


def _barriers(catalog: Catalog, path: MigrationPath, potentials: Sequence[str], geometry: str) -> Mapping[str, float]:
    if path.key == PAPER_PATH:
        methods = digitised_path(catalog.table(schemas.DIGITISED_MIGRATION_PATH), potentials)
        return {one.method: one.barrier() for one in methods}
    table = catalog.table(schemas.MIGRATION_ENERGIES)
    rows = table[(table["kind"] == "barrier") & (_keys(table) == path.key)]
    found = {str(row["method"]): float(row["value"]) for _, row in rows[rows["geometry"] == geometry].iterrows()}
    reference = reference_rows(rows)
    return found | ({} if reference.empty else {"dft": float(reference.iloc[0]["value"])})


def _number(rows: pd.DataFrame, metric: str) -> float | None:
    return None if metric not in rows.index or pd.isna(rows.loc[metric, "value"]) else float(rows.loc[metric, "value"])


def _published_row(potential: str, known: PublishedBarriers) -> html.Tr:
    count = "–" if known.count is None else f"{known.count:,}"
    share, median = known.share_below, known.median
    return html.Tr(
        [
            html.Th([swatch(potential), energy_label(potential)], scope="row", className="nowrap"),
            html.Td(tooltip(count, known.note) if known.note else count, className="number"),
            value_cell(known.mae),
            html.Td(
                "–"
                if median is None
                else [f"≈ {median:.2f} ".replace("-", "−"), html.Span("digitised", className="tag")],
                className="number",
                **({} if median is None else exact_number(median)),
            ),
            html.Td(
                "–" if share is None else f"{100 * share:.1f}",
                className="number",
                **({} if share is None else exact_number(100 * share)),
            ),
        ]
    )


def _of_kind(one: BarrierDifferences, kind: str) -> NDArray[np.bool_]:
    """Return which differences count among those of one kind of hosts."""
    is_of_kind: NDArray[np.bool_] = np.array([own == kind for own in one.kinds], dtype=np.bool_)
    return one.is_counted & is_of_kind


def _own_row(one: BarrierDifferences, kind: str) -> html.Tr:
    chosen = _of_kind(one, kind)
    differences = one.differences[chosen]
    decided = one.differences[chosen & one.is_decided]
    below = int(np.count_nonzero(decided < 0))
    interval = wilson_interval(below, decided.size) if decided.size else None
    return html.Tr(
        [
            html.Th([swatch(one.potential), one.label], scope="row", className="nowrap"),
            html.Td(str(differences.size), className="number"),
            value_cell(float(np.mean(np.abs(differences)))),
            value_cell(float(np.median(differences)), signed=True),
            share_cell(below / decided.size if decided.size else None, interval),
        ]
    )
