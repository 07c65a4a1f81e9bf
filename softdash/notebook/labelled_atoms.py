"""Structures in memory, ASE's or pymatgen's, as labelled frames: labels have the names that extended XYZ gives them.

Labels that name a reference (``REF_forces`` …) win over the plain name, which programs overwrite with predictions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from ase import Atoms
from ase.stress import voigt_6_to_full_3x3_stress
from numpy.typing import ArrayLike, NDArray

from softdash.errors import InputError
from softdash.structures.frames.frame_functionals import told_apart
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.readers.labels_in_xyz import (
    CODE_KEYS,
    ENERGY_WORDS,
    FORCE_WORDS,
    FUNCTIONAL_KEYS,
    STRESS_WORDS,
    reference_names,
)

_ADVICE = (
    "Attach them: atoms.arrays['forces'] = …, a calculator that has computed them (SinglePointCalculator), "
    "structure.add_site_property('forces', …), or diagnose(…, forces=[…])."
)
_VOIGT = 6


def labelled_frames(
    structures: Iterable[Any], *, forces: Sequence[ArrayLike] | None = None, functional: str | None = None
) -> LabelledFrames:
    """Return structures with their forces as labelled frames, unchecked.

    Parameters
    ----------
    structures : iterable of ase.Atoms, or of pymatgen Structure or Molecule
        With forces, eV/Å: as an array of the atoms or a site property, or in a calculator that has computed them.
        Energy (eV) and stress (eV/Å³, ASE's sign) are taken where they are.
    forces : sequence of array_like, shapes (N, 3), optional
        One per structure; these are the reference then, and energies and stresses are left out.
    functional : str, optional
        What made the forces; default: what ``atoms.info`` says.

    Raises
    ------
    InputError
        If something is no structure, or has no forces.
    """
    given = list(structures)
    if forces is not None and len(forces) != len(given):
        raise InputError(f"There are {len(given)} structures and {len(forces)} arrays of forces.")
    frames, names = [], {"functional": dict[str, None](), "code": dict[str, None]()}
    for position, structure in enumerate(given):
        origin = f"frame {position + 1}"
        atoms, labels = _atoms_and_labels(structure, origin)
        for kind, keys in (("functional", FUNCTIONAL_KEYS), ("code", CODE_KEYS)):
            if value := next((str(labels[key]) for key in keys if labels.get(key)), None):
                names[kind][value] = None
        own = None if forces is None else forces[position]
        said = functional or next((str(labels[key]) for key in FUNCTIONAL_KEYS if labels.get(key)), None)
        frames.append(replace(_frame(atoms, labels, origin, own), functional=said))
    if not frames:
        raise InputError("There is no structure.", advice="Give at least one structure with forces.")
    return LabelledFrames(
        frames=told_apart(frames),
        refused=(),
        file_format="structures in Python",
        functional=functional or ", ".join(names["functional"]) or None,
        code=", ".join(names["code"]) or None,
        force_unit="eV/Å (the convention of ASE)",
    )


def _frame(atoms: Atoms, labels: Mapping[str, Any], origin: str, own: ArrayLike | None) -> LabelledFrame:
    bare = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    if own is not None:
        return LabelledFrame(bare, _numbers(own, "Its forces", origin), origin)
    name = next((known for known in reference_names(FORCE_WORDS) if labels.get(known) is not None), None)
    if name is None:
        raise InputError("It has no forces.", where=origin, advice=_ADVICE)
    energy = _label(labels, ENERGY_WORDS, name, origin)
    stress = _label(labels, STRESS_WORDS, name, origin)
    return LabelledFrame(
        atoms=bare,
        reference_forces=_numbers(labels[name], f"Its {name}", origin),
        origin=origin,
        reference_energy=float(energy.ravel()[0]) if energy is not None and energy.size == 1 else None,
        reference_stress=_tensor(stress),
    )


def _atoms_and_labels(structure: Any, origin: str) -> tuple[Atoms, dict[str, Any]]:
    """Return the bare atoms, and all that might be a label, by name."""
    if isinstance(structure, Atoms):
        return structure, {**_calculated(structure), **structure.info, **structure.arrays}
    if hasattr(structure, "site_properties") and hasattr(structure, "cart_coords"):
        return _of_pymatgen(structure, origin)
    raise InputError(
        f"A {type(structure).__name__} is no structure.",
        where=origin,
        advice="Give ase.Atoms, pymatgen structures, or the path of a file.",
    )


def _calculated(atoms: Atoms) -> dict[str, Any]:
    """Return what the calculator has computed for these very atoms; nothing is computed, no constraint applied."""
    results = {} if atoms.calc is None else getattr(atoms.calc, "results", {})
    if not results or atoms.calc.check_state(atoms):
        return {}
    return {name: results[name] for name in ("energy", "forces", "stress") if results.get(name) is not None}


def _of_pymatgen(structure: Any, origin: str) -> tuple[Atoms, dict[str, Any]]:
    if not getattr(structure, "is_ordered", True):
        raise InputError(
            "It has partially occupied sites.", where=origin, advice="Make an ordered approximation of it first."
        )
    lattice = getattr(structure, "lattice", None)
    atoms = Atoms(
        numbers=structure.atomic_numbers,
        positions=structure.cart_coords,
        cell=None if lattice is None else lattice.matrix,
        pbc=False if lattice is None else lattice.pbc,
    )
    properties = getattr(structure, "properties", None) or {}
    return atoms, {**properties, **structure.site_properties}


def _label(labels: Mapping[str, Any], words: tuple[str, ...], forces_name: str, origin: str) -> Any:
    """Return a label under the name that goes with the forces' name, else under any known name."""
    twins = [forces_name.replace(force, word) for force in FORCE_WORDS for word in words if force in forces_name]
    for name in (*twins, *reference_names(words)):
        if labels.get(name) is not None:
            return _numbers(labels[name], f"Its {name}", origin)
    return None


def _numbers(values: Any, what: str, origin: str) -> NDArray[np.float64]:
    try:
        return np.array(values, dtype=np.float64, order="C")
    except (ValueError, TypeError):
        raise InputError(f"{what} are not numbers.", where=origin, advice=_ADVICE) from None


def _tensor(stress: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    if stress is not None and stress.size == _VOIGT:
        return np.array(voigt_6_to_full_3x3_stress(stress.ravel()), dtype=np.float64)
    return stress.reshape(3, 3) if stress is not None and stress.size == 9 else None
