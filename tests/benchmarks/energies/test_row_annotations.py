"""What rows of the energy tables say beside their values, and which of them count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softdash.benchmarks.energies.row_annotations import MP2020_OXIDE, annotated
from softdash.catalog import schemas

NO_CONVERGENCE = pd.DataFrame(columns=["task", "case_id", "setting", "value", "difference", "unit", "details"])


def rows(case: str, material: str, label: str, value: float, *, kind: str = "vacancy", note: str = "") -> pd.DataFrame:
    """One case by DFT and by a potential of each kind of labels."""
    row = {"case_id": case, "material": material, "label": label, "kind": kind, "value": value, "geometry": "relaxed"}
    methods = (schemas.METHOD_DFT, "plain", "shifted")
    return pd.DataFrame(
        [row | {"method": name, "note": note if name == schemas.METHOD_DFT else None} for name in methods]
    )


def test_hosts_are_told_apart_and_values_have_their_unit() -> None:
    table = pd.concat(
        [rows("Al-V_Al", "Al", "V_Al", 0.6), rows("LiF-V_Li", "LiF", "V_Li", 6.0), rows("Si-x", "Si", "x", 1.0)]
    )
    found = annotated(table, "point-defects", "eV", NO_CONVERGENCE, set())
    assert found["material_class"].tolist() == ["metal"] * 3 + ["ionic crystal"] * 3 + ["covalent crystal"] * 3
    assert set(found["unit"]) == {"eV"}
    assert found["excluded"].isna().all()
    assert found["reference_error"].isna().all()


def test_only_shifted_labels_lose_the_oxygen_vacancy() -> None:
    table = pd.concat([rows("MgO-V_O", "MgO", "V_O", 6.6), rows("MgO-V_Mg", "MgO", "V_Mg", 8.3)])
    found = annotated(table, "point-defects", "eV", NO_CONVERGENCE, {"shifted"}).set_index(["case_id", "method"])
    assert found["excluded"].notna().tolist() == [False, False, True, False, False, False]
    assert f"+{MP2020_OXIDE:.2f} eV" in found.loc[("MgO-V_O", "shifted"), "excluded"]


def test_barrier_within_the_error_of_its_reference_counts_for_nobody() -> None:
    flat = rows("Li-Li-barrier", "Li", "Li vacancy hop", 0.024, kind="barrier")
    steep = rows("Al-Al-barrier", "Al", "Al vacancy hop", 0.46, kind="barrier")
    found = annotated(pd.concat([flat, steep]), "ion-migration", "eV", NO_CONVERGENCE, set())
    assert found["excluded"].notna().tolist() == [True] * 3 + [False] * 3
    assert found["reference_error"].tolist()[:3] == [0.03] * 3


def test_reference_that_did_not_converge_takes_its_case_along() -> None:
    table = rows("MnP2O7-Zn-barrier", "MnP2O7", "Zn hop", 0.3, kind="barrier", note="relaxation not converged: x")
    found = annotated(table, "ion-migration", "eV", NO_CONVERGENCE, set())
    assert found["excluded"].notna().all()


@pytest.mark.parametrize(("material", "error"), [("Al", 0.0026), ("Li", 0.052), ("CaO", 0.01), ("Si", np.nan)])
def test_measured_convergence_goes_to_hosts_of_its_kind(material: str, error: float) -> None:
    measured = pd.DataFrame(
        [
            {"task": "surfaces", "case_id": case, "setting": setting, "value": value, "difference": change}
            for case, value, changes in (("Al-111", 0.05, (0.0, 1e-5, 0.0026)), ("MgO-100", 0.05, (0.0, -0.0005)))
            for setting, change in enumerate(changes)
        ]
    )
    case = "Al-111" if material == "Al" else f"{material}-100"
    found = annotated(rows(case, material, "(1)", 1.0, kind="surface"), "surfaces", "eV/Å²", measured, set())
    assert found["reference_error"].tolist() == pytest.approx([error] * 3, nan_ok=True)
    other = annotated(rows(case, material, "(1)", 1.0), "point-defects", "eV", measured, set())
    assert other["reference_error"].isna().all()
