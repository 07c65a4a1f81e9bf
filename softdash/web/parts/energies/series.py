"""Energies of surfaces and point defects as series for figures and tables: digitised from the paper, and recomputed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from softdash.catalog import Catalog, schemas
from softdash.catalog.counted_cases import counted_rows
from softdash.catalog.counted_cases import reference_rows as reference_rows
from softdash.catalog.energy_schemas import MATERIAL_CLASSES
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.errors import SoftdashError
from softdash.softening.energies import compare_energies
from softdash.web.parts.energies.parity import EnergySeries
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label

_SUBSCRIPT = re.compile(r"_([A-Za-z]+)")


def digitised_series(
    table: pd.DataFrame, potentials: Iterable[str], *, complete_only: bool, name: Callable[[int], str]
) -> list[EnergySeries]:
    """Return one series for each of the paper's potentials that is chosen and has points.

    Parameters
    ----------
    table : DataFrame
        One of the digitised tables of energies.
    potentials : iterable of str
        Chosen identifiers.
    complete_only : bool
        Keep the points found for all three potentials.
    name : callable
        From the point's number to the text on hovering.
    """
    chosen = set(potentials)
    rows = table[table["is_complete"]] if complete_only else table
    found = []
    for model, potential in PAPER_MODELS.items():
        pairs = rows[rows[f"{model.lower()}_energy"].notna()]
        if potential not in chosen or pairs.empty:
            continue
        names = [name(int(point)) for point in pairs["point"]]
        found.append(_series(potential, model, pairs["dft_energy"], pairs[f"{model.lower()}_energy"], names))
    return found


def computed_series(table: pd.DataFrame, potentials: Iterable[str], *, geometry: str) -> list[EnergySeries]:
    """Return one series for each chosen potential with energies beside DFT's, and for each kind of hosts.

    The energies of ionic crystals are many times those of metals and would decide a common slope alone. Rows that are
    marked as excluded are in none.

    Parameters
    ----------
    table : DataFrame
        One of the computed tables (`softdash.catalog.schemas.COMPUTED_SURFACES`).
    potentials : iterable of str
    geometry : {"relaxed", "dft"}
        Of the potential; the reference is always relaxed by DFT.
    """
    reference = reference_rows(table).set_index("case_id")
    kinds = set(reference["material_class"].fillna(""))
    counted = counted_rows(table)
    found = []
    for potential in potentials:
        rows = counted[(counted["method"] == potential) & (counted["geometry"] == geometry)]
        for part, of_part in _parts(rows):
            names = [f"{case_name(row)}, recomputed" for _, row in of_part.iterrows()]
            known = reference.loc[of_part["case_id"]]
            found.append(
                _series(
                    potential,
                    energy_label(potential),
                    known["value"],
                    of_part["value"],
                    names,
                    errors=known["reference_error"],
                    part=part if len(kinds) > 1 else "",
                )
            )
    return found


def parts_of(series: Iterable[EnergySeries]) -> list[str]:
    """Return the kinds of hosts of some series, in the order they are listed; one empty name where all are alike."""
    known = [*PART_NAMES.values(), ""]
    return sorted({one.part for one in series}, key=known.index)


def left_out(table: pd.DataFrame, potentials: Iterable[str], *, geometry: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return which cases are left out of slopes, means and shares, by the reason.

    Each case is its material, its label, and in brackets the potentials where it counts for others.
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    shown = table[table["method"].isin(list(potentials)) & (table["geometry"] == geometry)]
    for (reason, case), rows in shown[shown["excluded"].notna()].groupby(["excluded", "case_id"], sort=False):
        of_case = shown[shown["case_id"] == case]
        methods = "" if len(rows) == len(of_case) else f" ({', '.join(energy_label(str(m)) for m in rows['method'])})"
        first = rows.iloc[0]
        found.setdefault(str(reason), []).append((subscripted(str(first["material"])), str(first["label"]), methods))
    return found


PART_NAMES = {kind: f"{kind}s" for kind in MATERIAL_CLASSES}
"""Kinds of hosts in the plural, by the name that tables have."""


def _parts(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    kinds = rows["material_class"].fillna("")
    return [
        (PART_NAMES.get(kind, ""), rows[kinds == kind]) for kind in (*MATERIAL_CLASSES, "") if (kinds == kind).any()
    ]


def computed_table(catalog: Catalog, path: str) -> pd.DataFrame | None:
    """Return a computed table; None where it was not computed, is empty, or is in quarantine."""
    try:
        table = catalog.table(path)
    except SoftdashError:
        return None
    return None if table.empty else table


def computed_potentials(table: pd.DataFrame | None) -> list[str]:
    """Return the potentials of a computed table, in its order."""
    if table is None:
        return []
    return [str(name) for name in table["method"].unique() if name != schemas.METHOD_DFT]


def case_name(row: pd.Series) -> str:
    """Return ``"MgO (100)"`` or ``"Al V<sub>Al</sub>"``, for hovering."""
    label = _SUBSCRIPT.sub(r"<sub>\1</sub>", str(row["label"]))
    return f"{subscripted(str(row['material']))} {label}"


def energy_label(potential: str) -> str:
    """Return the name of a potential to show; of the paper's also where no plug-in knows them."""
    label = potential_label(potential)
    published = next((model for model, name in PAPER_MODELS.items() if name == potential), label)
    return published if label == potential else label


def known_potentials(tables: Sequence[pd.DataFrame | None]) -> list[str]:
    """Return the paper's potentials and those of the computed tables, each once."""
    names = [*PAPER_MODELS.values(), *(name for table in tables for name in computed_potentials(table))]
    return list(dict.fromkeys(names))


def _series(
    potential: str,
    label: str,
    reference: pd.Series,
    predicted: pd.Series,
    names: Sequence[str],
    *,
    errors: pd.Series | None = None,
    part: str = "",
) -> EnergySeries:
    x, y = reference.to_numpy(dtype=np.float64), predicted.to_numpy(dtype=np.float64)
    known = None if errors is None else errors.to_numpy(dtype=np.float64)
    return EnergySeries(potential, label, x, y, names, compare_energies(x, y, reference_errors=known), part)
