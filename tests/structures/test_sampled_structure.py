"""A structure without forces: read in the sandbox, repeated to a size that DFT can afford, or refused with reasons."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write

from softdash.errors import ForcesMissingError, InputError, RefusalError
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames
from softdash.structures.upload.read import read_upload
from softdash.structures.upload.sampled_structure import affordable_supercell, read_structure
from softdash.structures.upload.sandbox import read_structure_in_sandbox


@pytest.mark.parametrize("name", ["rutile.cif", "POSCAR", "rutile.extxyz", "rutile.json"])
def test_the_structure_comes_back_repeated(tmp_path: Path, name: str) -> None:
    atoms = bulk("MgO", "rocksalt", 4.2, cubic=True)
    kind = {"POSCAR": "vasp", "rutile.json": "json"}.get(name)
    atoms.write(tmp_path / name, **({"format": kind} if kind else {}))
    stored = tmp_path / "frames.npz"
    summary = read_structure_in_sandbox([tmp_path / name], Settings(), frames_file=stored)
    assert (summary.formula, summary.elements, summary.atom_count) == ("MgO", ("O", "Mg"), 32)
    assert sorted(summary.supercell) == [1, 2, 2]
    (frame,) = load_frames(stored).frames
    assert len(frame.atoms) == 32
    assert frame.atoms.get_volume() == pytest.approx(4 * 4.2**3, rel=1e-6)
    distances = frame.atoms.get_all_distances(mic=True)
    assert distances[distances > 0].min() == pytest.approx(2.1, abs=1e-4)
    assert not frame.reference_forces.any()


def unlabelled(folder: Path, name: str) -> list[Path]:
    """Write two structures without forces."""
    frames = [bulk("Cu", a=a, cubic=True) for a in (3.6, 3.7)]
    path = folder / name
    if name.endswith((".extxyz", ".json", ".db")):
        write(path, frames)
    elif name == "two.zip":
        with zipfile.ZipFile(path, "w") as archive:
            for number, frame in enumerate(frames):
                frame.write(folder / f"{number}.cif")
                archive.write(folder / f"{number}.cif", f"cells/{number}.cif")
            archive.writestr("cells/notes.md", "two cells")
    else:
        paths = [folder / f"{number}-{name}" for number in range(2)]
        for frame, one in zip(frames, paths, strict=True):
            frame.write(one, format="vasp")
        return paths
    return [path]


@pytest.mark.parametrize(
    ("name", "lattice_constant", "sentence"),
    [
        ("run.extxyz", 3.7, "Sampled is the last of 2 structures of run.extxyz."),
        ("rows.json", 3.7, "Sampled is the last of 2 structures of rows.json."),
        ("rows.db", 3.7, "Sampled is the last of 2 structures of rows.db."),
        ("two.zip", 3.6, "Sampled is cells/0.cif; 1 further file is left aside."),
        ("POSCAR", 3.6, "Sampled is 0-POSCAR; 1 further file is left aside."),
    ],
)
def test_structures_without_forces_are_an_error_that_offers_sampling(
    tmp_path: Path, name: str, lattice_constant: float, sentence: str
) -> None:
    paths = unlabelled(tmp_path, name)
    with pytest.raises(ForcesMissingError, match="forces") as raised:
        read_upload(paths, Settings())
    assert raised.value.offer == "sample"
    frames, summary = read_structure(paths, Settings(sampling_atoms=4))
    assert summary.warnings == (sentence,)
    assert frames.frames[0].atoms.cell.lengths()[0] == pytest.approx(lattice_constant, abs=1e-5)


def test_of_a_cif_with_several_blocks_the_last_is_sampled(tmp_path: Path) -> None:
    write(tmp_path / "two.cif", [bulk("Cu", cubic=True), bulk("Al", cubic=True)])
    frames, summary = read_structure([tmp_path / "two.cif"], Settings(sampling_atoms=4))
    assert (summary.formula, summary.warnings) == ("Al", ("Sampled is the last of 2 structures of two.cif.",))
    assert len(frames.frames) == 1


def test_a_molecule_or_a_damaged_frame_is_not_offered(tmp_path: Path) -> None:
    Atoms("H2", [[0, 0, 0], [0, 0, 0.74]]).write(tmp_path / "h2.extxyz")
    with pytest.raises(RefusalError) as raised:
        read_upload([tmp_path / "h2.extxyz"], Settings())
    assert raised.value.offer is None
    (path,) = unlabelled(tmp_path, "run.extxyz")
    path.write_text(path.read_text() + path.read_text()[:60])
    with pytest.raises(RefusalError, match="3 frames"):
        read_upload([path], Settings())


def test_the_shortest_axis_is_repeated_first() -> None:
    assert affordable_supercell([3.0, 6.0, 30.0], 2, 32) == (5, 3, 1)
    assert affordable_supercell([3.0, 3.0, 3.0], 40, 32) == (1, 1, 1)
    assert affordable_supercell([4.0, 4.0, 4.0], 4, 32) == (2, 2, 2)


def test_what_cannot_be_sampled_is_said(tmp_path: Path) -> None:
    Atoms("H2", [[0, 0, 0], [0, 0, 0.74]]).write(tmp_path / "h2.extxyz")
    with pytest.raises(RefusalError, match="not periodic"):
        read_structure([tmp_path / "h2.extxyz"], Settings())
    crowded = bulk("Cu", cubic=True)
    crowded.positions[1] = crowded.positions[0] + 0.1
    crowded.write(tmp_path / "crowded.cif")
    with pytest.raises(RefusalError, match="apart"):
        read_structure([tmp_path / "crowded.cif"], Settings())
    (tmp_path / "forces.csv").write_text("0,0,0\n")
    with pytest.raises(InputError, match="holds no structure"):
        read_structure([tmp_path / "forces.csv"], Settings())
    (tmp_path / "broken.extxyz").write_text("3\nLattice=\n")
    with pytest.raises(InputError, match=r"broken\.extxyz"):
        read_structure([tmp_path / "broken.extxyz"], Settings())
    large = bulk("Cu", cubic=True).repeat(2)
    large.write(tmp_path / "large.cif")
    with pytest.raises(InputError, match="atoms"):
        read_structure([tmp_path / "large.cif"], Settings(atoms_per_frame_max=20))
    single = bulk("Cu")
    single.write(tmp_path / "single.cif")
    with pytest.raises(RefusalError, match="One atom"):
        read_structure([tmp_path / "single.cif"], Settings(sampling_atoms=1))
