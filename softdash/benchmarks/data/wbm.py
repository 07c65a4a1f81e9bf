"""Read the WBM high-energy states, the set of the paper's Figs 5b and 6b, as published and as matcalc ships them.

Both forms are one JSON object, gzipped or not::

    {wbm_id: {frame_id: {"structure": <pymatgen's dictionary>, "vasp_f": [[fx, fy, fz], ...], "vasp_e": ..., ...}}}

Only structure and forces (eV/Å) are used. Energy and stress are left alone, since nothing says whether the energy is
per atom and in which unit and sign the stress is.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.data import atomic_numbers
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from softdash.errors import ReferenceDataError

FUNCTIONAL = "PBE(+U) MP-compatible (VASP)"
"""Of the labels: pymatgen's MPRelaxSet."""

_EXPECTED = "softdash reads {material: {frame: {structure, vasp_f}}}, with structures as pymatgen writes them."

Vector = tuple[float, float, float]


def _without_wrapping(value: Any) -> Any:
    """Return the plain lists of an array that monty wrote as a dictionary."""
    return value["data"] if isinstance(value, dict) and "data" in value else value


class _Species(BaseModel):
    element: str
    occu: float = 1.0


class _Site(BaseModel):
    species: Annotated[list[_Species], Field(min_length=1)]
    abc: Vector


class _Lattice(BaseModel):
    matrix: Annotated[tuple[Vector, Vector, Vector], BeforeValidator(_without_wrapping)]


class _Structure(BaseModel):
    lattice: _Lattice
    sites: Annotated[list[_Site], Field(min_length=1)]


class _Record(BaseModel):
    structure: _Structure
    vasp_f: Annotated[list[Vector], BeforeValidator(_without_wrapping)]


_RECORDS: TypeAdapter[dict[str, dict[str, _Record]]] = TypeAdapter(dict[str, dict[str, _Record]])


def is_wbm_file(file: Path) -> bool:
    """Whether a file is of this form, by its name."""
    return file.name.endswith((".json", ".json.gz"))


def read_wbm_frames(file: Path) -> Iterator[Atoms]:
    """Read all frames, in the order of the file.

    Yields
    ------
    ase.Atoms
        With forces (eV/Å), and ``info`` with material_id, functional and the file's name of the frame.

    Raises
    ------
    ReferenceDataError
        If the file is damaged or of another form, saying which material, frame and key.
    """
    try:
        content = file.read_bytes()
        text = gzip.decompress(content) if file.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise ReferenceDataError(
            f"The file cannot be read ({error}).", where=file.name, advice="Fetch the data set again."
        ) from error
    try:
        records = _RECORDS.validate_json(text)
    except ValidationError as error:
        raise _other_form(error, file) from error
    for material_id, frames in records.items():
        for frame_id, record in frames.items():
            yield _atoms(record, material_id, frame_id, file)


def _atoms(record: _Record, material_id: str, frame_id: str, file: Path) -> Atoms:
    symbols = [_symbol(site, f"{file.name}: {material_id}, frame {frame_id}") for site in record.structure.sites]
    atoms = Atoms(
        symbols=symbols,
        scaled_positions=[site.abc for site in record.structure.sites],
        cell=record.structure.lattice.matrix,
        pbc=True,
    )
    forces = np.array(record.vasp_f, dtype=np.float64).reshape(-1, 3)
    atoms.calc = SinglePointCalculator(atoms, forces=forces)
    atoms.info = {"material_id": material_id, "functional": FUNCTIONAL, "frame_id": frame_id}
    return atoms


def _symbol(site: _Site, where: str) -> str:
    if len(site.species) > 1 or site.species[0].occu < 1:
        raise ReferenceDataError("A site is partly occupied: these are no states of one arrangement.", where=where)
    symbol = site.species[0].element
    if symbol not in atomic_numbers:
        raise ReferenceDataError(f"{symbol!r} is no element.", where=where)
    return symbol


def _other_form(error: ValidationError, file: Path) -> ReferenceDataError:
    """Say the first thing that is wrong, where it is, and what was expected."""
    first = error.errors(include_url=False, include_context=False)[0]
    places = [str(place) for place in first["loc"]]
    names = [f"material {places[0]}" if places else "", f"frame {places[1]}" if len(places) > 1 else ""]
    key = ".".join(places[2:])
    if first["type"] == "missing":
        given = first["input"]
        found = f" (there: {', '.join(sorted(map(str, given))[:8])})" if isinstance(given, dict) else ""
        what = f"There is no {key!r}{found}."
    else:
        what = f"{key + ': ' if key else ''}{first['msg']}."
    return ReferenceDataError(what, where=", ".join(part for part in (file.name, *names) if part), advice=_EXPECTED)
