"""An archive of effective-medium aluminium, what is read from it, and a mesh that is quick."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aluminium_archive import MATERIAL, archive_members, at_reference, write_archive

from softdash.benchmarks.phonons import calculation as phonon_calculation
from softdash.benchmarks.phonons.calculation import band_path, phonon_curve, reference_phonons
from softdash.benchmarks.phonons.phonondb import PhononDBEntry, archive_path, read_entry
from softdash.catalog.phonon_bands import PhononCurve
from softdash.potentials.interface import Potential
from softdash.potentials.registry import load_potential


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference-data")
    write_archive(archive := folder / "phonons" / "phonondb" / f"{MATERIAL}.tar.xz", archive_members())
    assert archive_path(folder, MATERIAL) == archive
    return folder


@pytest.fixture(scope="module")
def entry(data_dir: Path) -> PhononDBEntry:
    return read_entry(archive_path(data_dir, MATERIAL))


@pytest.fixture(scope="module")
def emt() -> Potential:
    return load_potential("emt")


@pytest.fixture(scope="module")
def plain(entry: PhononDBEntry, emt: Potential) -> PhononCurve:
    path = band_path(reference_phonons(entry))
    return phonon_curve(at_reference(entry, emt), path, "emt", "fixed")


@pytest.fixture(scope="module", autouse=True)
def _coarse_mesh() -> Iterator[None]:
    """A coarser mesh: the densities of states are no subject of most tests, and take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phonon_calculation, "MESH_LENGTH", 40.0)
        patch.setattr(phonon_calculation, "DOS_MESH_LENGTH", 40.0)
        yield
