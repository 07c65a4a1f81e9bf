"""Symmetry operations of a CIF: those that it lists, or those of the space group that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from softdash.errors import InputError
from softdash.structures.readers.cif.document import CifBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPERATIONS_MAX = 4_096
"""The richest space groups have 192, magnetic ones and large centred cells a few times as many."""

_LISTED = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz", "_symmetry_equiv_pos_xyz")
_MAGNETIC = ("_space_group_symop_magn_operation_xyz",)
_CENTRINGS = ("_space_group_symop_magn_centering_xyz",)
_MODULATED = ("_space_group_symop_ssg_operation_algebraic", "_space_group_symop_magn_ssg_operation_algebraic")
_HALL = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
_HERMANN_MAUGUIN = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_h-m_full",
    "_space_group_name_h-m_ref",
    "_space_group_name_h-m",
)
_NUMBER = ("_space_group_it_number", "_symmetry_int_tables_number", "_space_group_int_tables_number")
_ORIGIN_WORDS = {"s": "1", "z": "2", "hr": "h", "r": "r", "h": "h", "1": "1", "2": "2"}
_METRIC_TOLERANCE = 0.02
_TERM = re.compile(r"([+-]?)(\d+(?:\.\d+)?(?:/\d+)?|\.\d+)?\*?([xyz]?)")
_CORRECT = "Correct the file, or upload the structure as POSCAR or extended XYZ."


@dataclass(frozen=True, slots=True)
class Operations:
    """Symmetry operations, ``x' = W x + w`` in fractional coordinates; the identity is one of them.

    Attributes
    ----------
    rotations : ndarray, shape (M, 3, 3)
    translations : ndarray, shape (M, 3)
    source : str
        Where they come from: ``"the operations of the file"``, ``"space group P4_2/mnm"``.
    is_stated : bool
        Whether the file lists them or names their setting; of a group with several the usual one was taken otherwise.
    """

    rotations: NDArray[np.float64]
    translations: NDArray[np.float64]
    source: str
    is_stated: bool = True

    def __len__(self) -> int:
        return len(self.translations)


def operations_of(block: CifBlock, cell: NDArray[np.float64], name: str) -> tuple[Operations, ...]:
    """Return the ways to read the symmetry of a block, best first; one unless a symbol has several settings.

    Parameters
    ----------
    block : CifBlock
    cell : ndarray, shape (3, 3)
        Settings that do not fit its lengths and angles are left out.
    name : str
        Of the file, for messages.

    Returns
    -------
    tuple of Operations
        Empty if the file says nothing of symmetry.

    Raises
    ------
    InputError
        For operations that cannot be read, a symbol of no space group, or a modulated structure.
    """
    if block.column(*_MODULATED) is not None or block.value("_cell_modulation_dimension") not in (None, "0"):
        raise InputError(
            "It is a modulated structure: its atoms follow from waves, not from one cell.",
            where=name,
            advice="Upload the cell that was used in the DFT run.",
        )
    magnetic = block.column(*_MAGNETIC)
    if magnetic is not None and _has_values(magnetic):
        own = _parsed(magnetic, block, _MAGNETIC[0], name)
        centrings = [text for text in block.column(*_CENTRINGS) or () if text.strip("?. ")]
        if centrings:
            own = _products(own, _parsed(centrings, block, _CENTRINGS[0], name), name)
        return (_with_identity(*own, "the magnetic operations of the file"),)
    for tag in _LISTED:
        listed = block.column(tag)
        if listed is not None and _has_values(listed):
            return (_with_identity(*_parsed(listed, block, tag, name), "the operations of the file"),)
    return _by_symbol(block, cell, name)


def symbol_of(block: CifBlock) -> str | None:
    """Return the name of the space group as the file writes it, or its number."""
    return block.value(*_HERMANN_MAUGUIN) or block.value(*_HALL) or block.value(*_NUMBER)


def operations_of_symbol(block: CifBlock, cell: NDArray[np.float64], name: str) -> tuple[Operations, ...]:
    """Return the operations of the space group that a block names, whatever it lists; see `operations_of`."""
    return _by_symbol(block, cell, name)


def parse_operation(text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return (W, w) of ``-y+1/2, x+1/2, z+1/2``, also of ``x,y,z,-1`` with time reversal; None if it is none."""
    parts = text.lower().replace(" ", "").replace("\t", "").strip("'\"").split(",")
    if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3] not in ("+1", "-1", "1", "m", "-m", "+m", "mxyz")):
        return None
    rotation, translation = np.zeros((3, 3)), np.zeros(3)
    for row, part in enumerate(parts[:3]):
        position = 0
        if not part or len(part) > 60:
            return None
        while position < len(part):
            term = _TERM.match(part, position)
            if term is None or term.end() == position or not (term[2] or term[3]):
                return None
            try:
                value = float(Fraction(term[2])) if term[2] else 1.0
            except (ValueError, ZeroDivisionError):
                return None
            value = -value if term[1] == "-" else value
            if term[3]:
                rotation[row, "xyz".index(term[3])] += value
            else:
                translation[row] += value
            position = term.end()
    exact = np.rint(translation * 24) / 24  # 0.3333 means a third
    translation = np.where(np.abs(translation - exact) < 5e-4, exact, translation)
    return (rotation, translation) if abs(abs(np.linalg.det(rotation)) - 1) < 1e-6 else None


