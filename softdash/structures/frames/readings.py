"""What was read out of an upload, each reading with its ground: stated by the files, assumed, tested or chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Topic = Literal["unit", "sign", "columns", "order", "orientation", "structure", "frames", "coordinates", "materials"]
"""What a reading is about: unit and sign of the forces, which columns (or which set) are the reference, which row is
which atom, how the cell lies in space, which structure of the file, which forces belong to which structure, how
precisely the coordinates are written, and which frames are one material."""

Ground = Literal["stated", "assumed", "tested", "chosen"]
"""How a reading is known: the files say it; nobody says it and the usual was taken; it was compared with something
else in the upload or with the physics; or the visitor decided it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that was understood of an upload.

    Attributes
    ----------
    topic : str
        One topic has one reading per kind of file; several files may differ.
    value : str
        What was understood, short: ``"Ha/bohr"``, ``"by positions"``, ``"a along x, b in the xy plane"``.
    ground : str
    detail : str
        One sentence: where it stands, or what was tested, or what follows if it is wrong.
    """

    topic: Topic
    value: str
    ground: Ground
    detail: str
