"""POSCAR: as ASE and pymatgen read it, and errors that name the line."""

from __future__ import annotations

import io
from collections.abc import Callable

import ase.io
import numpy as np
import pytest
from pymatgen.io.vasp import Poscar

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.structures.frames.labelled_frame import LabelledFrames

Read = Callable[..., LabelledFrames]


@pytest.mark.parametrize(
    "text",
    [
        "Na Cl\n1.0\n5 0 0\n0 5.5 0\n0.5 0 6\nNa Cl\n1 2\nDirect\n0 0 0\n0.5 0.5 0.5\n0.1 1.2 -0.7\n",
        "Na Cl\n2.0\n2.5 0 0\n0 2.75 0\n0.25 0 3\n1 2\nCartesian\n0 0 0\n1.25 1.5 1.5\n0.1 1.2 -0.7\n",
        "x\n-165\n5 0 0\n0 5.5 0\n0.5 0 3\nNa_pv Cl\n1 2\nS\nDirect\n0 0 0 T T F\n.5 .5 .5 F F F\n.1 .2 .7 T T T\n",
        "x\n1 2 1\n5 0 0\n0 2.75 0\n0.5 0 6\nNa Cl Na\n1 1 1\nK\n0 0 0\n2.5 2.75 3\n0.5 1.2 0.7\n",
    ],
    ids=["VASP 5", "VASP 4, Cartesian", "volume, selective", "three factors"],
)
def test_poscar_as_ase_and_pymatgen_read_it(read: Read, text: str) -> None:
    ours = read({"POSCAR": text, "f.txt": "1 0 0\n0 1 0\n0 0 1\n"}).frames[0].atoms
    by_ase = ase.io.read(io.StringIO(text), format="vasp")
    assert ours.get_chemical_symbols() == by_ase.get_chemical_symbols()
    np.testing.assert_allclose(ours.cell, by_ase.cell, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.positions, by_ase.positions, rtol=0, atol=1e-12)
    if "1 2 1\n" not in text:  # pymatgen multiplies Cartesian coordinates by one factor only
        by_pymatgen = Poscar.from_str(text).structure
        np.testing.assert_allclose(ours.positions, by_pymatgen.cart_coords, rtol=0, atol=1e-9)


BAD_POSCARS = {
    "c\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa\n1000000000\nDirect\n0 0 0\n": (TooLargeError, "line 7: .*1,000,000,000 atoms"),
    "c\n1.0\n5 0 0\n0 5 0\n5 5 0\nNa\n1\nDirect\n0 0 0\n": (RefusalError, "no volume"),
    "c\n-100\n5 0 0\n0 5 0\n5 5 0\nNa\n1\nDirect\n0 0 0\n": (InputError, "no volume"),
    "c\n0\n5 0 0\n0 5 0\n0 0 5\nNa\n1\nDirect\n0 0 0\n": (InputError, "scaling factor is zero"),
    "c\n1.0\n5 0 0\n0 5 0\n0 0 5\n1\nDirect\n0 0 0\n": (InputError, "chemical symbols read 'c'"),
    "c\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa Q\n1 1\nDirect\n0 0 0\n1 1 1\n": (InputError, "symbols read 'Na Q'"),
    "c\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa\n2\nDirect\n0 0 0\n": (InputError, "position of atom 2 should stand here"),
    "c\n1.0\n5 0\n0 5 0\n0 0 5\nNa\n1\nDirect\n0 0 0\n": (InputError, r"POSCAR, line 3: A cell vector"),
    "c\n1.0\n5 0 0\n": (InputError, "line 4: A cell vector should stand here"),
    "c\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa\nthree\nDirect\n0 0 0\n": (InputError, "line 7: The numbers of atoms"),
    "c\n1.0\nnan 0 0\n0 5 0\n0 0 5\nNa\n1\nDirect\n0 0 0\n": (InputError, "not finite"),
}


@pytest.mark.parametrize("text", BAD_POSCARS, ids=range(len(BAD_POSCARS)))
def test_bad_poscars(read: Read, text: str) -> None:
    kind, message = BAD_POSCARS[text]
    with pytest.raises(kind, match=message):
        read({"POSCAR": text, "f.txt": "1 0 0\n"})
