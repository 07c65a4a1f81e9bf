"""Every panel of the paper's Figs 2 to 6: its page here, and what data stand behind it, counted from those data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import pandas as pd

from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import FINE_TUNING, LINEAR_CORRECTION
from softdash.catalog.counted_cases import compared_rows, counted_rows, reference_rows
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.parts.energies.migration_paths import FEWEST_IMAGES
from softdash.web.parts.names import potential_label
from softdash.web.parts.number_text import count_text
from softdash.web.parts.phonon_ratios import recomputed_rows

Kind = Literal["recomputed", "published", "digitised"]

_PAPER = "Deng et al. 2025"
_MARK = "s41524-024-01500-6"
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class PanelSource:
    """One kind of data behind a panel.

    Attributes
    ----------
    kind : {"recomputed", "published", "digitised"}
    source : str
        Where the numbers come from.
    count : callable
        From the catalog to n, in words.
    """

    kind: Kind
    source: str
    count: Callable[[Catalog], str]


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of the paper.

    Attributes
    ----------
    figure : str
        ``"2a"``.
    shows : str
    page, href : str
        Where softdash shows it.
    sources : sequence of PanelSource
    """

    figure: str
    shows: str
    page: str
    href: str
    sources: Sequence[PanelSource]


def count_of(source: PanelSource, catalog: Catalog) -> str:
    """Return n of one source in words; why there is none, where the data are absent or damaged."""
    try:
        return source.count(catalog)
    except NotFoundError:
        return "not computed yet"
    except SoftdashError:
        return "table damaged: see the page"


def _digitised_points(path: str, many: str, catalog: Catalog) -> str:
    table = catalog.table(path)
    counts = [f"{int(table[f'{model.lower()}_energy'].notna().sum())} {model}" for model in PAPER_MODELS]
    return f"points: {', '.join(counts)}; {int(table['is_complete'].sum())} {many} with all three"


def _digitised_rows(path: str, many: str, catalog: Catalog) -> str:
    table = catalog.table(path)
    methods = sum(column.endswith("_energy") for column in table.columns)
    return f"{count_text(len(table), many)} by {methods} methods"


def _violins(path: str, catalog: Catalog) -> str:
    return f"{catalog.table(path)['model'].nunique()} violins; medians only"


def _published(tasks: Sequence[str], metrics: Sequence[str], what: str, catalog: Catalog) -> str:
    """Count values, and say over how many cases they go as the paper counts them."""
    table = catalog.published_values()
    rows = table[table["task"].isin(tasks) & table["metric"].isin(metrics) & table["value"].notna()]
    rows = rows[rows["source"].str.contains(_MARK, regex=False)]
    if rows.empty:
        raise NotFoundError("There are no such published values.")
    cases = sorted({int(count) for count in rows["n"].dropna()})
    over = f" over {' or '.join(f'{count:,}' for count in cases)} {what}" if cases and what else ""
    return f"{count_text(len(rows), 'value')}{over}"


def _computed_cases(path: str, many: str, kind: str | None, catalog: Catalog) -> str:
    table = catalog.table(path)
    compared = compared_rows(table, kind=kind)
    if compared.empty:
        own = table if kind is None else table[table["kind"] == kind]
        methods = own.loc[own["method"] != schemas.METHOD_DFT, "method"].nunique()
        return f"DFT not computed yet; {count_text(methods, 'potential')}"
    counted = counted_rows(table, kind=kind)
    uncounted = compared["case_id"].nunique() - counted["case_id"].nunique()
    rest = f"; {uncounted} more that do not count, with reasons on the page" if uncounted else ""
    return f"{_by_potential(counted, 'method', 'case_id', many)}{rest}"


def _computed_paths(catalog: Catalog) -> str:
    table = catalog.table(schemas.MIGRATION_ENERGIES)
    images = reference_rows(table[table["kind"] == "image"]).groupby(["material", "label"]).size()
    images = images[images >= FEWEST_IMAGES]
    if images.empty:
        return "DFT not computed yet"
    return f"{count_text(len(images), 'path')}, {count_text(int(images.sum()), 'image')}"


def _recomputed_phonons(catalog: Catalog) -> str:
    rows = catalog.phonon_materials()
    return _by_potential(rows[rows["potential"] != "dft"], "potential", "material_id", "crystal")


