"""Phonons: reader of archives, physics and store, on an archive made here from effective-medium aluminium."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from click.testing import CliRunner
from phonopy import Phonopy
from phonopy.file_IO import get_FORCE_SETS_lines

from softdash import settings as settings_module
from softdash.benchmarks import phonon_calculation, phonons
from softdash.benchmarks.data_package import read_resources
from softdash.benchmarks.phonon_calculation import band_path, phonon_curve, potential_phonons, reference_phonons
from softdash.benchmarks.phonon_forces import (
    ForceStore,
    compute_forces,
    displacement_forces,
    from_ase,
    require_kept_symmetry,
    to_ase,
)
from softdash.benchmarks.phonondb import PhononDBEntry, archive_path, entries_by_size, parse_configuration, read_entry
from softdash.catalog import Catalog
from softdash.catalog.phonon_bands import PhononBands, PhononCurve
from softdash.catalog.resources import PotentialVersion
from softdash.catalog.schemas import PHONON_FAILURES
from softdash.cli import EXIT_NO_RESULT, main
from softdash.errors import NotFoundError, PredictionError, ReferenceDataError
from softdash.potentials.interface import Potential, Prediction, Progress
from softdash.potentials.registry import load_potential
from softdash.settings import Settings

LATTICE_CONSTANT = 4.03
SUPERCELL = np.diag([2, 2, 2])
PRIMITIVE = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
CONFIGURATION = "DIM = 2 0 0 0 2 0 0 0 2\nPRIMITIVE_AXIS = 0 1/2 1/2 1/2 0 1/2 1/2 1/2 0"
MATERIAL = "mp-134"
VERSION = PotentialVersion(name="emt", version="2", package="ase", package_version="4", weights_sha256="0" * 64)


class ScaledPotential:
    """Another potential with its whole energy surface multiplied by a factor."""

    def __init__(self, potential: Potential, factor: float) -> None:
        self.potential = potential
        self.factor = factor

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        return [
            Prediction(
                self.factor * p.forces, self.factor * p.energy, None if p.stress is None else self.factor * p.stress
            )
            for p in self.potential.predict(frames, stress=stress, progress=progress)
        ]


class CountingPotential:
    """Another potential that counts the frames it is asked for."""

    def __init__(self, potential: Potential) -> None:
        self.potential = potential
        self.frame_count = 0

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        self.frame_count += len(frames)
        return self.potential.predict(frames, stress=stress, progress=progress)


def _aluminium() -> Atoms:
    return bulk("Al", "fcc", a=LATTICE_CONSTANT, cubic=True)


def _direct_phonopy(supercell: object = SUPERCELL) -> Phonopy:
    """The phonons as anybody would compute them with phonopy and ASE alone."""
    phonon = Phonopy(from_ase(_aluminium()), supercell, primitive_matrix=PRIMITIVE)
    phonon.generate_displacements(distance=0.01)
    forces = []
    for cell in phonon.supercells_with_displacements:
        atoms = Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        atoms.calc = EMT()
        forces.append(atoms.get_forces())
    phonon.forces = np.array(forces)
    phonon.produce_force_constants()
    return phonon


def _at_reference(entry: PhononDBEntry, potential: Potential) -> Phonopy:
    return potential_phonons(entry, displacement_forces(entry, to_ase(entry.unit_cell), potential))


def _archive(path: Path, members: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:xz") as archive:
        for name, text in members.items():
            content = text.encode()
            header = tarfile.TarInfo(f"{MATERIAL}-20180417/{name}")
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return path


def _members() -> dict[str, str]:
    poscar = io.StringIO()
    _aluminium().write(poscar, format="vasp", direct=True, vasp6=True)
    return {
        "POSCAR-unitcell": poscar.getvalue(),
        "phonopy.conf": CONFIGURATION,
        "FORCE_SETS": "\n".join(get_FORCE_SETS_lines(_direct_phonopy().dataset)),
        "BORN": "not read",
    }


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference-data")
    _archive(archive := folder / "phonons" / "phonondb" / f"{MATERIAL}.tar.xz", _members())
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
    return phonon_curve(_at_reference(entry, emt), path, "emt", "fixed")


@pytest.fixture(scope="module", autouse=True)
def _coarse_mesh() -> Iterator[None]:
    """A coarser mesh: the densities of states are no subject of most tests, and take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phonon_calculation, "MESH_LENGTH", 40.0)
        patch.setattr(phonon_calculation, "DOS_MESH_LENGTH", 40.0)
        yield


