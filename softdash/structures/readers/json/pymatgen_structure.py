"""pymatgen's Structure and Molecule as plain JSON; monty's decoder, which calls what a file names, is never used."""

from __future__ import annotations

from typing import Any

from ase import Atoms

from softdash.structures.readers.fractional_coordinates import atoms_from_fractional
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.json.document import vectors
from softdash.structures.readers.numbers_in_text import read_elements

_ORDERED = "Upload the ordered cell that was used in the DFT run."


def is_structure(data: Any) -> bool:
    """Whether a JSON value has the form of pymatgen's Structure or Molecule."""
    return isinstance(data, dict) and isinstance(data.get("sites"), list)


def site_count(data: dict[str, Any]) -> int:
    """Return the number of sites."""
    return len(data["sites"])


def structure_atoms(data: dict[str, Any]) -> Atoms:
    """Return the atoms in the order of the sites, fractional coordinates taken where there is a lattice.

    Raises
    ------
    FrameProblem
        For partial occupancies, unknown elements, or coordinates that are no numbers.
    """
    sites = data["sites"]
    if not sites or not all(isinstance(site, dict) for site in sites):
        raise FrameProblem("Its list of sites is empty, or is none.")
    numbers = read_elements([_element(site, index) for index, site in enumerate(sites, start=1)])
    lattice = data.get("lattice")
    if not isinstance(lattice, dict):
        return Atoms(numbers=numbers, positions=vectors([site.get("xyz") for site in sites], "Positions"), pbc=False)
    cell = vectors(lattice.get("matrix"), "Lattice vectors", 3)
    flags = lattice.get("pbc")
    periodic = [bool(flag) for flag in flags] if isinstance(flags, list) and len(flags) == 3 else [True] * 3
    scaled = vectors([site.get("abc") for site in sites], "Coordinates")
    return atoms_from_fractional(numbers, scaled, cell, periodic)


def site_property(data: dict[str, Any], names: tuple[str, ...]) -> Any:
    """Return the values that all sites have under the first of `names` that any has; None where there is none."""
    for name in names:
        values = [site["properties"].get(name) for site in data["sites"] if isinstance(site.get("properties"), dict)]
        if values and len(values) == len(data["sites"]) and any(value is not None for value in values):
            return values
    return None


def _element(site: dict[str, Any], index: int) -> str:
    species = site.get("species")
    if not isinstance(species, list) or len(species) != 1 or not isinstance(species[0], dict):
        raise FrameProblem(
            f"Site {index} holds no atom, or several that share it; forces belong to whole atoms.", _ORDERED
        )
    occupancy = species[0].get("occu", 1)
    if occupancy != 1:
        raise FrameProblem(f"Site {index} has the occupancy {occupancy}; forces belong to whole atoms.", _ORDERED)
    return str(species[0].get("element", ""))
