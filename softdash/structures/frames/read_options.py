"""What a visitor decides about the reading of an upload, where the files leave a choice."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from softdash.structures.frames.materials import MaterialGrouping
from softdash.structures.units.unit_expressions import NamedUnit
from softdash.structures.units.unit_grammar import parse_unit

ForceUnit = Literal["auto", NamedUnit]
"""Units of force that can be chosen. A file may state any other one that `unit_grammar.parse_unit` understands."""

Offer = Literal["reorder", "thin"]
"""Names of options that an error may offer (`SoftdashError.offer`): the same upload with it set to true is read."""

_MOST_ROWS = 100_000


def _rows(given: Any) -> Any:
    """Take row numbers from text, as forms and command lines send them: ``"2, 1, 3"``."""
    if not isinstance(given, str):
        return given
    return tuple(word.strip() for word in given.split(","))


def _usual_name(given: Any) -> Any:
    """Take a unit in any spelling, as people type it: ``"Ry/au"``."""
    if not isinstance(given, str) or given in get_args(ForceUnit):
        return given
    unit = parse_unit(given)
    return given if unit is None else unit.name


def _is_permutation(rows: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if rows is not None and sorted(rows) != list(range(1, len(rows) + 1)):
        raise ValueError("the rows must be 1 to N, each once")
    return rows


def _is_factor(factor: float) -> float:
    if factor == 0 or not math.isfinite(factor):
        raise ValueError("the factor must be a finite number other than zero")
    return factor


class ReadOptions(BaseModel):
    """Choices that softdash never makes by itself.

    Attributes
    ----------
    force_unit : str
        Unit of the forces where a file does not state it; ``"auto"``: what the file says, else eV/Å. A unit that a
        file states wins, and a contradiction is an error.
    force_factor : float
        Number by which all forces are multiplied beside their unit: −1 for gradients, 1/51.422 where somebody converted
        twice.
    forces : str or None
        Which set of forces is the reference, where a table holds several: the name that its header gives it.
    structure : str or None
        Which structure of a file that holds several: its name in the file.
    symmetry : str
        Whether a CIF's symmetry operations multiply the sites that it lists: ``"auto"``, ``"apply"``, or ``"ignore"``
        for a file that lists all atoms and still has the operations of the undistorted crystal.
    orientation : str
        How the cell lies in the Cartesian axes of the forces (see `matching.orientation`): ``"auto"``, the name
        of a setting (``"given"``, ``"ase"``, ``"pymatgen"``, ``"a_plus_b"``, ``"conventional"``, ``"hexagonal"``), or a
        setting with the axes that the columns x, y, z are, as in ``"ase/yzx"`` or ``"pymatgen/-xyz"``.
    row_order : tuple of int or None
        For each atom of the structure the row of forces that is its own, counted from 1 as the rows were read
        without this option; for frames of that many atoms.
    reorder : bool
        Whether forces may be re-ordered to fit the atoms of their structure: by positions where both files have them,
        else by element.
    thin : bool
        Whether an upload of too many frames may be thinned evenly; its first and last frame are kept.
    materials : str
        How frames are sorted into materials, each with a slope of its own: ``"formula"`` (reduced), ``"elements"``
        (frames of the same elements), ``"together"`` (one slope for all); ``"auto"``: by formula, or by elements where
        most formulas have fewer than three frames.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    force_unit: Annotated[ForceUnit, BeforeValidator(_usual_name)] = "auto"
    force_factor: Annotated[float, AfterValidator(_is_factor)] = 1.0
    forces: Annotated[str | None, Field(max_length=100)] = None
    structure: Annotated[str | None, Field(max_length=200)] = None
    symmetry: Literal["auto", "apply", "ignore"] = "auto"
    orientation: Annotated[
        str, Field(pattern=r"^(auto|(given|ase|pymatgen|a_plus_b|conventional|hexagonal)(/-?[xyz]-?[xyz]-?[xyz])?)$")
    ] = "auto"
    row_order: Annotated[
        Annotated[tuple[int, ...], Field(max_length=_MOST_ROWS)] | None,
        BeforeValidator(_rows),
        AfterValidator(_is_permutation),
    ] = None
    reorder: bool = False
    thin: bool = False
    materials: MaterialGrouping = "auto"

    def as_fields(self) -> dict[str, str]:
        """Return the options that differ from their defaults as fields of a form."""
        changed = self.model_dump(exclude_defaults=True)
        return {name: _field_text(value) for name, value in changed.items()}


def _field_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