def _recomputed_ratios(catalog: Catalog) -> str:
    papers = count_text(len(catalog.phonon_max_frequencies()), "crystal")
    fixed, relaxed = (recomputed_rows(catalog, geometry) for geometry in ("fixed", "relaxed"))
    counts = [_by_potential(rows, "potential", "material_id", "crystal") for rows in (fixed, relaxed)]
    return (
        f"{fixed['material_id'].nunique()} of the paper's {papers}: at the DFT geometry ({counts[0]}); relaxed, "
        f"where that converged ({counts[1]})"
    )


def _maximum_frequencies(catalog: Catalog) -> str:
    return count_text(len(catalog.phonon_max_frequencies()), "crystal")


def _high_energy(catalog: Catalog) -> str:
    rows = catalog.materials()
    return f"{count_text(rows['dataset'].nunique(), 'set')}: {_materials_by_potential(rows)}"


def _force_components(catalog: Catalog) -> str:
    # A potential may have left out a frame of a material.
    components = catalog.materials().groupby(["dataset", "material_id"])["component_count"].max()
    return f"{count_text(len(components), 'material')}, up to {int(components.sum()):,} force components"


def _linear_corrections(catalog: Catalog) -> str:
    return _materials_by_potential(catalog.table(LINEAR_CORRECTION))


def _fine_tunings(catalog: Catalog) -> str:
    rows = catalog.table(FINE_TUNING)
    runs = rows[rows["method"] == "fine-tuned"]
    systems, tests = runs["system"].nunique(), runs.drop_duplicates("system")["test_frames"].sum()
    return f"{count_text(systems, 'system')}, {count_text(len(runs), 'run')}, {int(tests)} test frames"


def _materials_by_potential(rows: pd.DataFrame) -> str:
    named = rows["dataset"].astype(str) + " " + rows["material_id"].astype(str)
    return _by_potential(rows.assign(case=named), "potential", "case", "material")


def _by_potential(rows: pd.DataFrame, potential: str, case: str, many: str) -> str:
    """Count the cases of each potential: ``"101 crystals by CHGNet 0.3.0; 63 by M3GNet and TensorNet"``.

    One number where all potentials have as many.
    """
    counts = rows.groupby(potential)[case].nunique()
    if len(set(counts)) <= 1:
        found = int(counts.max()) if len(counts) else 0
        return f"{count_text(found, many)}, {count_text(len(counts), 'potential')}"
    groups = []
    for count in sorted(set(counts), reverse=True):
        known = [potential_label(str(name)) for name in counts.index[counts == count]]
        names = ", ".join(known) if len(known) <= _MOST_NAMED else count_text(len(known), "potential")
        groups.append(f"{count_text(int(count), many)} by {names}")
    return "; ".join(groups)


def _in_figure(figure: str, what: str = "vector graphics") -> str:
    return f"{_PAPER}, Fig. {figure}, {what}"


def _printed(figure: str) -> str:
    return f"{_PAPER}, printed in Fig. {figure} or the text"


OWN_DFT = "softdash's own DFT (GPAW, PBE)"
OPEN_SETS = "open sets of DFT forces; their list is on the methods page"

