"""A slab and its periodic twin, a crystal and its left-handed twin: one slope, by upload and by benchmark.

The contract compares forces; here the frames go through files, readers, checks, tests of the reading and tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from test_potentials import Distorted
from twin_frames import TRUE_SLOPE, labelled, labels_of, twins_of, write_frames

from softdash.benchmarks.data.datasets import DatasetKind, ReferenceDataset
from softdash.benchmarks.high_energy import run as high_energy
from softdash.catalog import Catalog, schemas
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.records import PotentialResult
from softdash.potentials import registry
from softdash.potentials.interface import Potential, PotentialCard
from softdash.potentials.mace_local import PREFIX as LOCAL_MODELS
from softdash.settings import Settings
from softdash.structures.upload.read import read_upload

SLOPE = 1e-4
"""Largest difference of a slope of forces, energies or stresses."""

_SLOW = {"7net-l3i5", "sevennet-0", "chgnet-r2scan", "m3gnet-matpes-r2scan", "tensornet-matpes-r2scan"}


@dataclass(frozen=True)
class Chosen:
    """A potential, and the card under which everything finds it."""

    card: PotentialCard
    potential: Potential


def _names() -> list[object]:
    names = [found.name for found in registry.installed_cards() if not found.name.startswith(LOCAL_MODELS)]
    marked = [pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else []) for name in names]
    return [*marked, "small MACE"]


@pytest.fixture(params=_names())
def chosen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chosen]:
    if request.param != "small MACE":
        yield Chosen(registry.card(request.param), registry.load_potential(request.param))
        return
    contract = request.getfixturevalue("mace_contract")
    _serve(contract.card, contract.potential, monkeypatch)
    yield Chosen(contract.card, contract.potential)


def _serve(card: PotentialCard, potential: Potential, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every way in find this potential by its name, loaded."""
    known = registry.card
    for module in (registry, high_energy):
        monkeypatch.setattr(module, "card", lambda name: card if name == card.name else known(name))
    monkeypatch.setitem(registry._loaded, card.name, potential)


def _by_upload(path: Path, chosen: Chosen) -> PotentialResult:
    settings = Settings()
    frames = read_upload([path], settings)
    assert not frames.refused
    return analyse(frames, chosen.card, Catalog(settings.precomputed_dir)).result


def _differences(chosen: Chosen, folder: Path) -> dict[str, float]:
    """Return by how much each slope of an unusual cell differs from that of the plain one."""
    found: dict[str, float] = {}
    materials = []
    for kind, twins in twins_of(chosen.card).items():
        labels = labels_of(chosen.potential, twins.plain)
        forms = {"plain": twins.plain, **twins.others}
        plain: PotentialResult | None = None
        for form, frames in forms.items():
            with_stress = kind == "crystal"
            file = write_frames(folder / "frames.extxyz", labelled(frames, labels, stress=with_stress))
            result = _by_upload(file, chosen)
            materials += labelled(frames, labels, stress=with_stress, material_id=f"{kind}, {form}")
            plain = plain or result
            assert result.statistics is not None
            assert plain.statistics is not None
            assert plain.statistics.slope == pytest.approx(TRUE_SLOPE, abs=0.02)
            name = f"{kind}, {form}"
            found[f"{name}: forces"] = result.statistics.slope - plain.statistics.slope
            assert [doubt.code for doubt in result.doubts] == [doubt.code for doubt in plain.doubts], name
            for quantity in ("energies", "stresses") if with_stress else ("energies",):
                here, there = getattr(result, quantity).statistics, getattr(plain, quantity).statistics
                assert there is not None, f"{name}: no slope of {quantity} to compare"
                assert here is not None, f"{name}: no slope of {quantity}"
                found[f"{name}: {quantity}"] = here.slope - there.slope
    found |= _by_benchmark(chosen, folder, materials)
    return found


def _by_benchmark(chosen: Chosen, folder: Path, materials: list) -> dict[str, float]:
    dataset = ReferenceDataset(
        name="twins",
        label="Twins",
        kind=DatasetKind.MIXED,
        level_of_theory="PBE",
        files=("forces/twins.extxyz.xz",),
        sources=(),
        note="",
    )
    settings = Settings(data_dir=folder, state_dir=folder / "state", precomputed_dir=folder / "tables")
    write_frames(folder / dataset.files[0], materials)
    high_energy.run(dataset, chosen.card.name, settings, lambda *_: None)
    table = schemas.HIGH_ENERGY_MATERIALS.read_csv(settings.precomputed_dir / schemas.MATERIALS)
    slopes = table.set_index("material_id")["slope"]
    assert len(slopes) == len({one.info["material_id"] for one in materials})
    assert (table["frames_refused"] == 0).all()
    return {
        f"{name}: benchmark": float(slope - slopes[f"{name.split(', ')[0]}, plain"]) for name, slope in slopes.items()
    }


def _too_large(differences: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in differences.items() if not abs(value) < SLOPE}


def test_one_slope_whatever_the_cell(chosen: Chosen, tmp_path: Path) -> None:
    differences = _differences(chosen, tmp_path)
    assert len(differences) == 48
    assert all(math.isfinite(value) for value in differences.values())
    assert not _too_large(differences)


@pytest.mark.parametrize(
    ("fault", "shows"),
    [
        ("drops partly periodic cells", "slab, T T F: forces"),
        ("drops partly periodic cells", "slab, T T F: benchmark"),
        ("always periodic", "slab, T T F and a short third vector: forces"),
        ("stress by handedness", "crystal, left-handed by two vectors: stresses"),
        ("takes cells for right-angled", "crystal, skewed: benchmark"),
        ("loses atoms outside", "crystal, atoms outside: forces"),
    ],
)
def test_faults_of_a_library_show(fault: str, shows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Chosen(registry.card("emt"), Distorted(registry.load_potential("emt"), fault))
    _serve(chosen.card, chosen.potential, monkeypatch)
    assert shows in _too_large(_differences(chosen, tmp_path))


def test_the_slope_of_stresses_has_the_sign_of_the_stress(tmp_path: Path) -> None:
    """Minus the stress of the labels gives minus the slope: nothing on the way takes its size alone."""
    chosen = Chosen(registry.card("emt"), registry.load_potential("emt"))
    twins = twins_of(chosen.card)["crystal"]
    labels = labels_of(chosen.potential, twins.plain)
    frames = labelled(twins.others["left-handed by inversion"], labels, stress=True)
    for frame in frames:
        frame.calc.results["stress"] = -np.asarray(frame.calc.results["stress"])
    stresses = _by_upload(write_frames(tmp_path / "frames.extxyz", frames), chosen).stresses
    assert stresses is not None
    assert stresses.statistics is not None
    assert stresses.statistics.slope == pytest.approx(-TRUE_SLOPE, abs=1e-3)
