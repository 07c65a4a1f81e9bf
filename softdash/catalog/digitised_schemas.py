"""The tables of values read off the paper's figures, under ``precomputed/digitised/``."""

from __future__ import annotations

from softdash.catalog.paper_models import PAPER_MODELS
from softdash.catalog.tables import Column, TableSchema

_LABEL = Column("label", "string", "How the numbers were obtained.", choices=("digitised",))
_PAPER_METHODS = ("DFT", *PAPER_MODELS)

VIOLINS = TableSchema(
    "a digitised violin",
    (
        Column("model", "string", "Model."),
        Column("value", "number", "Value on the violin's axis."),
        Column("unit", "string", "Of the value; 1 for a ratio or a slope.", required=False, choices=("eV", "1")),
        Column(
            "relative_density",
            "number",
            "Half width of the violin there, in a unit of its own.",
            minimum=0.0,
        ),
        _LABEL,
    ),
    key=("model", "value"),
)


def _digitised_energies(name: str, unit: str, *leading: Column, complete: bool = True) -> TableSchema:
    """One row per point of a figure of the paper; without `complete`, points of some methods may be missing."""
    energies = tuple(
        Column(f"{name.lower()}_energy", "number", f"Energy by {name}.", unit, required=complete or name == "DFT")
        for name in _PAPER_METHODS
    )
    return TableSchema(name, (*leading, *energies, _LABEL), key=(leading[0].name,))


_POINT = Column("point", "integer", "Point of the figure, in the order of its DFT energy.", minimum=0)
_IS_COMPLETE = Column("is_complete", "boolean", "Whether the points of all three models were found for this one.")

DIGITISED_SURFACE_ENERGIES = _digitised_energies(
    "surface energies digitised from Fig. 2a", "eV/Å²", _POINT, _IS_COMPLETE, complete=False
)
DIGITISED_DEFECT_ENERGIES = _digitised_energies(
    "point-defect energies digitised from Fig. 2b", "eV", _POINT, _IS_COMPLETE, complete=False
)
DIGITISED_FORMATION_ENERGIES = _digitised_energies(
    "formation energies digitised from Fig. 2c",
    "eV per formula unit",
    Column("ordering", "integer", "Cation ordering; one row holds its energies by all four methods.", minimum=0),
    Column("ca_fraction", "number", "x/2 in CaₓMg₂₋ₓO₂.", minimum=0.0, maximum=1.0),
)
DIGITISED_PATH = _digitised_energies(
    "a migration path digitised from Fig. 3a",
    "eV",
    Column("image", "integer", "Image along the path, from 0.", minimum=0),
)