def _settings(data_dir: Path, precomputed_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, precomputed_dir=precomputed_dir, state_dir=precomputed_dir / "state")


def test_reader_gives_what_was_written(entry: PhononDBEntry) -> None:
    assert entry.material_id == MATERIAL
    np.testing.assert_array_equal(entry.supercell_matrix, SUPERCELL)
    np.testing.assert_allclose(entry.primitive_matrix, PRIMITIVE)
    np.testing.assert_allclose(to_ase(entry.unit_cell).cell.lengths(), LATTICE_CONSTANT)
    assert entry.displacements["natom"] == 32


def test_reference_frequencies_are_those_of_phonopy_alone(entry: PhononDBEntry) -> None:
    direct = _direct_phonopy()
    qpoints = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.1, 0.2, 0.3]]
    expected = direct.run_qpoints(qpoints).frequencies
    ours = reference_phonons(entry).run_qpoints(qpoints).frequencies
    np.testing.assert_allclose(ours[1:], expected[1:], atol=1e-4)
    np.testing.assert_allclose(ours[0], 0.0, atol=1e-4)


def test_potential_that_made_the_reference_has_ratio_one(entry: PhononDBEntry, plain: PhononCurve) -> None:
    reference = reference_phonons(entry)
    expected = phonon_curve(reference, band_path(reference), "dft", "dft")
    assert plain.max_frequency == pytest.approx(expected.max_frequency, rel=1e-4)
    for segment, expected_segment in zip(plain.frequencies, expected.frequencies, strict=True):
        np.testing.assert_allclose(segment, expected_segment, atol=2e-3)


@pytest.mark.parametrize("factor", [0.25, 0.64, 1.21])
def test_uniform_scaling_gives_the_square_root(
    entry: PhononDBEntry, emt: Potential, plain: PhononCurve, factor: float
) -> None:
    path = band_path(reference_phonons(entry))
    scaled_phonon = _at_reference(entry, ScaledPotential(emt, factor))
    scaled = phonon_curve(scaled_phonon, path, "soft", "fixed")
    assert scaled.max_frequency == pytest.approx(np.sqrt(factor) * plain.max_frequency, abs=1e-4)
    for segment, plain_segment in zip(scaled.frequencies, plain.frequencies, strict=True):
        # Bands are stored to 0.001 THz.
        np.testing.assert_allclose(segment, np.sqrt(factor) * np.array(plain_segment), atol=1.2e-3)


def test_imaginary_modes_are_negative(entry: PhononDBEntry, emt: Potential, plain: PhononCurve) -> None:
    path = band_path(reference_phonons(entry))
    upside_down = _at_reference(entry, ScaledPotential(emt, -1.0))
    turned = phonon_curve(upside_down, path, "turned", "fixed")
    assert turned.min_frequency == pytest.approx(-plain.max_frequency, abs=1e-4)


def test_density_of_states_holds_all_modes(entry: PhononDBEntry) -> None:
    reference = reference_phonons(entry)
    curve = phonon_curve(reference, band_path(reference), "dft", "dft")
    assert np.trapezoid(curve.dos, curve.dos_frequencies) == pytest.approx(3 * len(reference.primitive), rel=0.02)
    assert min(curve.dos_frequencies) <= curve.min_frequency
    assert max(curve.dos_frequencies) >= curve.max_frequency


def test_path_keeps_its_break_and_starts_at_gamma(entry: PhononDBEntry) -> None:
    reference = reference_phonons(entry)
    path = band_path(reference)
    names = [(segment.start, segment.end) for segment in path.segments]
    assert names == [("Γ", "X"), ("X", "U"), ("K", "Γ"), ("Γ", "L"), ("L", "W"), ("W", "X")]
    for before, after in zip(path.segments[:-1], path.segments[1:], strict=True):
        assert before.distances[-1] == after.distances[0]
    # Γ–X of a face-centred cubic crystal is one over its lattice constant long.
    assert path.segments[0].distances[-1] == pytest.approx(1 / LATTICE_CONSTANT, abs=1e-6)
    curve = phonon_curve(reference, path, "dft", "dft")
    np.testing.assert_allclose(curve.frequencies[0][0], 0.0, atol=1e-3)
    # U and K are the same point but for a reciprocal lattice vector: the break joins equal frequencies.
    np.testing.assert_allclose(curve.frequencies[1][-1], curve.frequencies[2][0], atol=1e-3)


