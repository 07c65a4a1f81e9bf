"""When a softening scale would be a meaningless number: refuse, and say what, where and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError

SMALLEST_REFERENCE_RMS = 1e-3
"""Root mean square of reference forces, eV/Å, below which no slope is given: DFT forces are not converged further."""

SMALLEST_PREDICTED_RMS = 1e-9
"""Root mean square of the predicted forces, eV/Å, below which a potential counts as predicting no force at all."""

LARGEST_FORCE = 1e6
"""Largest force component, eV/Å, that is taken for a force; anything above is a wrong unit or a broken calculation."""

LARGEST_ATOMIC_NUMBER = 118
"""Oganesson, the last element with a name."""

FEWEST_COMPONENTS = 3
"""Fewest force components from which a slope is made."""


def check_frame(
    reference: ArrayLike,
    predicted: ArrayLike | None = None,
    *,
    numbers: ArrayLike | None = None,
    where: str = "frame",
) -> None:
    """Refuse one frame whose forces cannot be used, so that the caller can leave it out and keep the material.

    Parameters
    ----------
    reference : array_like, shape (N, 3)
        Reference forces, eV/Å.
    predicted : array_like, shape (N, 3), optional
        Predicted forces, eV/Å.
    numbers : array_like, shape (N,), optional
        Atomic numbers.
    where : str
        Name of the frame for messages, e.g. ``"run.extxyz, frame 3"``.

    Raises
    ------
    RefusalError
        Forces that are not N×3, of unequal atom counts, empty, NaN, infinite, or absurdly large.
    """
    reference_forces = _as_forces(reference, "reference", where)
    if numbers is not None:
        _check_numbers(np.asarray(numbers), len(reference_forces), where)
    _check_finite(reference_forces, "reference", where)
    if predicted is None:
        return
    predicted_forces = _as_forces(predicted, "predicted", where)
    _check_atom_count(len(reference_forces), len(predicted_forces), "predicted forces", where)
    _check_finite(predicted_forces, "predicted", where)


def check_frames(
    reference: Sequence[NDArray[np.float64]],
    predicted: Sequence[NDArray[np.float64]],
    numbers: Sequence[NDArray[np.int_]],
    frame_names: Sequence[str],
) -> None:
    """Refuse a material with no frame, with lists of unequal length, or with any frame that `check_frame` refuses.

    Raises
    ------
    RefusalError
    """
    lengths = {len(reference), len(predicted), len(numbers), len(frame_names)}
    if len(lengths) > 1:
        raise RefusalError(
            f"There are {len(reference)} frames of reference forces, {len(predicted)} of predicted forces, "
            f"{len(numbers)} of atomic numbers and {len(frame_names)} frame names.",
            advice="Give one entry per frame in each.",
        )
    if not reference:
        raise RefusalError("There is no frame to analyse.", advice="Give at least one structure with its DFT forces.")
    for reference_forces, predicted_forces, frame_numbers, name in zip(
        reference, predicted, numbers, frame_names, strict=True
    ):
        check_frame(reference_forces, predicted_forces, numbers=frame_numbers, where=name)


def check_components(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Refuse components from which no softening scale can be made.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Reference and predicted components, eV/Å.

    Raises
    ------
    RefusalError
        Unequal lengths, fewer than 3 components, NaN or inf, reference forces that are zero or nearly so,
        or predicted forces that are all zero.
    """
    if x.shape != y.shape:
        raise RefusalError(
            f"There are {x.size} reference and {y.size} predicted force components.",
            advice="Give both for the same atoms, in the same order.",
        )
    if x.size < FEWEST_COMPONENTS:
        raise RefusalError(
            f"There are only {x.size} force components; a slope needs at least {FEWEST_COMPONENTS}.",
            advice="Give at least one atom with all three force components.",
        )
    for values, side in ((x, "reference"), (y, "predicted")):
        if not np.isfinite(values).all():
            raise RefusalError(
                f"{int(np.count_nonzero(~np.isfinite(values)))} of {values.size} {side} force components "
                "are NaN or infinite.",
                advice=_advice_for(side),
            )
    _check_reference_rms(x)
    _check_predicted_rms(y)


def _check_reference_rms(x: NDArray[np.float64]) -> None:
    rms = float(np.sqrt(np.mean(np.square(x))))
    if rms < SMALLEST_REFERENCE_RMS:
        size = "all zero" if rms == 0 else f"almost zero (root mean square {rms:.2g} eV/Å)"
        raise RefusalError(
            f"The reference forces are {size}, so there is no slope to measure.",
            advice="Give displaced or high-temperature structures: at the energy minimum a force says nothing "
            "about softening. Check also that the forces were read in eV/Å.",
        )


def _check_predicted_rms(y: NDArray[np.float64]) -> None:
    if float(np.sqrt(np.mean(np.square(y)))) < SMALLEST_PREDICTED_RMS:
        raise RefusalError(
            "The potential predicts no force on any atom, so there is nothing to compare.",
            advice="Check that the atoms lie within the potential's cutoff of each other (cell and periodicity).",
        )


def _as_forces(forces: ArrayLike, side: str, where: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(forces, dtype=np.float64)
    except (TypeError, ValueError):
        raise RefusalError(
            f"The {side} forces are not a table of numbers.", where=where, advice="Give three numbers for each atom."
        ) from None
    if array.ndim != 2 or array.shape[1] != 3:
        raise RefusalError(
            f"The {side} forces have the shape {array.shape}, not (atoms, 3).",
            where=where,
            advice="Give three components for each atom.",
        )
    if not len(array):
        raise RefusalError("The frame has no atoms.", where=where, advice="Leave this frame out.")
    return array


def _check_numbers(numbers: NDArray[np.int_], atom_count: int, where: str) -> None:
    _check_atom_count(numbers.size, atom_count, "reference forces", where)
    strange = numbers[(numbers < 1) | (numbers > LARGEST_ATOMIC_NUMBER)]
    if strange.size:
        raise RefusalError(
            f"{strange[0]} is not an atomic number.", where=where, advice="Give the element of every atom."
        )


def _check_atom_count(expected: int, found: int, what: str, where: str) -> None:
    if expected == found:
        return
    difference = abs(expected - found)
    atoms = "atom" if difference == 1 else "atoms"
    raise RefusalError(
        f"The {what} are {difference} {atoms} {'short' if found < expected else 'too many'} "
        f"({found} instead of {expected}).",
        where=where,
        advice="Structure and forces must list the same atoms in the same order.",
    )


def _check_finite(forces: NDArray[np.float64], side: str, where: str) -> None:
    # The comparison is false for NaN, so one test finds NaN, infinite and absurd components.
    bad_atoms = np.flatnonzero(~(np.abs(forces) <= LARGEST_FORCE).all(axis=1))
    if not bad_atoms.size:
        return
    first = int(bad_atoms[0])
    components = ", ".join(f"{value:.3g}" for value in forces[first])
    others = f", and on {bad_atoms.size - 1} further atoms" if bad_atoms.size > 1 else ""
    kind = "not finite" if not np.isfinite(forces[first]).all() else f"above {LARGEST_FORCE:.0e} eV/Å"
    raise RefusalError(
        f"The {side} force on atom {first + 1} is {kind} ({components}){others}.",
        where=where,
        advice=_advice_for(side),
    )


def _advice_for(side: str) -> str:
    if side == "reference":
        return "Repair the file or leave this frame out; check that the DFT run converged."
    return "The potential fails on this structure; look for overlapping atoms or leave this frame out."
