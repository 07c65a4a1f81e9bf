"""How a cell lies in space: the settings in which programs build a cell from its lengths and angles.

Lengths and angles alone, as in a CIF, leave the orientation open: ASE takes a along x and b in the xy plane; pymatgen,
and with it the Materials Project and VASP runs made from it, c along z and a in the xz plane; primitive cells are often
written in the axes of their conventional cell. Forces are vectors in one of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations, product

import numpy as np
from ase.geometry import cell_to_cellpar, cellpar_to_cell
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.readings import Reading

SETTING_TEXTS: dict[str, str] = {
    "given": "the cell as it was read",
    "ase": "a along x, b in the xy plane (ASE)",
    "pymatgen": "c along z, a in the xz plane (pymatgen, Materials Project)",
    "a_plus_b": "a + b along x, b in the xy plane (standard cells of pymatgen and AFLOW)",
    "conventional": "the axes of the conventional cell along x, y, z",
    "hexagonal": "the conventional cell with a + b along x, c along z",
}
"""The settings in words."""

_LATTICE_TOLERANCES = (1e-3, 0.05)  # Å; a strained lattice keeps its kind only under the second
_SAME = 1e-6
_TRIGONAL_AND_HEXAGONAL = range(143, 195)
_ALIKE = 2e-3
_SIXTH_OF_A_TURN = np.array([[0.5, 0.75**0.5, 0.0], [-(0.75**0.5), 0.5, 0.0], [0.0, 0.0, 1.0]])  # by −60° about z
_SHORTEST, _LONGEST, _FLATTEST = 0.1, 1000.0, 1e-3
_FIRST_MONOCLINIC = 3  # space group; triclinic lattices have no conventional cell of their own


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to lay a cell in space.

    Attributes
    ----------
    name : str
        Key of `SETTING_TEXTS`.
    rotation : ndarray, shape (3, 3)
        Proper rotation R: a vector v of the cell as it was read is ``R @ v`` in this setting.
    """

    name: str
    rotation: NDArray[np.float64]


def settings_of(cell: NDArray[np.float64]) -> tuple[Setting, ...]:
    """Return the settings of a cell, ``"given"`` first; those that equal an earlier one are left out.

    Parameters
    ----------
    cell : ndarray, shape (3, 3)
        Rows are lattice vectors, Å. A cell without volume has only the setting that it is given in.
    """
    matrix = np.asarray(cell, dtype=np.float64)
    found = [Setting("given", np.eye(3))]
    for name in list(SETTING_TEXTS)[1:]:
        rotation = setting_rotation(name, matrix)
        if rotation is not None and all(np.abs(rotation - known.rotation).max() > _SAME for known in found):
            found.append(Setting(name, rotation))
    return tuple(found)


