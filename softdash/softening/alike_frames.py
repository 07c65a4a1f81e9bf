"""Frames that say the same although their numbers differ: one configuration again, or steps near in time.

One configuration comes back with its atoms in another order, turned, as a supercell, or from another run of DFT: sizes
of forces on each element do not see order, rotation and repetition. Steps near in time have forces that point the
same way; so have small distortions of one structure. Such frames are one observation of the slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.softening.force_components import ForceComponents
from softdash.softening.student import student_two_sided_quantile

SAME_WAY = 0.6
"""Cosine between the reference forces of two frames, over all components, from which on they are one observation."""

_CHANCE = 0.999  # cosines that independent frames reach more rarely than this leaves do count
_QUANTILES = 32  # of the sizes of forces on one element; a power of two: exact for supercells of two, four, …
_PREDICTED = 0.02  # difference of sizes of predicted forces, in rms/√N: a fiftieth of what other configurations show
_PREDICTED_AT_LEAST, _PREDICTED_AT_MOST = 2e-3, 0.15  # eV/Å (rounding in files); in rms/√N
_REFERENCE = 0.3  # the same of reference forces, in rms/√N, or
_REFERENCE_NOISE = 0.06  # eV/Å: two runs of DFT with a noise of 0.03 each
_MOST_LEADERS = 2000  # frames that a further one is compared with


@dataclass(frozen=True, slots=True, eq=False)
class _Sizes:
    """Quantiles of the sizes of forces on each element of one frame, weighted by the square root of its share."""

    composition: tuple[tuple[int, float], ...]
    atoms: int
    reference: NDArray[np.float64]
    predicted: NDArray[np.float64]


def alike_frames(components: ForceComponents, copies: NDArray[np.int_]) -> NDArray[np.int_]:
    """Return for each frame the first frame of those that it is one observation with.

    Frames are taken from the largest forces to the smallest, so that their order in the file does not matter. Each
    joins the frame found before that it is most alike: by the cosine of the reference forces (`SAME_WAY`, and more
    than chance allows for so few atoms) where both hold the same atoms in the same order, or by equal sizes of forces.
    Groups do not chain: all members are like their first one. Half a period of vibrations apart, forces are opposite:
    the sign of the cosine does not count.

    Parameters
    ----------
    components : ForceComponents
    copies : ndarray of int, shape (frames,)
        From `softdash.softening.independent_frames.first_copies`.

    Returns
    -------
    ndarray of int, shape (frames,)
    """
    squares = components.sum_by_frame(components.x**2)
    means = squares / (3 * components.atoms_per_frame)
    originals = np.flatnonzero(copies == np.arange(copies.size))
    order = originals[np.argsort(-means[originals], kind="stable")]
    ends = np.concatenate(([0], np.cumsum(3 * components.atoms_per_frame)))
    leader = np.arange(copies.size)
    by_direction: dict[bytes, _Directions] = {}
    by_size: dict[tuple[tuple[int, float], ...], _KnownSizes] = {}
    for frame in order.tolist():
        if squares[frame] <= 0:
            continue
        place = slice(*ends[frame : frame + 2])
        number = components.number[place][::3]
        forces = components.x[place].reshape(-1, 3)
        directions = by_direction.setdefault(number.tobytes(), _Directions())
        found = directions.alike(forces)
        sizes = _sizes(forces, components.y[place].reshape(-1, 3), number)
        known = by_size.setdefault(sizes.composition, _KnownSizes())
        if found is None:
            found = known.alike(sizes)
        known.add(sizes, frame if found is None else int(leader[found]))
        if found is None:
            directions.add(forces, frame)
        else:
            leader[frame] = leader[found]
    return _first_of_each(leader[copies])


def _first_of_each(label: NDArray[np.int_]) -> NDArray[np.int_]:
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    found: NDArray[np.int_] = first[place.ravel()]
    return found


class _Directions:
    """The reference forces of leaders with the same atoms in the same order, of length one."""

    def __init__(self) -> None:
        self._forces, self._squares = _Rows(), _Rows()  # |force|² of each atom
        self._frames: list[int] = []

    def alike(self, forces: NDArray[np.float64]) -> int | None:
        if not self._frames:
            return None
        unit = forces.ravel() / np.linalg.norm(forces)
        cosines = np.abs(self._forces.rows @ unit)
        best = int(np.argmax(cosines))
        if cosines[best] < SAME_WAY:
            return None
        # Variance of the cosine between forces of these sizes and of random directions that add up to zero.
        atoms = len(forces)
        variance = float(np.sum(self._squares.rows[best] * np.sum(unit.reshape(-1, 3) ** 2, axis=1))) / 3
        dimensions = max(2, round((1 - 1 / atoms if atoms > 1 else 1.0) / max(variance, 1e-12)))
        quantile = student_two_sided_quantile(_CHANCE, float(min(dimensions, 10_000) - 1))
        by_chance = quantile / np.sqrt(quantile**2 + dimensions - 1)
        return self._frames[best] if cosines[best] >= by_chance else None

    def add(self, forces: NDArray[np.float64], frame: int) -> None:
        if len(self._frames) >= _MOST_LEADERS:
            return
        unit = forces / np.linalg.norm(forces)
        self._forces.append(unit.ravel())
        self._squares.append(np.sum(unit**2, axis=1))
        self._frames.append(frame)


class _Rows:
    """An array that grows by rows."""

    def __init__(self) -> None:
        self._room: NDArray[np.float64] = np.empty((0, 0))
        self._count = 0

    @property
    def rows(self) -> NDArray[np.float64]:
        return self._room[: self._count]

    def append(self, row: NDArray[np.float64]) -> None:
        if self._count == len(self._room):
            larger = np.empty((max(8, 2 * self._count), row.size))
            larger[: self._count] = self.rows if self._count else larger[:0]
            self._room = larger
        self._room[self._count] = row
        self._count += 1


class _KnownSizes:
    """Sizes of forces of the frames of one composition that came before."""

    def __init__(self) -> None:
        self._reference, self._predicted = _Rows(), _Rows()
        self._frames: list[int] = []
        self._atoms: list[int] = []

    def alike(self, sizes: _Sizes) -> int | None:
        if not self._frames:
            return None
        start = max(0, len(self._frames) - _MOST_LEADERS)
        reference, predicted = self._reference.rows[start:], self._predicted.rows[start:]
        atoms = np.minimum(np.array(self._atoms[start:]), sizes.atoms)
        dx, dy = (_rms(other - own) for other, own in ((reference, sizes.reference), (predicted, sizes.predicted)))
        scale_x, scale_y = (_rms(own) / np.sqrt(atoms) for own in (sizes.reference, sizes.predicted))
        near_y = np.minimum(np.maximum(_PREDICTED * scale_y, _PREDICTED_AT_LEAST), _PREDICTED_AT_MOST * scale_y)
        near_x = np.maximum(_REFERENCE * scale_x, np.minimum(_REFERENCE_NOISE, scale_x))
        near = np.flatnonzero((dy <= near_y) & (dx <= near_x))
        return self._frames[start + int(near[np.argmin(dx[near])])] if near.size else None

    def add(self, sizes: _Sizes, leader: int) -> None:
        self._reference.append(sizes.reference)
        self._predicted.append(sizes.predicted)
        self._frames.append(leader)
        self._atoms.append(sizes.atoms)


def _rms(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.sqrt(np.mean(values**2, axis=-1))
    return found


def _sizes(reference: NDArray[np.float64], predicted: NDArray[np.float64], number: NDArray[np.int_]) -> _Sizes:
    kinds, counts = np.unique(number, return_counts=True)
    composition = tuple(
        (int(kind), round(float(count) / number.size, 9)) for kind, count in zip(kinds, counts, strict=True)
    )
    quantiles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    sides = []
    for forces in (reference, predicted):
        size = np.linalg.norm(forces, axis=1)
        sides.append(
            np.concatenate(
                [
                    np.sort(size[number == kind])[(quantiles * count).astype(int)]
                    * np.sqrt(count * len(kinds) / number.size)
                    for kind, count in zip(kinds, counts, strict=True)
                ]
            )
        )
    return _Sizes(composition, int(number.size), *sides)