def fits_cell(rotations: NDArray[np.float64], cell: NDArray[np.float64]) -> bool:
    """Whether rotations (M, 3, 3), of fractional coordinates, keep lengths and angles of `cell`."""
    metric = cell @ cell.T
    scale = np.sqrt(np.outer(np.diag(metric), np.diag(metric)))
    changed = np.einsum("mki,kl,mlj->mij", rotations, metric, rotations)
    return bool(np.abs((changed - metric) / scale).max() < _METRIC_TOLERANCE)


def _has_values(texts: list[str]) -> bool:
    return any(text.strip("?. ") for text in texts)


def _parsed(texts: list[str], block: CifBlock, tag: str, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(texts) > OPERATIONS_MAX:
        raise InputError(f"It lists {len(texts):,} symmetry operations.", where=name, advice=_CORRECT)
    found = [parse_operation(text) for text in texts]
    if any(operation is None for operation in found):
        bad = texts[found.index(None)]
        raise InputError(
            f"The symmetry operation {bad[:60]!r} cannot be read.",
            where=f"{name}, below line {block.lines.get(tag, block.line)}",
            advice=_CORRECT,
        )
    whole = [operation for operation in found if operation is not None]
    return np.array([rotation for rotation, _ in whole]), np.array([shift for _, shift in whole])


def _products(
    one: tuple[NDArray[np.float64], NDArray[np.float64]],
    other: tuple[NDArray[np.float64], NDArray[np.float64]],
    name: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each operation followed by each centring."""
    if len(one[0]) * len(other[0]) > OPERATIONS_MAX:
        raise InputError("It lists too many symmetry operations.", where=name, advice=_CORRECT)
    rotations = np.einsum("cij,ojk->coik", other[0], one[0]).reshape(-1, 3, 3)
    shifts = np.einsum("cij,oj->coi", other[0], one[1]) + other[1][:, None, :]
    return rotations, shifts.reshape(-1, 3)


def _with_identity(rotations: NDArray[np.float64], translations: NDArray[np.float64], source: str) -> Operations:
    """Keep the order of the file, in which other programs make atoms too; add the identity where it is missing."""
    shifts = translations - np.rint(translations)
    same = np.abs(rotations - np.eye(3)).max(axis=(1, 2)) + np.abs(shifts).max(axis=1) < 1e-6
    if not same.any():
        rotations = np.concatenate([np.eye(3)[None], rotations])
        translations = np.concatenate([np.zeros((1, 3)), translations])
    return Operations(rotations, translations, source)


def _by_symbol(block: CifBlock, cell: NDArray[np.float64], name: str) -> tuple[Operations, ...]:
    hall_symbol, symbol, number = block.value(*_HALL), block.value(*_HERMANN_MAUGUIN), block.value(*_NUMBER)
    found: tuple[int, ...] = ()
    if hall_symbol is not None:
        found = _settings_by_hall().get(_plain(hall_symbol), ())
    if not found and symbol is not None:
        found = _settings_of(symbol)
    if not found and number is not None and number.strip().isdigit():
        found = tuple(hall for hall, one in _numbers().items() if one == int(number.strip()[:4]))
    if not found:
        if hall_symbol is None and symbol is None and number is None:
            return ()
        shown = (symbol or hall_symbol or number or "")[:40]
        raise InputError(
            f"Its space group {shown!r} is not known, and it lists no symmetry operations.", where=name, advice=_CORRECT
        )
    chosen = [_operations(hall) for hall in found]
    fitting = [one for one in chosen if fits_cell(one.rotations, cell)]
    if not fitting:
        raise InputError(
            f"Its cell does not have the symmetry of its space group {(symbol or number or '')[:40]}.",
            where=name,
            advice="Correct the lengths and angles of the cell, or give the space group P 1 if it lists all atoms.",
        )
    is_one = len(fitting) == 1
    return tuple(Operations(one.rotations, one.translations, one.source, is_one) for one in fitting)


def _plain(symbol: str) -> str:
    return re.sub(r"[\s_()]", "", symbol).lower()


def _settings_of(symbol: str) -> tuple[int, ...]:
    """Return the numbers (spglib's Hall numbers) of the settings that a Hermann-Mauguin symbol may mean."""
    text, _, choice = symbol.partition(":")
    table = _settings_by_symbol()
    words = text.split()
    if not choice and len(words) > 1 and words[-1].lower() in ("s", "z", "h", "r", "hr") and _plain(text) not in table:
        text, choice = " ".join(words[:-1]), words[-1]
    found = table.get(_plain(text), ())
    wanted = _ORIGIN_WORDS.get(choice.strip().lower(), choice.strip().lower())
    if wanted:
        chosen = tuple(hall for hall in found if _choices()[hall].lower() == wanted)
        return chosen or found
    return found


@lru_cache(maxsize=1)
def _all_settings() -> tuple[tuple[int, int, str, str, str, str, str], ...]:
    """Return (Hall number, number, three forms of the symbol, Hall symbol, choice) of spglib's 530 settings."""
    import spglib

    rows = []
    for hall in range(1, 531):
        one = spglib.get_spacegroup_type(hall)
        if one is not None:
            rows.append(
                (
                    hall,
                    int(one.number),
                    str(one.international_short),
                    str(one.international_full),
                    str(one.international),
                    str(one.hall_symbol),
                    str(one.choice),
                )
            )
    return tuple(rows)


@lru_cache(maxsize=1)
def _settings_by_symbol() -> dict[str, tuple[int, ...]]:
    found: dict[str, dict[int, None]] = {}
    for hall, _, short, full, several, _, _ in _all_settings():
        for text in (short, full, *several.split("=")):
            for form in text.split("="):
                found.setdefault(_plain(form), {})[hall] = None
    for form, halls in list(found.items()):
        if (axis := re.fullmatch(r"([a-z])1(.+)1", form)) is not None:  # P 1 2_1/n 1 is written P 2_1/n
            found.setdefault(axis[1] + axis[2], halls)
    for old, new in _OLD_SYMBOLS.items():
        found.setdefault(old, found.get(new, {}))
    return {symbol: tuple(halls) for symbol, halls in found.items() if halls}


_OLD_SYMBOLS = {
    "abm2": "aem2",
    "aba2": "aea2",
    "cmca": "cmce",
    "cmma": "cmme",
    "ccca": "ccce",
    "pm3m": "pm-3m",
    "fm3m": "fm-3m",
    "fd3m": "fd-3m",
    "im3m": "im-3m",
    "ia3d": "ia-3d",
    "pa3": "pa-3",
    "ia3": "ia-3",
    "im3": "im-3",
    "pm3": "pm-3",
    "fm3": "fm-3",
    "fd3": "fd-3",
    "fm3c": "fm-3c",
    "pn3m": "pn-3m",
    "pm3n": "pm-3n",
    "pn3n": "pn-3n",
    "fd3c": "fd-3c",
    "pn3": "pn-3",
}


@lru_cache(maxsize=1)
def _settings_by_hall() -> dict[str, tuple[int, ...]]:
    return {_plain(row[5]): (row[0],) for row in reversed(_all_settings())}


@lru_cache(maxsize=1)
def _numbers() -> dict[int, int]:
    return {row[0]: row[1] for row in _all_settings()}


@lru_cache(maxsize=1)
def _choices() -> dict[int, str]:
    return {row[0]: row[6] for row in _all_settings()}


def _operations(hall: int) -> Operations:
    import spglib

    found: Any = spglib.get_symmetry_from_database(hall)
    short = next(row for row in _all_settings() if row[0] == hall)
    shown = f"space group {short[2]}" + (f", setting {short[6]}" if short[6] else "")
    return _with_identity(
        np.asarray(found["rotations"], dtype=np.float64), np.asarray(found["translations"], dtype=np.float64), shown
    )
