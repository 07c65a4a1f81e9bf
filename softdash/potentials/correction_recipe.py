"""A linear correction as a small JSON file: one factor, the potential it belongs to, and how it was fitted."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from softdash.errors import InputError

SCHEMA_VERSION: Final = 2
READABLE_VERSIONS: Final = (1, 2)
"""Form 1 has no `holds_for`: it was meant for energies, forces and stresses."""
KIND: Final = "softdash linear correction"


Quantity = Literal["energy", "forces", "stress"]
"""What a factor may hold for."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class CorrectedPotential(_Record):
    """Which potential the factor was fitted to, exactly."""

    name: str
    label: str
    version: str
    package: str
    package_version: str
    weights_sha256: str


class FactorInterval(_Record):
    """Confidence interval of the factor, and what was taken as independent for it."""

    low: float
    high: float
    level: float
    method: str


class ReferenceState(_Record):
    """A state that keeps its energy.

    Attributes
    ----------
    formula : str
        Reduced composition for which it holds.
    energy_per_atom : float
        eV, by the uncorrected potential.
    origin : str
        Where it came from.
    """

    formula: str
    energy_per_atom: float
    origin: str


class HeldOutError(_Record):
    """Mean absolute error of frames left out of the fit one after another, before and after c, eV/Å."""

    before: float = Field(ge=0)
    after: float = Field(ge=0)


class RecipeInput(_Record):
    """A file with labels, by name and content."""

    name: str
    sha256: str


class CorrectionRecipe(_Record):
    """A linear correction.

    Attributes
    ----------
    factor : float
        c* = Σxy/Σy², which multiplies energy differences and forces, and stresses where it holds for them.
    holds_for : tuple of str
        Quantities of which the labels say nothing against the factor. ``stress`` is missing where stresses want
        another one; `softdash.potentials.scaled_calculator` leaves them alone then.
    interval : FactorInterval or None
        None where the labels have no two independent parts.
    frame_count, component_count : int
        Labels it was fitted to.
    slope, r_squared, mae : float
        Of the labels, before (MAE in eV/Å). The slope after the correction is R², not 1.
    inverse_slope : float
        1/s, which would make the slope 1.
    mae_after : float
        Of the same labels, after, eV/Å.
    held_out : HeldOutError or None
        None with a single frame.
    references : tuple of ReferenceState
        One per composition of the labels.
    is_recommended : bool
        Whether the correction helps on this material.
    advice : str
        Why, in a sentence.
    """

    kind: Literal["softdash linear correction"] = KIND
    schema_version: Literal[1, 2] = SCHEMA_VERSION
    potential: CorrectedPotential
    factor: float = Field(gt=0)
    interval: FactorInterval | None
    frame_count: int = Field(ge=1)
    component_count: int = Field(ge=3)
    slope: float
    inverse_slope: float
    r_squared: float = Field(le=1)
    mae: float = Field(ge=0)
    mae_after: float = Field(ge=0)
    held_out: HeldOutError | None
    references: tuple[ReferenceState, ...] = Field(min_length=1)
    is_recommended: bool
    advice: str
    holds_for: tuple[Quantity, ...] = ("energy", "forces", "stress")
    inputs: tuple[RecipeInput, ...]
    softdash_version: str
    created: datetime

    def write(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_recipe(path: Path) -> CorrectionRecipe:
    """Read a recipe.

    Raises
    ------
    InputError
        If the file is missing, is no recipe, was changed by hand into nonsense, or has a form that only a later
        softdash reads.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_recipe(path, "The file cannot be read as JSON") from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise _no_recipe(path, "The file is no recipe of a linear correction")
    if document.get("schema_version") not in READABLE_VERSIONS:
        raise InputError(
            f"The recipe has form {document.get('schema_version')!r}; this softdash reads forms "
            f"{' and '.join(map(str, READABLE_VERSIONS))}.",
            where=str(path),
            advice="Install the softdash that wrote it, or make it again.",
        )
    try:
        return CorrectionRecipe.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise _no_recipe(path, f"The recipe is damaged ({place}: {first['msg']})") from error


def _no_recipe(path: Path, what: str) -> InputError:
    return InputError(f"{what}.", where=str(path), advice="Make one with: softdash correct FILE --potential NAME")