PANELS: tuple[Panel, ...] = (
    Panel(
        "2a",
        "Surface energies, potentials against DFT",
        "Surfaces",
        "/surfaces",
        (
            PanelSource(
                "digitised", _in_figure("2a"), partial(_digitised_points, schemas.DIGITISED_SURFACES, "surfaces")
            ),
            PanelSource("published", _printed("2a"), partial(_published, ("surface_energy",), ("MAE",), "surfaces")),
            PanelSource("recomputed", OWN_DFT, partial(_computed_cases, schemas.SURFACE_ENERGIES, "surface", None)),
        ),
    ),
    Panel(
        "2b",
        "Point-defect energies, potentials against DFT",
        "Point defects",
        "/point-defects",
        (
            PanelSource(
                "digitised", _in_figure("2b"), partial(_digitised_points, schemas.DIGITISED_DEFECTS, "defects")
            ),
            PanelSource("published", _printed("2b"), partial(_published, ("defect_energy",), ("MAE",), "defects")),
            PanelSource("recomputed", OWN_DFT, partial(_computed_cases, schemas.DEFECT_ENERGIES, "defect", None)),
        ),
    ),
    Panel(
        "2c",
        "Formation energies of Ca-Mg orderings in rocksalt",
        "Solid solution",
        "/solid-solution",
        (
            PanelSource(
                "digitised", _in_figure("2c"), partial(_digitised_rows, schemas.DIGITISED_SOLID_SOLUTION, "ordering")
            ),
            PanelSource(
                "published",
                _printed("2c"),
                partial(_published, ("solid_solution_CaxMg2-xO2",), ("lowest_formation_energy_at_x=0.5",), "orderings"),
            ),
            PanelSource(
                "recomputed", OWN_DFT, partial(_computed_cases, schemas.SOLID_SOLUTION_ENERGIES, "ordering", None)
            ),
        ),
    ),
    Panel(
        "3a",
        "Energies along an ion's path",
        "Ion migration",
        "/ion-migration",
        (
            PanelSource(
                "digitised", _in_figure("3a"), partial(_digitised_rows, schemas.DIGITISED_MIGRATION_PATH, "image")
            ),
            PanelSource("recomputed", f"{OWN_DFT}; Zn in MnP₂O₇: atomate2's test data", _computed_paths),
        ),
    ),
    Panel(
        "3b",
        "Differences of migration barriers from DFT's",
        "Ion migration",
        "/ion-migration",
        (
            PanelSource("digitised", _in_figure("3b"), partial(_violins, schemas.BARRIER_DIFFERENCE_VIOLINS)),
            PanelSource(
                "published",
                _printed("3b"),
                partial(_published, ("Mg_migration_barrier_KRA",), ("MAE", "pct_underpredicted"), "paths"),
            ),
            PanelSource(
                "recomputed",
                f"{OWN_DFT}; Zn in MnP₂O₇: atomate2's test data",
                partial(_computed_cases, schemas.MIGRATION_ENERGIES, "barrier", "barrier"),
            ),
        ),
    ),
    Panel(
        "4a",
        "Phonon bands and density of states of a crystal",
        "Phonons",
        "/phonons",
        (PanelSource("recomputed", "PhononDB (DFT, PBEsol); CsF is the paper's crystal", _recomputed_phonons),),
    ),
    Panel(
        "4b",
        "Ratios of maximum phonon frequencies, potential over DFT",
        "Phonons",
        "/phonons",
        (
            PanelSource("published", "table of the paper's authors (ffonons)", _maximum_frequencies),
            PanelSource("digitised", _in_figure("4b"), partial(_violins, schemas.FREQUENCY_RATIO_VIOLINS)),
            PanelSource("recomputed", "PhononDB (DFT, PBEsol)", _recomputed_ratios),
        ),
    ),
    Panel(
        "5a",
        "Parity of force components in high-energy states of one material",
        "Softening scale",
        "/softening",
        (
            PanelSource("recomputed", f"{OPEN_SETS}; not the mp-973966 of the paper", _force_components),
            PanelSource(
                "published",
                _printed("5a"),
                partial(_published, ("high_energy_forces_mp-973966",), ("slope", "MAE", "cMAE"), ""),
            ),
        ),
    ),
    Panel(
        "5b",
        "Distribution of softening scales over materials",
        "Softening scale",
        "/softening",
        (
            PanelSource("recomputed", f"{OPEN_SETS}; not the WBM states of the paper", _high_energy),
            PanelSource(
                "published",
                _printed("5b"),
                partial(_published, ("WBM_high_energy_softening_scale",), ("pct_below_1",), "WBM materials"),
            ),
            PanelSource("digitised", _in_figure("5b"), partial(_violins, schemas.SOFTENING_SCALE_VIOLINS)),
        ),
    ),
    Panel(
        "6a",
        "Forces after a linear correction and after fine-tuning",
        "Correction and fine-tuning",
        "/correction",
        (
            PanelSource("recomputed", f"linear correction: {OPEN_SETS}", _linear_corrections),
            PanelSource(
                "recomputed",
                "fine-tuning of CHGNet: open molecular dynamics by DFT; not the mp-973966 of the paper",
                _fine_tunings,
            ),
            PanelSource(
                "published", _printed("6a"), partial(_published, ("fine_tuning_mp-973966",), ("slope", "MAE"), "")
            ),
        ),
    ),
    Panel(
        "6b",
        "Distribution of force errors before and after the linear correction",
        "Potentials compared",
        "/compare-potentials",
        (
            PanelSource("recomputed", f"{OPEN_SETS}; not the WBM states of the paper", _high_energy),
            PanelSource(
                "digitised",
                _in_figure("6b", "lines of the quartiles of MAE and cMAE"),
                partial(
                    _published,
                    ("WBM_high_energy_force_MAE", "WBM_high_energy_force_cMAE"),
                    ("q25", "median", "q75"),
                    "WBM materials",
                ),
            ),
        ),
    ),
)
"""Figs 2a to 6b, in order; Fig. 1 is the sketch that the overview's first figure answers."""
