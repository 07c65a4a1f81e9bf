"""What a row of an energy table says beside its value: unit, kind of host, error of the reference, whether it counts.

All of it follows from the table, the task and the measured convergence; a row that an earlier run wrote is annotated
like a new one.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pandas as pd

from softdash.benchmarks.energies.crystals import material_class
from softdash.benchmarks.energies.energy_rows import NOT_CONVERGED
from softdash.benchmarks.energies.ion_migration import HOPS
from softdash.benchmarks.energies.point_defects import DEFECTS
from softdash.catalog import schemas

MP2020_OXIDE = 0.687
"""eV per O that the MP2020 correction takes off an oxide, but not off O2 (Wang et al., Sci. Rep. 11, 15496 (2021))."""

_OFFSETS = {
    defect.case_id: MP2020_OXIDE * ((defect.removed == "O") - (defect.added == "O"))
    for defect in DEFECTS
    if "O" in (defect.removed, defect.added)
}
_HOP_ERRORS = {(hop.material, hop.label): hop.error for hop in HOPS if hop.error is not None}


def annotated(
    table: pd.DataFrame, task: str, unit: str, convergence: pd.DataFrame, corrected: Container[str]
) -> pd.DataFrame:
    """Fill in the columns ``unit``, ``material_class``, ``reference_error`` and ``excluded`` of a task's table.

    A case whose DFT row does not count counts for no method.

    Parameters
    ----------
    table : DataFrame
        Rows of one of the four energy tables.
    task, unit : str
    convergence : DataFrame
        Rows of ``energies/convergence.csv``; may be empty.
    corrected : container of str
        Methods whose labels carry the MP2020 correction.

    Returns
    -------
    DataFrame
        A new one.
    """
    if table.empty:
        return table
    is_reference = (table["method"] == schemas.METHOD_DFT) & (table["geometry"] == "relaxed")
    relative, measured = _measured(convergence[convergence["task"] == task])
    errors: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for row in table[is_reference].itertuples():
        kind = material_class(str(row.material))
        known = _HOP_ERRORS.get((str(row.material), str(row.label)))
        error = measured.get(str(row.case_id), relative.get(kind, np.nan) * abs(row.value)) if known is None else known
        errors[str(row.case_id)] = error
        if NOT_CONVERGED in str(row.note):
            reasons[str(row.case_id)] = f"DFT: {NOT_CONVERGED}"
        elif row.kind != "image" and abs(row.value) <= error:
            reasons[str(row.case_id)] = f"no larger than the error of its reference ({error:.2g} {unit})"
    return table.assign(
        unit=unit,
        material_class=[material_class(str(name)) for name in table["material"]],
        reference_error=[errors.get(str(case), np.nan) for case in table["case_id"]],
        excluded=[
            reasons.get(str(row.case_id)) or _own_reason(str(row.case_id), str(row.method), str(row.note), corrected)
            for row in table.itertuples()
        ],
    )


def _own_reason(case_id: str, method: str, note: str, corrected: Container[str]) -> str | None:
    if NOT_CONVERGED in note and method != schemas.METHOD_DFT:
        return NOT_CONVERGED
    offset = _OFFSETS.get(case_id)
    if offset is not None and method in corrected:
        return f"its labels carry the MP2020 correction, which shifts it by {offset:+.2f} eV".replace("-", "−")
    return None


def _measured(rows: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """Return the largest relative change by kind of host, and the largest change by case, where they were measured."""
    relative: dict[str, float] = {}
    absolute: dict[str, float] = {}
    for case_id, of_case in rows.groupby("case_id"):
        change = float(of_case["difference"].abs().max())
        basis = of_case.loc[of_case["difference"] == 0, "value"]
        if basis.empty or not basis.iloc[0]:
            continue
        absolute[str(case_id)] = change
        material = str(case_id).split("-")[0]
        kind = material_class(material)
        relative[kind] = max(relative.get(kind, 0.0), change / abs(float(basis.iloc[0])))
    return relative, absolute
