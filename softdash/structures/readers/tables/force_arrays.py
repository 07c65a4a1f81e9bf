"""Forces in numpy's ``.npy`` and ``.npz``; headers are compared with the bytes that follow, nothing is unpickled."""

from __future__ import annotations

import io
import math
import re
import struct
import tokenize
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.structures.readers.decompression import megabytes
from softdash.structures.readers.tables.reference_set import TakenSet, choose_set

_NPY_HEADER_MAX = 10_000
_MEMBERS_MAX = 100
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    ValueError,
)
_AS_TABLE = "Save the forces as numbers: a text table (.csv) with one row Fx Fy Fz per atom, eV/Å, or with numpy.save."
_ADVICE = "A forces table has one row per atom, in the order of the structure, with Fx Fy Fz in eV/Å."


def read_npy(content: bytes, name: str) -> NDArray[np.float64]:
    """Return forces (frames, N, 3) of a ``.npy`` file; an array (N, 3) is one frame.

    Raises
    ------
    InputError
        If it is no array of numbers of that shape, or its header and its size disagree.
    """
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = readers[version](stream, max_header_size=_NPY_HEADER_MAX)
    except (ValueError, KeyError, SyntaxError, RecursionError, TypeError, tokenize.TokenError):
        raise InputError(
            "By its name it is an array of numpy, by its content it is none.", where=name, advice=_AS_TABLE
        ) from None
    if dtype.kind not in "fiu":
        what = (
            "It holds Python objects, which can carry programs and are never opened here."
            if dtype.hasobject
            else f"It holds values of the type {dtype}, not plain numbers."
        )
        raise InputError(what, where=name, advice=_AS_TABLE)
    if len(shape) not in (2, 3) or shape[-1] != 3 or 0 in shape:
        shown = " × ".join(f"{size:,}" for size in shape) or "nothing"
        what = f"The array is {shown} numbers, not atoms × 3, or frames × atoms × 3."
        raise InputError(what, where=name, advice=_ADVICE)
    rows = math.prod(shape[:-1])
    if rows * 3 * dtype.itemsize != len(content) - stream.tell():
        raise InputError(
            f"It announces {rows:,} × 3 numbers, which are {rows * 3 * dtype.itemsize:,} bytes, but "
            f"{len(content) - stream.tell():,} follow: it is cut off or damaged.",
            where=name,
            advice="Save it again and upload it anew.",
        )
    array = np.load(io.BytesIO(content), allow_pickle=False)
    return np.ascontiguousarray(array.reshape(-1, shape[-2], 3), dtype=np.float64)


def read_npz_set(
    content: bytes, name: str, max_bytes: int, wanted: str | None = None
) -> tuple[NDArray[np.float64], TakenSet]:
    """Return the forces (frames, N, 3) of a ``.npz`` file, and which set of forces they are.

    They are its only array, or the one called ``forces``. `wanted` names a set of forces (`ReadOptions.forces`).

    Raises
    ------
    InputError
        If it is no such archive, is larger unpacked than `max_bytes`, or nothing tells which array is the forces.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()[:_MEMBERS_MAX]}
            sets = _sets(list(entries))
            if not sets:
                found = ", ".join(key[:30] for key in list(entries)[:10]) or "nothing"
                raise InputError(f"No array in it is called forces. Found: {found}.", where=name, advice=_ADVICE)
            taken = choose_set(list(sets), wanted, name)
            chosen = sets[taken.name]
            if entries[chosen].file_size > max_bytes:
                what = (
                    f"Its array {chosen[:30]!r} unpacks to {megabytes(entries[chosen].file_size)}; forces of one "
                    f"structure have at most {megabytes(max_bytes)}."
                )
                raise InputError(what, where=name, advice=_ADVICE)
            with archive.open(entries[chosen]) as stream:
                array = stream.read(max_bytes + 1)
    except _DAMAGES:
        what = "By its name it is an archive of numpy arrays (.npz); it is none, or damaged."
        raise InputError(what, where=name, advice=_AS_TABLE) from None
    return read_npy(array, f"{name}, {chosen[:40]}"), taken


def _sets(keys: list[str]) -> dict[str, str]:
    """Return the arrays that are forces, by the names of the sets: the only array, or all that are called so."""
    if len(keys) == 1:
        return {"": keys[0]}
    sets: dict[str, str] = {}
    for key in keys:
        words = [word for word in re.split(r"[\s_\-.:/]+", key) if word]
        if any(word.lower() in ("force", "forces", "f") for word in words):
            sets.setdefault(" ".join(word for word in words if word.lower() not in ("force", "forces", "f")), key)
    if not sets and all(key.startswith("arr_") for key in keys):
        return {key: key for key in keys}
    return sets
