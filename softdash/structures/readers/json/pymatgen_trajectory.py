"""pymatgen's Trajectory as plain JSON: each of its frames as a Structure or Molecule in JSON, with its labels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from softdash.structures.readers.json.document import is_number

Vectors = list[list[float]]


def is_trajectory(data: Any) -> bool:
    """Whether a JSON value has the form of pymatgen's Trajectory."""
    return isinstance(data, dict) and all(isinstance(data.get(key), list) for key in ("species", "coords"))


def structures_of(trajectory: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the frames, one at a time: (structure in JSON, its labels).

    Coordinates are fractional where there is a lattice, else Cartesian. A frame whose parts do not fit is yielded
    without sites, and its reader tells.
    """
    species = [_element(entry) for entry in trajectory["species"]]
    coordinates = trajectory["coords"]
    lattices = _per_frame(trajectory.get("lattice"), is_list=not trajectory.get("constant_lattice", True))
    are_steps = bool(trajectory.get("coords_are_displacement"))
    reached = _base_positions(trajectory)
    labels = zip(
        _per_frame(trajectory.get("site_properties"), is_list=isinstance(trajectory.get("site_properties"), list)),
        _per_frame(trajectory.get("frame_properties"), is_list=isinstance(trajectory.get("frame_properties"), list)),
        strict=False,
    )
    for rows, lattice, (of_sites, of_frame) in zip(coordinates, lattices, labels, strict=False):
        if are_steps:
            reached = rows = _added(reached, rows)
        found = {**_mapping(of_frame), **_mapping(of_sites)}
        yield _structure(species, rows, lattice), found


def _structure(species: list[str], rows: Any, lattice: Any) -> dict[str, Any]:
    key = "xyz" if lattice is None else "abc"
    fits = isinstance(rows, list) and len(rows) == len(species)
    pairs = zip(species, rows if fits else (), strict=False)
    sites = [{"species": [{"element": element, "occu": 1}], key: row} for element, row in pairs]
    return {"sites": sites, "lattice": None if lattice is None else {"matrix": lattice}}


def _per_frame(value: Any, *, is_list: bool) -> Iterator[Any]:
    """Return one value per frame: those of a list, or the same for all."""
    return iter(value) if is_list and isinstance(value, list) else repeat(value)


def _element(entry: Any) -> str:
    return str(entry.get("element", "")) if isinstance(entry, dict) else str(entry)


def _base_positions(trajectory: dict[str, Any]) -> Any:
    """Return the positions that displacements begin at; an array may stand in monty's form."""
    base = trajectory.get("base_positions")
    return base.get("data") if isinstance(base, dict) else base


def _added(before: Any, moved: Any) -> Vectors | None:
    """Return positions after a step, None where the two do not fit."""
    if not _are_vectors(before) or not _are_vectors(moved) or len(before) != len(moved):
        return None
    return [[x + dx for x, dx in zip(row, step, strict=True)] for row, step in zip(before, moved, strict=True)]


def _are_vectors(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(r, list) and len(r) == 3 and all(map(is_number, r)) for r in rows)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