def test_path_does_not_depend_on_the_choice_of_primitive_cell(entry: PhononDBEntry) -> None:
    turned_axes = PRIMITIVE @ np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    turned = PhononDBEntry(MATERIAL, entry.unit_cell, entry.supercell_matrix, turned_axes, entry.displacements)
    curves = []
    for each in (entry, turned):
        phonon = reference_phonons(each)
        curves.append(phonon_curve(phonon, band_path(phonon), "dft", "dft"))
    for segment, turned_segment in zip(curves[0].frequencies, curves[1].frequencies, strict=True):
        np.testing.assert_allclose(segment, turned_segment, atol=2e-3)


def test_relaxation_that_loses_symmetry_is_refused(entry: PhononDBEntry) -> None:
    strained = _aluminium()
    strained.set_cell(strained.cell.array * [1.0, 1.0, 1.05], scale_atoms=True)
    with pytest.raises(PredictionError, match="space group 139"):
        require_kept_symmetry(entry, strained)
    require_kept_symmetry(entry, _aluminium())


def test_stored_forces_need_no_potential(entry: PhononDBEntry, emt: Potential, tmp_path: Path) -> None:
    store = ForceStore(tmp_path)
    for geometry in ("relaxed", "fixed"):
        assert store.get(VERSION, entry, geometry) is None
        computed = compute_forces(entry, geometry, emt)
        store.put(VERSION, entry, geometry, computed)
        stored = store.get(VERSION, entry, geometry)
        assert stored is not None
        np.testing.assert_allclose(stored.forces, computed.forces, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(stored.unit_cell.cell.array, computed.unit_cell.cell.array)
        assert stored.relaxation_steps == computed.relaxation_steps
        path = band_path(reference_phonons(entry))
        curves = [phonon_curve(potential_phonons(entry, c), path, "emt", geometry) for c in (computed, stored)]
        assert curves[0].max_frequency == pytest.approx(curves[1].max_frequency, abs=1e-3)
    relaxed, fixed = (store.get(VERSION, entry, geometry) for geometry in ("relaxed", "fixed"))
    assert relaxed.unit_cell.get_volume() < fixed.unit_cell.get_volume()


def test_store_never_returns_what_rests_on_something_else(entry: PhononDBEntry, emt: Potential, tmp_path: Path) -> None:
    store = ForceStore(tmp_path)
    store.put(VERSION, entry, "fixed", compute_forces(entry, "fixed", emt))
    assert store.get(VERSION.model_copy(update={"weights_sha256": "1" * 64}), entry, "fixed") is None
    assert store.get(VERSION, entry, "relaxed") is None
    larger = PhononDBEntry(MATERIAL, entry.unit_cell, 3 * np.eye(3, dtype=int), PRIMITIVE, entry.displacements)
    assert store.get(VERSION, larger, "fixed") is None
    file = next(tmp_path.rglob("*.npz"))
    file.write_bytes(file.read_bytes()[:100])
    assert store.get(VERSION, entry, "fixed") is None, "half a file is computed again"


def test_benchmark_writes_tables_that_the_catalog_reads(data_dir: Path, tmp_path: Path) -> None:
    said: list[str] = []
    failures = phonons.run_benchmark([MATERIAL], ["emt"], _settings(data_dir, tmp_path), said.append)
    assert failures == []
    catalog = Catalog(tmp_path)
    rows = catalog.phonon_materials().set_index(["potential", "method"])
    assert set(rows.index) == {("dft", "dft"), ("emt", "relaxed"), ("emt", "fixed")}
    assert rows.loc[("emt", "fixed"), "ratio"] == pytest.approx(1.0, abs=1e-4)
    # EMT aluminium is smallest in energy at 3.995 Å, and stiffer there than at 4.03 Å.
    assert rows.loc[("emt", "relaxed"), "length_change_percent"] == pytest.approx(100 * (3.995 / 4.03 - 1), abs=0.05)
    assert rows.loc[("emt", "relaxed"), "ratio"] > 1.02
    assert rows.loc[("emt", "relaxed"), "residual_stress"] < 1e-5
    bands = catalog.phonon_bands(MATERIAL)
    assert [(curve.potential, curve.method) for curve in bands.curves] == [
        ("dft", "dft"),
        ("emt", "relaxed"),
        ("emt", "fixed"),
    ]
    resource = catalog.resource(f"phonons/bands/{MATERIAL}.json.gz")
    assert resource.sources[0].commit == "b5fa78d2"
    assert resource.potentials[0].name == "emt"
    assert len(resource.potentials[0].weights_sha256) == 64


def test_second_run_computes_only_what_is_missing_or_changed(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(data_dir, tmp_path)
    runs: list[str] = []
    compute = phonons.run_material

    def counted(material_id: str, stamps: Sequence[PotentialVersion], *rest: object, **options: object) -> object:
        runs.extend(stamp.name for stamp in stamps)
        return compute(material_id, stamps, *rest, **options)

    monkeypatch.setattr(phonons, "run_material", counted)
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    first = (tmp_path / "phonons/materials.csv").read_bytes()
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert runs == ["emt"]
    assert (tmp_path / "phonons/materials.csv").read_bytes() == first

    with monkeypatch.context() as newer:
        newer.setattr(phonons, "potential_version", lambda _: VERSION)
        phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert runs == ["emt"] * 2
    assert [r.potentials for r in read_resources(tmp_path) if r.path.endswith(".json.gz")] == [(VERSION,)]

    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    bands_file = tmp_path / f"phonons/bands/{MATERIAL}.json.gz"
    bands_file.write_text("{", encoding="utf-8")
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert runs == ["emt"] * 4
    assert Catalog(tmp_path).phonon_bands(MATERIAL).curve("emt", "relaxed").max_frequency > 0


def test_stopped_run_goes_on_from_its_forces(
    data_dir: Path, tmp_path: Path, emt: Potential, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, counting = _settings(data_dir, tmp_path), CountingPotential(emt)
    monkeypatch.setattr(phonons, "load_potential", lambda _: counting)
    with monkeypatch.context() as stopped:
        stopped.setattr(phonons, "write_material", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    asked = counting.frame_count
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert counting.frame_count == asked
    assert len(Catalog(tmp_path).phonon_materials()) == 3
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None, recompute=True)
    assert counting.frame_count == 2 * asked


def test_failing_potential_costs_only_itself_and_is_listed(
    data_dir: Path, tmp_path: Path, emt: Potential, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["lennard-jones-argon", "emt"]
    failures = phonons.run_benchmark([MATERIAL], names, _settings(data_dir, tmp_path), lambda _: None)
    assert [(f.potential, f.method) for f in failures] == [(names[0], "relaxed"), (names[0], "fixed")]
    assert "Al" in failures[0].reason
    catalog = Catalog(tmp_path)
    assert catalog.phonon_bands(MATERIAL).curve("emt", "fixed").max_frequency > 0
    listed = catalog.table(PHONON_FAILURES)
    assert listed["reason"].tolist() == [f.reason for f in sorted(failures, key=lambda f: f.method)]
    monkeypatch.setattr(phonons, "load_potential", lambda _: emt)
    assert phonons.run_benchmark([MATERIAL], names, _settings(data_dir, tmp_path), lambda _: None) == []
    assert Catalog(tmp_path).table(PHONON_FAILURES).empty


def test_smallest_entries_come_first_and_once(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    archives = folder / "phonons" / "phonondb"
    shutil.copytree(data_dir, folder)
    shutil.copy(archives / f"{MATERIAL}.tar.xz", archives / "mp-2.tar.xz")
    (archives / "mp-3.tar.xz").write_bytes(b"damaged")
    small = _direct_phonopy([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    forces = "\n".join(get_FORCE_SETS_lines(small.dataset))
    _archive(archives / "mp-9.tar.xz", _members() | {"FORCE_SETS": forces, "phonopy.conf": "DIM = 1 1 1"})
    assert entries_by_size(folder) == ["mp-9", MATERIAL, "mp-2"]
    settings = _settings(folder, tmp_path / "out")
    for expected in ({"mp-9"}, {"mp-9", MATERIAL, "mp-2"}, {"mp-9", MATERIAL, "mp-2"}):
        assert phonons.run_benchmark([], ["emt"], settings, lambda _: None, smallest=len(expected)) == []
        assert set(Catalog(tmp_path / "out").phonon_materials()["material_id"]) == expected


def test_damaged_entry_costs_only_itself(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_dir, folder)
    (folder / "phonons" / "phonondb" / "mp-3.tar.xz").write_bytes(b"damaged")
    settings = _settings(folder, tmp_path / "out")
    failures = phonons.run_benchmark(["mp-3", MATERIAL], ["emt"], settings, lambda _: None)
    assert [failure.material_id for failure in failures] == ["mp-3"]
    assert set(Catalog(tmp_path / "out").phonon_materials()["material_id"]) == {MATERIAL}
    with pytest.raises(NotFoundError, match="mp-77"):
        phonons.run_benchmark([MATERIAL, "mp-77"], ["emt"], settings, lambda _: None)


def test_a_second_potential_and_material_keep_the_first(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_dir, folder)
    archives = folder / "phonons" / "phonondb"
    shutil.copy(archives / f"{MATERIAL}.tar.xz", archives / "mp-1.tar.xz")
    for material in (MATERIAL, "mp-1"):
        phonons.run_benchmark([material], ["emt"], _settings(folder, tmp_path / "out"), lambda _: None)
    table = Catalog(tmp_path / "out").phonon_materials()
    assert set(table["material_id"]) == {MATERIAL, "mp-1"}
    assert len(table) == 6


def test_command_computes_entries_by_name_and_the_smallest(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_module, "get_settings", lambda: _settings(data_dir, tmp_path))
    runner = CliRunner()
    done = runner.invoke(main, ["benchmark", "phonons", MATERIAL, "--potential", "emt"])
    assert (done.exit_code, done.output) == (0, f"1/1 {MATERIAL}: emt done\n")
    again = runner.invoke(main, ["benchmark", "phonons", "--smallest", "3", "--potential", "emt"])
    assert (again.exit_code, again.output) == (0, ""), "nothing is missing"
    failed = runner.invoke(main, ["benchmark", "phonons", MATERIAL, "--potential", "lennard-jones-argon"])
    assert failed.exit_code == EXIT_NO_RESULT
    assert "Al" in failed.output
    unknown = runner.invoke(main, ["benchmark", "phonons", "mp-77", "--potential", "emt"])
    assert unknown.exit_code != 0
    assert "mp-77" in unknown.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"FORCE_SETS": None}, "lacks FORCE_SETS"),
        ({"phonopy.conf": "DIM = 3 3 3"}, "32 atoms, the supercell has 108"),
        ({"phonopy.conf": "PRIMITIVE_AXIS = 1 1 1"}, "no DIM"),
        ({"phonopy.conf": "DIM = 2 2"}, "2 numbers"),
        ({"FORCE_SETS": "32\n1\n\n1\n0.01 0 0\n0 0"}, "cannot be understood"),
        ({"POSCAR-unitcell": "nonsense"}, "cannot be understood"),
    ],
)
def test_damaged_entry_is_refused_in_words(tmp_path: Path, change: dict[str, str | None], words: str) -> None:
    members = {name: text for name, text in (_members() | change).items() if text is not None}
    with pytest.raises(ReferenceDataError, match=words):
        read_entry(_archive(tmp_path / "mp-1.tar.xz", members))


def test_truncated_archive_is_refused(data_dir: Path, tmp_path: Path) -> None:
    content = archive_path(data_dir, MATERIAL).read_bytes()
    (tmp_path / "mp-1.tar.xz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        read_entry(tmp_path / "mp-1.tar.xz")


def test_oversized_member_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "mp-1.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        header = tarfile.TarInfo("x/FORCE_SETS")
        header.size = 30_000_000
        archive.addfile(header, io.BytesIO(b"0" * header.size))
    with pytest.raises(ReferenceDataError, match="too large"):
        read_entry(path)


def test_names_inside_the_archive_are_no_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link or a climbing name is passed over, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mp-1.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        link = tarfile.TarInfo("x/FORCE_SETS")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        climbing = tarfile.TarInfo("../../escaped")
        archive.addfile(climbing, io.BytesIO(b""))
    with pytest.raises(ReferenceDataError, match="FORCE_SETS"):
        read_entry(path)
    assert [file.name for file in tmp_path.iterdir()] == ["mp-1.tar.xz"]


def test_configuration_forms() -> None:
    supercell, primitive = parse_configuration("dim = 4 4 2\n# comment")
    np.testing.assert_array_equal(supercell, np.diag([4, 4, 2]))
    np.testing.assert_array_equal(primitive, np.eye(3))
    _, rhombohedral = parse_configuration("DIM = 1 1 1\nPRIMITIVE_AXES = 2/3 -1/3 -1/3 1/3 1/3 -2/3 1/3 1/3 1/3")
    assert np.linalg.det(rhombohedral) == pytest.approx(1 / 3)


def test_missing_archive_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="mp-9"):
        archive_path(tmp_path, "mp-9")
    with pytest.raises(ReferenceDataError, match="SOFTDASH_DATA_DIR"):
        archive_path(None, "mp-9")


def test_shipped_caesium_fluoride_is_that_of_the_paper() -> None:
    """Fig. 4a: the maximum is 6.65 THz by DFT, 5.41 THz by CHGNet 0.3.0 and 4.88 THz by M3GNet."""
    bands: PhononBands = Catalog(Settings().precomputed_dir).phonon_bands("mp-1784")
    assert bands.formula == "CsF"
    assert bands.curve("dft", "dft").max_frequency == pytest.approx(6.65, abs=0.02)
    assert bands.curve("chgnet-0.3.0", "relaxed").max_frequency == pytest.approx(5.41, abs=0.05)
    assert bands.curve("m3gnet-mp-2021.2.8", "relaxed").max_frequency == pytest.approx(4.88, abs=0.02)


def test_shipped_crystals_have_all_four_potentials_at_both_geometries() -> None:
    catalog = Catalog(Settings().precomputed_dir)
    rows = catalog.phonon_materials()
    names = {"chgnet-0.3.0", "m3gnet-mp-2021.2.8", "m3gnet-matpes-pbe", "tensornet-matpes-pbe"}
    failed = catalog.table(PHONON_FAILURES)
    counts = rows[rows["potential"].isin(names)].groupby("material_id").size()
    counts = counts.add(failed[failed["potential"].isin(names)].groupby("material_id").size(), fill_value=0)
    assert (counts == 2 * len(names)).all()
    assert counts.index.isin(catalog.phonon_max_frequencies()["material_id"]).sum() >= 50


def test_shipped_acoustic_modes_vanish_at_gamma() -> None:
    """Three modes without restoring force, for DFT and each potential at each geometry: the acoustic sum rule."""
    for material_id in ("mp-1784", "mp-661", "mp-6065"):
        bands = Catalog(Settings().precomputed_dir).phonon_bands(material_id)
        assert bands.path[0].start == "Γ"
        for curve in bands.curves:
            smallest = np.sort(np.abs(curve.frequencies[0][0]))[:3]
            assert smallest.max() < 0.05, (material_id, curve.potential, curve.method)


@pytest.mark.parametrize("material_id", ["mp-1265", "mp-661"])
def test_shipped_phonons_agree_with_the_authors(material_id: str) -> None:
    """MgO and AlN are among the paper's 229 materials: same DFT maximum, same CHGNet 0.3.0 maximum."""
    catalog = Catalog(Settings().precomputed_dir)
    published = catalog.phonon_max_frequencies().set_index("material_id").loc[material_id]
    bands = catalog.phonon_bands(material_id)
    assert bands.curve("dft", "dft").max_frequency == pytest.approx(published["dft_max_frequency"], rel=2e-3)
    relaxed = bands.curve("chgnet-0.3.0", "relaxed").max_frequency
    assert relaxed == pytest.approx(published["chgnet_max_frequency"], rel=2e-3)
