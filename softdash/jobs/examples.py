"""Shipped examples: softdash's own DFT forces (CC0), read through the very same way as an upload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from softdash.errors import NotFoundError, ReferenceDataError
from softdash.settings import Settings

_FOLDER = Path("references") / "gpaw_pbe"


@dataclass(frozen=True, slots=True)
class ShippedExample:
    """A shipped example.

    Attributes
    ----------
    name : str
        For addresses.
    title, lesson : str
        For people; the lesson is one sentence.
    formula : str
    source : str
        File in ``precomputed/references/gpaw_pbe``.
    frame_count : int
        Frames used, the first ones of the file.
    atom_count : int
        Atoms in all these frames together.
    """

    name: str
    title: str
    lesson: str
    formula: str
    source: str
    frame_count: int
    atom_count: int

    @property
    def file_name(self) -> str:
        """Name under which the example is uploaded."""
        return self.source if self.frame_count > 1 else self.source.replace(".extxyz", "-one-frame.extxyz")


EXAMPLES = (
    ShippedExample(
        "nacl",
        "NaCl, one frame (insulator)",
        "A single labelled structure shows its own slope; its interval takes the spread that other materials have.",
        "NaCl",
        "NaCl.extxyz",
        1,
        8,
    ),
    ShippedExample(
        "cu3au",
        "Cu₃Au, ten frames (metal)",
        "Soft with hardly any scatter: here one factor repairs most of the error.",
        "AuCu3",
        "Cu3Au.extxyz",
        10,
        40,
    ),
    ShippedExample(
        "si",
        "Silicon, ten frames (covalent solid)",
        "Of our own states, covalent crystals have the lowest slopes; the slope changes from frame to frame.",
        "Si",
        "Si.extxyz",
        10,
        80,
    ),
    ShippedExample(
        "mgo",
        "MgO, ten frames (oxide)",
        "Ten hot frames of an oxide pin a mild softening down to a few percent.",
        "MgO",
        "MgO.extxyz",
        10,
        80,
    ),
    ShippedExample(
        "csf",
        "CsF, ten frames (no softening)",
        "Not every material is softened: CHGNet 0.3.0 gets these forces right on average.",
        "CsF",
        "CsF.extxyz",
        10,
        80,
    ),
    ShippedExample(
        "srtio3",
        "SrTiO₃, ten frames (perovskite)",
        "The overall slope looks fine while the elements differ: look at the slopes per element.",
        "SrTiO3",
        "SrTiO3.extxyz",
        10,
        50,
    ),
)


def example(name: str) -> ShippedExample:
    """Return a shipped example.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    for candidate in EXAMPLES:
        if candidate.name == name:
            return candidate
    names = ", ".join(known.name for known in EXAMPLES)
    raise NotFoundError(f"There is no example named '{name}'.", advice=f"The examples are: {names}.")


def example_text(chosen: ShippedExample, settings: Settings) -> str:
    """Return the extended XYZ text of an example.

    Raises
    ------
    ReferenceDataError
        If its file is missing or shorter than it should be.
    """
    path = settings.precomputed_dir / _FOLDER / chosen.source
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError as error:
        raise ReferenceDataError(
            f"The example file cannot be read ({error.strerror}).",
            where=str(_FOLDER / chosen.source),
            advice="Install softdash again, or set SOFTDASH_PRECOMPUTED_DIR.",
        ) from error
    end = 0
    for _ in range(chosen.frame_count):
        if end >= len(lines) or not lines[end].strip().isdigit():
            raise ReferenceDataError(
                f"The example file holds fewer than {chosen.frame_count} frames.", where=str(_FOLDER / chosen.source)
            )
        end += int(lines[end]) + 2
    return "".join(lines[:end])
