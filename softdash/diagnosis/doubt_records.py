"""Doubts about how files were read, and other readings that fit better: records only."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


DoubtCode = Literal[
    "unit",
    "gradients",
    "orientation",
    "order",
    "some_rows",
    "equilibrium_structure",
    "unrelated",
    "columns",
    "rounding",
]


class ReadingProposal(_Record):
    """Another reading of the files that fits better: the options that take it, and what comes out of it.

    Attributes
    ----------
    label : str
        What a button says: ``"Read the forces in Ha/bohr"``.
    options : dict
        Fields of `ReadOptions` and their values; the other options of the upload stay.
    slope, r_squared : float
        Of this potential's forces against the reference read that way.
    """

    label: str
    options: dict[str, Any]
    slope: float
    r_squared: float


class ReadingDoubt(_Record):
    """The physics contradicts how the files were read; while it stands there is no verdict on softening.

    Attributes
    ----------
    code : str
        ``unit`` (a factor between units), ``gradients`` (sign), ``orientation`` (of the cell), ``order`` (of the
        atoms), ``some_rows`` (a few rows stand in each other's place), ``equilibrium_structure`` (forces of another
        frame than the structure, which is relaxed), ``unrelated`` (nothing connects forces and structure), ``columns``
        (a column is there twice), ``rounding`` (coarse coordinates or forces decide the slope).
    headline : str
        In place of the verdict's.
    text : str
        What was found, and what to do.
    numbers : dict
        That the text rests on.
    proposals : tuple of ReadingProposal
        Best first; empty where nothing fits clearly.
    """

    code: DoubtCode
    headline: str
    text: str
    numbers: dict[str, float]
    proposals: tuple[ReadingProposal, ...] = ()
