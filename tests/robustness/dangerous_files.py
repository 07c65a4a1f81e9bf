"""Makers of files that harm other programs, and the message that each must end in."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softdash.errors import InputError, RefusalError, TooLargeError, UnsupportedFormatError

COLUMNS = 'Lattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:forces:R:3'
FRAME = f"2\n{COLUMNS}\nNa 0 0 0 0.1 0.2 0.3\nCl 2.5 2.5 2.5 -0.1 -0.2 -0.3\n"
POSCAR = "NaCl\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa Cl\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n"
FOUR_ATOMS = "NaCl\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa Cl\n2 2\nDirect\n0 0 0\n0 0.5 0.5\n0.5 0.5 0.5\n0.5 0 0\n"
CSV = "0.1,0.2,0.3\n-0.1,-0.2,-0.3\n"
PNG = b"\x89PNG\r\n\x1a\n" + zlib.compress(bytes(range(256))) * 4
BILLION_LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]>\n<modeling>&lol9;</modeling>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]><modeling><i>&x;</i></modeling>'


def cif(sites: str, name: str = "P 1", number: int = 1) -> str:
    cell = "".join(f"_cell_length_{axis} 5\n" for axis in "abc")
    cell += "".join(f"_cell_angle_{angle} 90\n" for angle in ("alpha", "beta", "gamma"))
    columns = "".join(f"_atom_site_{column}\n" for column in ("type_symbol", "label", "fract_x", "fract_y", "fract_z"))
    head = f"data_x\n{cell}_symmetry_space_group_name_H-M '{name}'\n_symmetry_Int_Tables_number {number}\n"
    return f"{head}loop_\n{columns}_atom_site_occupancy\n{sites}"


def gzip_bomb(fill: bytes, head: bytes = b"") -> bytes:
    """A gzip archive of 1 MB that holds 1 GB of equal bytes, as a thousand members."""
    return gzip.compress(head) + gzip.compress(fill * 1_000_000) * 1_000


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _npy_header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return buffer.getvalue() + struct.pack("<3d", 1, 2, 3)


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _npz_bomb() -> bytes:
    return _zip({"forces.npy": b"\0" * 10_000_000})


def _database(table: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute(table)
    return connection.serialize()


def _ase_table(forces: str) -> str:
    """A table of ASE's whose column of forces is computed."""
    names = "numbers, positions, cell, pbc, calculator, calculator_parameters, energy, stress, key_value_pairs"
    return f"CREATE TABLE systems (id INTEGER PRIMARY KEY, {names}, forces AS ({forces}))"


def _yaml_bomb() -> str:
    doubling = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    return f"a0: &a0 [x]\n{doubling}supercell: *a9\n"


class _Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(Path(os.environ["SOFTDASH_TEST_CANARY"])),)


@dataclass(frozen=True)
class Danger:
    """Files by name, made on demand; the error they must end in, and words of its message."""

    files: Callable[[], dict[str, str | bytes]]
    error: type[InputError]
    words: str


ASE_JSON_CLAIM = json.dumps(
    {"positions": {"__ndarray__": [[10**9, 3], "float64", []]}, "forces": {"__ndarray__": [[10**9, 3], "float64", []]}}
)

