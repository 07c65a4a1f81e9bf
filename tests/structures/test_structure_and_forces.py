"""CIF or POSCAR with a forces table: one frame, the same bits through every format, and order that is checked."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.spacegroup import crystal
from numpy.typing import NDArray
from vasprun_writer import VaspRun

from softdash.errors import InputError, RefusalError, TooLargeError, UnsupportedFormatError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.upload.read import read_upload

Read = Callable[..., LabelledFrames]
Case = tuple[Atoms, NDArray]


def _cif(atoms: Atoms, extra: str = "", occupancy: Sequence[str] | None = None) -> str:
    """A CIF in P1 with 8 decimals, sites in the order of `atoms`."""
    lengths, angles = atoms.cell.lengths(), atoms.cell.angles()
    head = "".join(f"_cell_length_{axis} {value:.8f}\n" for axis, value in zip("abc", lengths, strict=True))
    head += "".join(
        f"_cell_angle_{name} {value:.8f}\n" for name, value in zip(("alpha", "beta", "gamma"), angles, strict=True)
    )
    occupancy = occupancy or ["1.0"] * len(atoms)
    sites = "".join(
        f"{symbol} {symbol}{index} {x:.8f} {y:.8f} {z:.8f} {occupied}\n"
        for index, (symbol, (x, y, z), occupied) in enumerate(
            zip(atoms.symbols, atoms.cell.scaled_positions(atoms.positions), occupancy, strict=True)
        )
    )
    return (
        f"data_test\n{head}_symmetry_space_group_name_H-M 'P 1'\n_symmetry_Int_Tables_number 1\n{extra}loop_\n"
        "_atom_site_type_symbol\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
        f"_atom_site_occupancy\n{sites}"
    )


def _poscar(atoms: Atoms) -> str:
    text = io.StringIO()
    ase.io.write(text, atoms, format="vasp", direct=True)
    return text.getvalue()


def _csv(forces: NDArray, header: str = "fx,fy,fz\n") -> str:
    return header + "".join(f"{x:.8f},{y:.8f},{z:.8f}\n" for x, y, z in forces)


def _npy(array: NDArray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _extxyz(atoms: Atoms, forces: NDArray) -> str:
    labelled = atoms.copy()
    labelled.arrays["forces"] = forces
    text = io.StringIO()
    ase.io.write(text, labelled, format="extxyz", columns=["symbols", "positions", "forces"])
    return text.getvalue()


def test_the_same_bits_through_every_format(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    readings = [
        read({"NaCl.cif": _cif(atoms), "forces.csv": _csv(forces)}),
        read({"POSCAR": _poscar(atoms), "forces.npy": _npy(forces)}),
        read({"NaCl.extxyz": _extxyz(atoms, forces)}),
        read({"vasprun.xml": VaspRun([(atoms, forces, -27.0, np.eye(3) * 0.01)]).text()}),
        read({"CONTCAR": _poscar(atoms), "forces.json": json.dumps(forces.tolist())}),
        read({"NaCl.vasp": _poscar(atoms), "forces.txt": _csv(forces, "").replace(",", "   ")}),
    ]
    for reading in readings:
        frame = reading.frames[0]
        assert frame.reference_forces.tobytes() == forces.tobytes(), reading.file_format
        assert frame.atoms.get_chemical_symbols() == atoms.get_chemical_symbols()
        np.testing.assert_allclose(frame.atoms.positions, atoms.positions, rtol=0, atol=2e-7)
        assert reading.warnings == ()


TABLES: dict[str, Callable[[Atoms, NDArray], str]] = {
    "bare": lambda _, f: _csv(f, ""),
    "header": lambda _, f: _csv(f),
    "units": lambda _, f: _csv(f, "fx (eV/Å),fy (eV/Å),fz (eV/Å)\n"),
    "semicolons and decimal commas": lambda _, f: "".join(
        ";".join(f"{x:.8f}".replace(".", ",") for x in r) + "\n" for r in f
    ),
    "tabs": lambda _, f: "".join("\t".join(f"{x:.8f}" for x in r) + "\n" for r in f),
    "comment": lambda _, f: "# forces of step 3\n# Fx Fy Fz\n" + _csv(f, "").replace(",", " "),
    "element": lambda a, f: "".join(
        f"{s} {x:.8f} {y:.8f} {z:.8f}\n" for s, (x, y, z) in zip(a.symbols, f, strict=True)
    ),
    "index": lambda _, f: "".join(f"{i} {x:.8f} {y:.8f} {z:.8f}\n" for i, (x, y, z) in enumerate(f, 1)),
    "index, element": lambda a, f: "".join(
        f"{i},{s}{i},{x:.8f},{y:.8f},{z:.8f}\n" for i, (s, (x, y, z)) in enumerate(zip(a.symbols, f, strict=True))
    ),
    "pandas": lambda a, f: (
        ",atom,force_x,force_y,force_z\n"
        + "".join(
            f"{i},{s},{x:.8f},{y:.8f},{z:.8f}\n" for i, (s, (x, y, z)) in enumerate(zip(a.symbols, f, strict=True))
        )
    ),
    "columns in another order": lambda _, f: "fz,fy,fx\n" + "".join(f"{z:.8f},{y:.8f},{x:.8f}\n" for x, y, z in f),
    "atom numbers under 'atom'": lambda _, f: (
        "atom fx fy fz\n" + "".join(f"{i} {x:.8f} {y:.8f} {z:.8f}\n" for i, (x, y, z) in enumerate(f, 1))
    ),
    "OUTCAR": lambda a, f: (
        " POSITION                                       TOTAL-FORCE (eV/Angst)\n ------------\n"
        + "".join(
            " ".join(f"{v:.8f}" for v in (*p, *g)) + "\n" for p, g in zip(a.positions + a.cell.array[0], f, strict=True)
        )
    ),
    "positions with header": lambda a, f: (
        "x,y,z,fx,fy,fz\n"
        + "".join(",".join(f"{v:.8f}" for v in (*p, *g)) + "\n" for p, g in zip(a.positions, f, strict=True))
    ),
}


@pytest.mark.parametrize("form", TABLES)
def test_forms_of_a_forces_table(read: Read, rocksalt: Case, form: str) -> None:
    atoms, forces = rocksalt
    reading = read({"NaCl.cif": _cif(atoms), "forces.csv": TABLES[form](atoms, forces)})
    assert reading.frames[0].reference_forces.tobytes() == forces.tobytes()
    assert ("header" in reading.force_unit) == (form == "units")


def test_json_with_elements_positions_and_energy(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    content = {
        "symbols": list(atoms.symbols),
        "positions": atoms.positions.tolist(),
        "forces": forces.tolist(),
        "energy": -27,
    }
    frame = read({"a.cif": _cif(atoms), "a.json": json.dumps(content)}).frames[0]
    assert frame.reference_energy == -27
    assert frame.reference_forces.tobytes() == forces.tobytes()


def _swap(forces: NDArray, atoms: Atoms) -> str:
    order = [0, 1, 2, 4, 3, 5, 6, 7]
    return TABLES["element"](atoms[order], forces[order])


def _stretched(atoms: Atoms) -> Atoms:
    stretched = atoms.copy()
    stretched.positions *= 1.05
    return stretched


BAD_TABLES: dict[str, tuple[Callable[[Atoms, NDArray], str], str]] = {
    "rows": (lambda _, f: _csv(f[:7]), r"f\.csv has 7 rows, a\.cif has 8 atoms"),
    "order": (lambda a, f: _swap(f, a), r"another order: atom 4 is Na in a\.cif and Cl in f\.csv \(line 4\)"),
    "elements": (lambda a, f: TABLES["element"](Atoms("K4Cl4"), f), "elements differ: atom 1 is Na"),
    "other positions": (lambda a, f: TABLES["OUTCAR"](_stretched(a), f), r"positions differ: atom \d \((Na|Cl)\)"),
    "numbers out of order": (lambda _, f: TABLES["index"](_, f).replace("2 ", "3 ", 1), "not each there once: see 3"),
    "numbers from 2": (lambda _, f: TABLES["index"](_, f).replace("1 ", "9 ", 1), "begin with 2"),
    "ragged": (lambda _, f: _csv(f).replace(",", " ", 1).replace("\n", ",1\n", 5), r"f\.csv, line \d: The row has"),
    "two columns": (lambda _, f: "".join(f"{x},{y}\n" for x, y, _ in f), "Its rows have 2 columns"),
    "words": (lambda _, f: _csv(f).replace("0.", "o.", 1), "is not a number|rows have"),
    "units": (lambda _, f: _csv(f, "fx [Ry/bohr],fy [eV/A],fz [Ry/bohr]\n"), r"in several units: Ry/bohr .*eV/Å"),
    "nan": (lambda _, f: _csv(np.where(f == f[2, 1], np.nan, f)), r"y force on atom 3 \(Na\) is not a number \(nan\)"),
    "zero": (lambda _, f: _csv(f * 0), "all zero"),
    "header only": (lambda _, f: "fx,fy,fz\n", "no rows of numbers"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables(read: Read, rocksalt: Case, case: str) -> None:
    make, message = BAD_TABLES[case]
    with pytest.raises(InputError, match=message):
        read({"a.cif": _cif(rocksalt[0]), "f.csv": make(*rocksalt)})


BAD_JSON = {
    "[[1, 2], [3, 4]]": "not three numbers",
    '{"energy": 3}': "no forces. Found: energy",
    "[[1, 2, 3],": "not readable as JSON",
    "[" * 200_000: "nested too deeply",
    "[[" + "9" * 10_000 + ", 0, 0]]": "thousands of digits",
    '{"forces": [[1, 2, 3]], "symbols": ["Na", "Cl"]}': "1 forces and 2 elements",
    '{"forces": [[true, 2, 3]]}': "not three numbers",
    "3": "not a list",
}


@pytest.mark.parametrize("text", BAD_JSON, ids=[text[:20] for text in BAD_JSON])
def test_bad_json(read: Read, rocksalt: Case, text: str) -> None:
    with pytest.raises(InputError, match=BAD_JSON[text]) as caught:
        read({"a.cif": _cif(rocksalt[0]), "f.json": text})
    assert "f.json" in str(caught.value)


def _npy_claiming(rows: int) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (rows, 3)})
    return buffer.getvalue() + b"\0" * 24


BAD_NPY: dict[str, tuple[Callable[[NDArray], bytes], str]] = {
    "objects": (lambda f: _npy(np.array([{"os": "system"}], dtype=object)), "holds Python objects"),
    "claimed size": (lambda f: _npy_claiming(10**9), "announces 1,000,000,000 × 3"),
    "text": (lambda f: b"fx fy fz\n0 0 0\n", "an array of numpy, by its content it is none"),
    "shape": (lambda f: _npy(f.T), "is 3 × 8 numbers"),
    "frames": (lambda f: _npy(np.stack([f, f])), "2 frames, but one structure"),
    "complex": (lambda f: _npy(f.astype(complex)), "complex128, not plain numbers"),
    "deep header": (lambda f: b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535, "by its content it is none"),
}


@pytest.mark.parametrize("case", BAD_NPY)
def test_bad_npy(read: Read, rocksalt: Case, case: str) -> None:
    make, message = BAD_NPY[case]
    with pytest.raises(InputError, match=message):
        read({"a.cif": _cif(rocksalt[0]), "f.npy": make(rocksalt[1])})


def test_npy_of_other_types(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    for array in (forces.astype(">f8"), np.asfortranarray(forces), forces[None]):
        assert np.array_equal(read({"a.cif": _cif(atoms), "f.npy": _npy(array)}).frames[0].reference_forces, forces)


def test_cif_keeps_the_order_of_its_sites(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    order = [4, 0, 5, 1, 6, 2, 7, 3]
    frame = read({"a.cif": _cif(atoms[order]), "f.csv": _csv(forces)}).frames[0]
    assert frame.atoms.get_chemical_symbols() == ["Cl", "Na"] * 4
    np.testing.assert_allclose(frame.atoms.positions, atoms.positions[order], rtol=0, atol=2e-7)


def test_cif_with_partial_occupancy(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    with pytest.raises(RefusalError, match=r"a\.cif: Site Na2 has the occupancy 0\.5"):
        read({"a.cif": _cif(atoms, occupancy=["1.0", "1", "0.5(1)", *["."] * 5]), "f.csv": _csv(forces)})


def _rocksalt_cif(sites: str = "Na Na1 0 0 0\nCl Cl1 0.5 0.5 0.5\n", angle: str = "90") -> str:
    return (
        "data_NaCl\n_cell_length_a 5.69\n_cell_length_b 5.69\n_cell_length_c 5.69\n_cell_angle_alpha 90\n"
        f"_cell_angle_beta 90\n_cell_angle_gamma {angle}\n_symmetry_space_group_name_H-M 'F m -3 m'\n"
        "_symmetry_Int_Tables_number 225\nloop_\n_atom_site_type_symbol\n_atom_site_label\n_atom_site_fract_x\n"
        f"_atom_site_fract_y\n_atom_site_fract_z\n{sites}"
    )


def test_only_positions_tell_the_order_of_atoms_that_symmetry_made(read: Read) -> None:
    full = crystal(["Na", "Cl"], [(0, 0, 0), (0.5, 0.5, 0.5)], spacegroup=225, cellpar=[5.69] * 3 + [90] * 3)
    forces = np.round(np.random.default_rng(1).normal(size=(8, 3)), 8)
    with pytest.raises(RefusalError, match=r"7 rows.*8 atoms \(its 2 sites, multiplied by symmetry\)"):
        read({"a.cif": _rocksalt_cif(), "f.csv": _csv(forces[:7])})
    for table in (_csv(forces), TABLES["element"](full, forces)):
        listed = read({"a.cif": _rocksalt_cif(), "f.csv": table})
        assert not listed.order_is_known
        assert [one.ground for one in listed.readings if one.topic == "order"] == ["assumed"]
        assert listed.frames[0].reference_forces.tobytes() == forces.tobytes()
    by_position = read({"a.cif": _rocksalt_cif(), "f.csv": TABLES["positions with header"](full, forces)})
    assert by_position.warnings == ()
    assert by_position.order_is_known
    assert by_position.frames[0].reference_forces.tobytes() == forces.tobytes()


def test_positions_prove_the_orientation_of_a_skewed_cif(read: Read) -> None:
    skewed = Atoms("NaCl", cell=[4, 4, 5, 90, 90, 120], scaled_positions=[[0, 0, 0], [0.3, 0.6, 0.5]], pbc=True)
    forces = np.array([[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]])
    silent = read({"a.cif": _cif(skewed), "f.csv": _csv(forces)})
    assert not silent.orientation_is_known
    assert [one.ground for one in silent.readings if one.topic == "orientation"] == ["assumed"]
    proven = read({"a.cif": _cif(skewed), "f.csv": TABLES["positions with header"](skewed, forces)})
    assert proven.orientation_is_known
    assert [one.ground for one in proven.readings if one.topic == "orientation"] == ["stated"]
    assert proven.warnings == silent.warnings == ()


BAD_CIFS: dict[str, tuple[str, type[InputError], str]] = {
    "no atoms": ("data_x\n_cell_length_a 5\n", InputError, "no list of atoms"),
    "no cell": (
        _rocksalt_cif().replace("_cell_length_a", "_cell_size"),
        InputError,
        "no complete cell",
    ),
    "two structures": (
        _rocksalt_cif() + _rocksalt_cif().replace("data_NaCl", "data_other"),
        InputError,
        "2 structures",
    ),
    "unknown coordinate": (_rocksalt_cif("Na Na1 0 ? 0\n"), InputError, "_atom_site_fract_y of site 1 is '[?]'"),
    "unknown element": (_rocksalt_cif("Qq Q1 0 0 0\n"), InputError, r"a\.cif: "),
    "row short": (_rocksalt_cif("Na Na1 0 0\n"), InputError, r"a\.cif, line 16"),
    "zero length": (
        _rocksalt_cif().replace("_cell_length_a 5.69", "_cell_length_a 0"),
        InputError,
        "not a positive number",
    ),
    "impossible angles": (_rocksalt_cif(angle="179").replace("beta 90", "beta 10"), InputError, r"a\.cif"),
    "site on site": (_rocksalt_cif("Na Na1 0 0 0\nCl Cl1 0.01 0 0\n"), InputError, r"a\.cif"),
    "no text": ("hello", InputError, "no list of atoms"),
}


@pytest.mark.parametrize("case", BAD_CIFS)
def test_bad_cifs(read: Read, case: str) -> None:
    text, kind, message = BAD_CIFS[case]
    with pytest.raises(kind, match=message):
        read({"a.cif": text, "f.csv": "fx,fy,fz\n0.1,0.2,0.3\n"})


def test_pairs_are_matched_by_name(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    files = {
        "NaCl_1.cif": _cif(atoms),
        "NaCl_2_forces.csv": _csv(forces * 2),
        "NaCl_2.cif": _cif(atoms[::-1]),
        "NaCl_1.csv": _csv(forces),
    }
    frames = read(files).frames
    assert [frame.origin for frame in frames] == ["NaCl_1.cif + NaCl_1.csv", "NaCl_2.cif + NaCl_2_forces.csv"]
    assert np.array_equal(frames[1].reference_forces, np.round(forces * 2, 8))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.cif"], r"a\.cif: The structure comes without forces"),
        (["f.csv"], r"f\.csv: The forces come without their structure"),
        (["a.cif", "b.cif", "a.csv"], r"b\.cif: No forces files go by its name"),
        (["a.cif", "a.csv", "b.csv"], r"b\.csv: No structure goes by its name"),
    ],
)
def test_files_that_stay_alone(read: Read, rocksalt: Case, names: list[str], message: str) -> None:
    atoms, forces = rocksalt
    with pytest.raises(InputError, match=message):
        read({name: _cif(atoms) if name.endswith("cif") else _csv(forces) for name in names})


@pytest.mark.parametrize(
    "name", ["run.traj", "a.pkl", "a.gpw", "INCAR", "POTCAR.Na", "a.ods", "a.tgz", "a.cif.xz", "pw.pwi", "vasp.out"]
)
def test_other_formats_are_refused_with_what_to_do(read: Read, name: str) -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        read({name: "x"})
    assert name in str(caught.value)
    assert caught.value.advice


def test_one_broken_file_of_several_costs_that_file(read: Read, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    frames = read({"good.extxyz": _extxyz(atoms, forces), "bad.xml": "<modeling>", "good.xml": "<svg/>"})
    assert [frame.origin for frame in frames.frames] == ["good.extxyz, frame 1"]
    assert [refused.origin for refused in frames.refused] == ["bad.xml", "good.xml"]


def test_files_of_one_name_and_hostile_names(rocksalt: Case, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(_extxyz(*rocksalt))
    names = ["../../etc/\x1b[31mrun.extxyz", "C:\\temp\\\x1b[31mrun.extxyz"]
    frames = read_upload([tmp_path / "a", tmp_path / "b"], Settings(), names)
    assert [frame.origin for frame in frames.frames] == ["?[31mrun.extxyz, frame 1", "(2) ?[31mrun.extxyz, frame 1"]


def test_limits_on_files_and_bytes(read: Read, rocksalt: Case) -> None:
    text = _extxyz(*rocksalt)
    with pytest.raises(TooLargeError, match="2 files; at most 1"):
        read({"a.extxyz": text, "b.extxyz": text}, upload_max_files=1)
    with pytest.raises(TooLargeError, match=r"at most 0\.0001 MB"):
        read({"a.extxyz": text}, upload_max_bytes=100)
    with pytest.raises(TooLargeError, match=r"POSCAR: The file is larger than"):
        read({"POSCAR": "x" * 200, "f.csv": "1,2,3"}, structure_file_max_bytes=150)
    with pytest.raises(InputError, match="no file in the upload"):
        read({})
