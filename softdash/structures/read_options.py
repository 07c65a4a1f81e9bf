"""What a visitor decides about the reading of an upload, where the files leave a choice."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

ForceUnit = Literal["auto", "eV/Å", "Ry/bohr", "Ha/bohr"]

Offer = Literal["reorder", "thin"]
"""Names of options that an error may offer (`SoftdashError.offer`): the same upload with it set to true is read."""


class ReadOptions(BaseModel):
    """Choices that softdash never makes by itself.

    Attributes
    ----------
    force_unit : str
        Unit of the forces where a file does not state it; ``"auto"``: what the file says, else eV/Å. A unit that a
        file states wins, and a contradiction is an error.
    reorder : bool
        Whether forces may be re-ordered to fit the atoms of their structure: by positions where both files have them,
        else by element.
    thin : bool
        Whether an upload of too many frames may be thinned evenly; its first and last frame are kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    force_unit: ForceUnit = "auto"
    reorder: bool = False
    thin: bool = False