DANGERS: dict[str, Danger] = {
    "gzip bomb as vasprun": Danger(
        lambda: {"vasprun.xml.gz": gzip_bomb(b"\0")}, InputError, "by its content it is none"
    ),
    "gzip bomb as extxyz": Danger(lambda: {"a.extxyz.gz": gzip_bomb(b"x", FRAME.encode())}, InputError, "longer"),
    "gzip bomb of line ends": Danger(
        lambda: {"a.extxyz.gz": gzip_bomb(b"\n", FRAME.encode())},
        InputError,
        "belong to no frame",
    ),
    "gzip bomb as CIF": Danger(lambda: {"a.cif.gz": gzip_bomb(b"\0"), "f.csv": CSV}, TooLargeError, "5 MB"),
    "gzip bomb as forces": Danger(lambda: {"POSCAR": POSCAR, "f.npy.gz": gzip_bomb(b"\0")}, TooLargeError, "5 MB"),
    "damaged gzip": Danger(lambda: {"a.extxyz.gz": b"\x1f\x8b\x08" + b"\x55" * 500}, InputError, "damaged"),
    "not gzip at all": Danger(lambda: {"a.extxyz.gz": FRAME}, InputError, "by its content it is not"),
    "gzip in gzip": Danger(lambda: {"a.extxyz.gz": gzip.compress(gzip.compress(FRAME.encode()))}, InputError, "twice"),
    "billion laughs": Danger(lambda: {"vasprun.xml": BILLION_LAUGHS}, InputError, "DOCTYPE"),
    "external entity": Danger(lambda: {"vasprun.xml": XXE}, InputError, "DOCTYPE"),
    "external entity in UTF-16": Danger(lambda: {"vasprun.xml": XXE.encode("utf-16")}, InputError, "UTF-16"),
    "deep XML": Danger(lambda: {"vasprun.xml": "<modeling>" + "<a>" * 3_000_000}, InputError, "nested too deeply"),
    "extxyz of 1e12 atoms": Danger(lambda: {"a.extxyz": "999999999999\n" + COLUMNS}, TooLargeError, "999,999,999,999"),
    "extxyz of 2e9 columns": Danger(
        lambda: {"a.extxyz": FRAME.replace("forces:R:3", "forces:R:2000000000")}, RefusalError, "columns"
    ),
    "extxyz with nan": Danger(lambda: {"a.extxyz": FRAME.replace("-0.1", "nan")}, RefusalError, "nan"),
    "extxyz with inf": Danger(lambda: {"a.extxyz": FRAME.replace("-0.1", "inf")}, RefusalError, "inf"),
    "extxyz of a million frames": Danger(lambda: {"a.extxyz": "1\n\nX\n" * 1_000_000}, TooLargeError, "frames"),
    "extxyz of open quotes": Danger(
        lambda: {"a.extxyz": FRAME.replace('Lattice="', 'Lattice="' + '"' * 900_001)}, RefusalError, "never closes"
    ),
    "POSCAR of 1e9 atoms": Danger(
        lambda: {"POSCAR": POSCAR.replace("\n1 1\n", "\n1 1000000000\n"), "f.csv": CSV}, TooLargeError, "1,000,000,001"
    ),
    "POSCAR of no volume": Danger(
        lambda: {"POSCAR": POSCAR.replace("0 0 5", "5 5 0"), "f.csv": CSV}, RefusalError, "volume"
    ),
    "CIF of 20k sites in Fm-3m": Danger(
        lambda: {
            "a.cif": cif("".join(f"Na Na{n} 0.{n:05d} 0.1 0.2 1\n" for n in range(20_000)), "F m -3 m", 225),
            "f.csv": CSV,
        },
        TooLargeError,
        "20,000",
    ),
    "CIF of 1k sites in Fm-3m": Danger(
        lambda: {
            "a.cif": cif("".join(f"Na Na{n} 0.{n:05d} 0.1 0.2 1\n" for n in range(1_000)), "F m -3 m", 225),
            "f.csv": CSV,
        },
        TooLargeError,
        "1,000 sites and 192",
    ),
    "CIF of quotes": Danger(lambda: {"a.cif": cif("'" * 2_400_000), "f.csv": CSV}, InputError, "2,048"),
    "CIF of quotes and blanks": Danger(lambda: {"a.cif": cif("' \" " * 600_000), "f.csv": CSV}, InputError, "2,048"),
    "CIF of open tags": Danger(lambda: {"a.cif": cif("<" * 2_400_000), "f.csv": CSV}, InputError, "2,048"),
    "partial occupancy": Danger(
        lambda: {"a.cif": cif("Na Na1 0 0 0 0.5\n"), "f.csv": CSV}, RefusalError, "occupancy 0.5"
    ),
    "pickle as traj": Danger(lambda: {"a.traj": pickle.dumps(_Harmful())}, UnsupportedFormatError, "never opened"),
    "pickle as npy": Danger(
        lambda: {"POSCAR": POSCAR, "f.npy": pickle.dumps(_Harmful())}, InputError, "array of numpy"
    ),
    "objects in npy": Danger(
        lambda: {"POSCAR": POSCAR, "f.npy": _npy(np.array([[_Harmful()] * 3] * 2, dtype=object))}, InputError, "objects"
    ),
    "npy of 1e9 rows": Danger(
        lambda: {"POSCAR": POSCAR, "f.npy": _npy_header((10**9, 3))}, InputError, "1,000,000,000"
    ),
    "npz bomb": Danger(lambda: {"POSCAR": POSCAR, "f.npz": _npz_bomb()}, InputError, "unpacks to 10 MB"),
    "pickle in npz": Danger(
        lambda: {"POSCAR": POSCAR, "f.npz": _zip({"forces.npy": pickle.dumps(_Harmful())})},
        InputError,
        "array of numpy",
    ),
    "objects in pickle named db": Danger(lambda: {"a.db": pickle.dumps(_Harmful())}, InputError, "database of ASE"),
    "database that computes": Danger(
        lambda: {"a.db": _database(_ase_table("zeroblob(900000000)"))}, InputError, "damaged|holds no rows"
    ),
    "zip bomb": Danger(lambda: {"x.zip": _zip({"a.xyz": b"\0" * 400_000_000})}, TooLargeError, "times larger"),
    "zip bomb in gzip": Danger(
        lambda: {"x.zip": _zip({"vasprun.xml.gz": gzip_bomb(b" ", b"<modeling>")})}, TooLargeError, "times larger"
    ),
    "zip of a way out": Danger(lambda: {"x.zip": _zip({"../../a.xyz": FRAME.encode()})}, InputError, "leads out"),
    "zip that lies about its sizes": Danger(
        lambda: {"x.zip": _zip({"a.xyz": FRAME.encode() * 50}).replace(b"PK\x01\x02", b"PK\x01\x03")},
        InputError,
        "damaged",
    ),
    "picture named zip": Danger(lambda: {"x.zip": PNG}, InputError, "zip archive"),
    "gzip bomb as OUTCAR": Danger(lambda: {"OUTCAR.gz": gzip_bomb(b"x", b" vasp.6\n")}, InputError, "longer"),
    "gzip bomb of lines as OUTCAR": Danger(
        lambda: {"OUTCAR.gz": gzip_bomb(b"\n", b" vasp.6\n")}, InputError, "ions per type"
    ),
    "gzip bomb of lines as pw.x": Danger(
        lambda: {"a.pwo.gz": gzip_bomb(b"atom 1\n", b"Program PWSCF v.7\n")}, TooLargeError, "8,000,000 lines"
    ),
    "pw.x of 1e12 atoms": Danger(
        lambda: {"a.pwo": "Program PWSCF v.7\n number of atoms/cell = 999999999999\n"}, TooLargeError, "999,999,999,999"
    ),
    "OUTCAR of 1e12 atoms": Danger(
        lambda: {"OUTCAR": " vasp.6\n TITEL = PAW_PBE Na 1\n ions per type = 999999999999\n"},
        TooLargeError,
        "999,999,999,999",
    ),
    "picture named OUTCAR": Danger(lambda: {"OUTCAR": PNG}, InputError, "PNG picture"),
    "YAML bomb": Danger(lambda: {"phonopy_params.yaml": _yaml_bomb()}, InputError, "anchor"),
    "YAML that calls": Danger(
        lambda: {"phonopy_disp.yaml": "supercell: !!python/object/apply:os.mkdir ['x']\n"}, InputError, "a tag"
    ),
    "deep YAML": Danger(lambda: {"a.yaml": "a: " + "[" * 3_000_000}, InputError, "levels"),
    "deep YAML of blocks": Danger(lambda: {"a.yaml": "- " * 1_000_000}, InputError, "levels|readable|longer"),
    "JSON that names a class": Danger(
        lambda: {"a.json": '{"@module": "os", "@class": "mkdir", "path": "x", "sites": [{}], "forces": [[1, 2, 3]]}'},
        InputError,
        "whole atom",
    ),
    "JSON of a million structures": Danger(
        lambda: {"a.json": "[" + ",".join(['{"sites":[{}],"forces":[]}'] * 1_000_000) + "]"},
        TooLargeError,
        "1,000 frames",
    ),
    "FORCE_SETS of 1e12 displacements": Danger(
        lambda: {"SPOSCAR": POSCAR, "FORCE_SETS": "2\n999999999999\n1\n0 0 0\n1 2 3\n1 2 3\n"},
        TooLargeError,
        "999,999,999,999",
    ),
    "deep JSON": Danger(lambda: {"POSCAR": POSCAR, "f.json": "[" * 200_000}, InputError, "deeply"),
    "long number in JSON": Danger(
        lambda: {"POSCAR": POSCAR, "f.json": "[[" + "9" * 4_000_000}, InputError, "thousands of digits"
    ),
    "array claimed in JSON": Danger(lambda: {"POSCAR": POSCAR, "f.json": ASE_JSON_CLAIM}, InputError, "announce"),
    "no forces": Danger(lambda: {"a.xyz": "1\nNa\nNa 0 0 0\n"}, RefusalError, "no forces"),
    "forces of another atom count": Danger(
        lambda: {"POSCAR": POSCAR, "f.csv": CSV + "1,2,3\n"}, RefusalError, "3 rows"
    ),
    "another order": Danger(
        lambda: {"POSCAR": FOUR_ATOMS, "f.csv": "Cl,0.1,0.2,0.3\nNa,0.1,0.1,0.1\n" * 2}, RefusalError, "another order"
    ),
    "zero bytes": Danger(lambda: {"a.extxyz": b""}, InputError, "0 bytes"),
    "zero bytes, compressed": Danger(lambda: {"a.extxyz.gz": gzip.compress(b"")}, InputError, "no frame"),
    "picture named cif": Danger(lambda: {"a.cif": PNG, "f.csv": CSV}, InputError, "PNG picture"),
    "picture named extxyz": Danger(lambda: {"a.extxyz": PNG}, InputError, "PNG picture"),
    "picture named xml": Danger(lambda: {"vasprun.xml": PNG}, InputError, "PNG picture"),
    "picture": Danger(lambda: {"a.png": PNG}, UnsupportedFormatError, "Read are"),
    "zero forces": Danger(lambda: {"POSCAR": POSCAR, "f.csv": "0,0,0\n0,0,0\n"}, RefusalError, "all zero"),
}
