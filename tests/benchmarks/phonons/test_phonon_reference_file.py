"""``softdash benchmark phonons --reference FILE``: a reader's own phonopy file, or one archive of PhononDB."""

from __future__ import annotations

import lzma
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from aluminium_archive import MATERIAL, direct_phonopy, sample_settings
from click.testing import CliRunner

from softdash import settings as settings_module
from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.phonons import run as phonons
from softdash.benchmarks.phonons.phonondb import PHONONDB, PhononDBEntry, archive_path
from softdash.benchmarks.phonons.phonopy_file import read_phonon_file
from softdash.catalog import Catalog
from softdash.catalog.schemas import PHONON_MATERIALS
from softdash.cli import main
from softdash.errors import ReferenceDataError


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("own") / "phonopy_params.yaml"
    direct_phonopy().save(file, settings={"force_sets": True, "displacements": True})
    return file


def test_own_file_gives_the_same_phonons_as_the_archive(params: Path, data_dir: Path, tmp_path: Path) -> None:
    settings = sample_settings(data_dir, tmp_path)
    for file in (params, None):
        chosen = [] if file else [MATERIAL]
        assert phonons.run_benchmark(chosen, ["emt"], settings, lambda _: None, reference_file=file) == []
    rows = Catalog(tmp_path).phonon_materials().set_index(["material_id", "potential", "method"])["max_frequency"]
    for key in (("dft", "dft"), ("emt", "relaxed"), ("emt", "fixed")):
        assert rows[("own-phonopy_params", *key)] == pytest.approx(rows[(MATERIAL, *key)], rel=1e-4)
    sources = {one.path: [source.title for source in one.sources] for one in read_resources(tmp_path)}
    assert sources["phonons/bands/own-phonopy_params.json.gz"] == [params.name]
    assert sources[f"phonons/bands/{MATERIAL}.json.gz"] == [PHONONDB.title]
    assert sources[PHONON_MATERIALS] == [PHONONDB.title, params.name]


def test_compressed_and_archived_files_are_read(params: Path, entry: PhononDBEntry, data_dir: Path) -> None:
    compressed = params.with_name("phonopy_params.yaml.xz")
    compressed.write_bytes(lzma.compress(params.read_bytes()))
    own = read_phonon_file(compressed)
    np.testing.assert_allclose(own.primitive_matrix, entry.primitive_matrix, atol=1e-9)
    np.testing.assert_array_equal(own.supercell_matrix, entry.supercell_matrix)
    assert own.displacement_count == entry.displacement_count
    assert read_phonon_file(archive_path(data_dir, MATERIAL)).material_id == MATERIAL


def test_command_needs_no_folder_of_reference_data(
    params: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    monkeypatch.setattr(settings_module, "get_settings", lambda: sample_settings(folder, tmp_path))
    archive = Path(shutil.copy(archive_path(data_dir, MATERIAL), tmp_path / "mp-7.tar.xz"))
    for file, name in ((params, "own-phonopy_params"), (archive, "mp-7")):
        done = CliRunner().invoke(main, ["benchmark", "phonons", "--potential", "emt", "--reference", str(file)])
        assert (done.exit_code, done.stderr) == (0, f"1/1 {name}: emt done\n")
        again = CliRunner().invoke(main, ["benchmark", "phonons", "--potential", "emt", "--reference", str(file)])
        assert "computed before" in again.output


def write_changed(params: Path, folder: Path, change: tuple[str, str]) -> Path:
    text = params.read_text()
    assert change[0] in text
    (file := folder / "changed.yaml").write_text(text.replace(*change))
    return file


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("forces:", "other:"), "without forces"),
        (("displacements:", "nothing:"), "no displacements"),
        (("supercell_matrix:", "other_matrix:"), "lacks"),
        (("unit_cell:", "other_cell:"), "lacks|cannot understand"),
        (
            (
                "phonopy:",
                "phonopy: [",
            ),
            "cannot be read",
        ),
    ],
)
def test_what_is_missing_is_said(params: Path, tmp_path: Path, change: tuple[str, str], words: str) -> None:
    with pytest.raises(ReferenceDataError, match=words):
        read_phonon_file(write_changed(params, tmp_path, change))


def test_other_units_and_files_are_refused(params: Path, tmp_path: Path) -> None:
    text = re.sub(r"physical_unit:\n(  .*\n)+", "", params.read_text().split("\n\n", 1)[1])
    (other := tmp_path / "qe.yaml").write_text("phonopy:\n  calculator: qe\n" + text)
    with pytest.raises(ReferenceDataError, match="Ry/au"):
        read_phonon_file(other)
    (notes := tmp_path / "notes.txt").write_text("?")
    with pytest.raises(ReferenceDataError, match="no file of phonons"):
        read_phonon_file(notes)


def test_a_file_that_carries_a_program_is_refused(tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    (file := tmp_path / "evil.yaml").write_text(f"unit_cell: !!python/object/apply:os.mkdir ['{mark}']\n")
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        read_phonon_file(file)
    assert not mark.exists()