def setting_rotation(name: str, cell: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the rotation from a cell as read into the setting `name`; None where the cell has no such setting."""
    if name == "given":
        return np.eye(3)
    if not _is_plain(cell):
        return None
    if name in ("conventional", "hexagonal"):
        number, conventional = _to_conventional(cell)
        if name == "conventional" or conventional is None:
            return conventional
        return _SIXTH_OF_A_TURN @ conventional if number in _TRIGONAL_AND_HEXAGONAL else None
    if name == "a_plus_b":
        a, b = cell[0], cell[1]
        is_rhombus = abs(a @ a - b @ b) < _ALIKE * (a @ a) and abs(a @ b) > _ALIKE * (a @ a)
        return _along(a + b, np.cross(a, b)) if is_rhombus else None
    parameters = cell_to_cellpar(cell)
    standard = cellpar_to_cell(parameters)
    if name == "pymatgen":
        standard = _pymatgen_cell(parameters)
    if np.linalg.det(cell) < 0:
        return None  # the settings are right-handed
    rotation = np.linalg.solve(cell, standard).T
    return rotation if np.abs(rotation @ rotation.T - np.eye(3)).max() < _SAME else None


def _along(x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation that turns the direction `x` along x and `z`, perpendicular to it, along z."""
    first, third = x / np.linalg.norm(x), z / np.linalg.norm(z)
    return np.array([first, np.cross(third, first), third])


def _is_plain(cell: NDArray[np.float64]) -> bool:
    """Whether a cell is neither flat nor endless: on others spglib may search for ever, and angles say nothing."""
    lengths = np.linalg.norm(cell, axis=1)
    if not np.isfinite(cell).all() or lengths.min() < _SHORTEST or lengths.max() > _LONGEST:
        return False
    return bool(abs(np.linalg.det(cell)) > _FLATTEST * np.prod(lengths))


def _pymatgen_cell(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cell that `pymatgen.core.Lattice.from_parameters` builds: c along z, a in the xz plane."""
    a, b, c = parameters[:3]
    alpha, beta, gamma = np.radians(parameters[3:])
    cosine = (np.cos(alpha) * np.cos(beta) - np.cos(gamma)) / (np.sin(alpha) * np.sin(beta))
    gamma_star = np.arccos(np.clip(cosine, -1.0, 1.0))
    return np.array(
        [
            [a * np.sin(beta), 0.0, a * np.cos(beta)],
            [-b * np.sin(alpha) * np.cos(gamma_star), b * np.sin(alpha) * np.sin(gamma_star), b * np.cos(alpha)],
            [0.0, 0.0, c],
        ]
    )


def _to_conventional(cell: NDArray[np.float64]) -> tuple[int, NDArray[np.float64] | None]:
    """Return the space group of the bare lattice, and the rotation that lays its conventional cell along x, y, z.

    Both are spglib's; without them, 0 and None.
    """
    return _conventional_of(np.ascontiguousarray(cell, dtype=np.float64).tobytes())


@lru_cache(maxsize=256)
def _conventional_of(content: bytes) -> tuple[int, NDArray[np.float64] | None]:
    """Return what `_to_conventional` says of the cell with these bytes; spglib takes milliseconds each time."""
    import spglib

    cell = np.frombuffer(content).reshape(3, 3)
    for tolerance in _LATTICE_TOLERANCES:
        found = spglib.get_symmetry_dataset(
            (cell, [[0.0, 0.0, 0.0]], [1]),  # type: ignore[arg-type]
            symprec=tolerance,
        )
        if found is None or found.number < _FIRST_MONOCLINIC:
            continue
        rotation = np.asarray(found.std_rotation_matrix, dtype=np.float64)
        # Of a strained lattice the idealising rotation is one only nearly: take the nearest proper rotation.
        left, _, right = np.linalg.svd(rotation)
        return int(found.number), np.asarray(left @ np.diag([1.0, 1.0, np.linalg.det(left @ right)]) @ right)
    return 0, None


def axes_matrix(code: str) -> NDArray[np.float64]:
    """Return the matrix of axes written as ``"yzx"`` or ``"-xyz"``: its rows pick the axis of each column of a table.

    Parameters
    ----------
    code : str
        Three letters, each perhaps with a minus: what the columns x, y, z of the table are in the setting.
    """
    rows = []
    sign = 1.0
    for letter in code:
        if letter == "-":
            sign = -1.0
            continue
        rows.append(sign * np.eye(3)["xyz".index(letter)])
        sign = 1.0
    return np.array(rows)


def axes_codes() -> tuple[str, ...]:
    """Return the 48 ways to name and point three axes, ``"xyz"`` first."""
    return tuple(
        "".join(sign + axis for sign, axis in zip(signs, axes, strict=True))
        for axes in permutations("xyz")
        for signs in product(("", "-"), repeat=3)
    )


def table_rotation(orientation: str, cell: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the orthogonal matrix T of an orientation: a vector v of the cell as read is ``T @ v`` in the table.

    Parameters
    ----------
    orientation : str
        As `ReadOptions.orientation`: ``"pymatgen"``, ``"ase/yzx"``.
    cell : ndarray, shape (3, 3)

    Returns
    -------
    ndarray or None
        None where the cell has no such setting. Improper (a mirror image) where the axes are.
    """
    name, _, axes = orientation.partition("/")
    rotation = setting_rotation(name, cell)
    return None if rotation is None else axes_matrix(axes or "xyz") @ rotation


def orientation_text(orientation: str) -> str:
    """Return an orientation in words."""
    name, _, axes = orientation.partition("/")
    if axes in ("", "xyz"):
        return SETTING_TEXTS[name]
    shown = axes.replace("-", "−")
    return f"{SETTING_TEXTS[name]}; the columns x, y, z of the forces are {', '.join(_letters(shown))}"


def _letters(axes: str) -> list[str]:
    return re.findall("−?[xyz]", axes)


def with_orientation(frames: LabelledFrames, orientation: str, where: str) -> LabelledFrames:
    """Return frames whose forces (and stresses) were turned from the chosen orientation into that of their cells.

    Raises
    ------
    InputError
        If a frame has no cell, or none with such a setting.
    """
    if orientation == "auto":
        return frames
    turned = tuple(_turned(frame, orientation, where) for frame in frames.frames)
    reading = Reading(
        "orientation",
        orientation_text(orientation),
        "chosen",
        "The forces were turned from these axes into those of the cell as it was read.",
    )
    others = tuple(one for one in frames.readings if one.topic != "orientation")
    return replace(frames, frames=turned, readings=(*others, reading), orientation_is_known=True)


def _turned(frame: LabelledFrame, orientation: str, where: str) -> LabelledFrame:
    matrix = table_rotation(orientation, frame.atoms.cell.array) if frame.atoms.cell.rank == 3 else None
    if matrix is None:
        raise InputError(
            f"{frame.origin} has no cell that could lie in the orientation {orientation!r}.",
            where=where,
            advice="Leave the orientation as it was read (given).",
        )
    if np.abs(matrix - np.eye(3)).max() < _SAME:
        return frame
    stress = frame.reference_stress
    return replace(
        frame,
        reference_forces=frame.reference_forces @ matrix,
        reference_stress=None if stress is None else matrix.T @ stress @ matrix,
    )
