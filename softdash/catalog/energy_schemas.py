"""Tables beside the four of computed energies: what failed, and how far the reference is converged."""

from __future__ import annotations

from softdash.catalog.tables import Column, TableSchema

ENERGY_FAILURES = "energies/failures.csv"
ENERGY_CONVERGENCE = "energies/convergence.csv"

_TASK = Column(
    "task",
    "string",
    "Task, by its command.",
    choices=("surfaces", "point-defects", "solid-solution", "ion-migration"),
)
_CASE = Column("case_id", "string", "Surface, defect, ordering or migration path.")

ENERGY_TABLES: dict[str, TableSchema] = {
    ENERGY_FAILURES: TableSchema(
        "energies that could not be computed",
        (
            _TASK,
            _CASE,
            Column("method", "string", "DFT, else the potential by its identifier."),
            Column("geometry", "string", "See the tables of energies.", choices=("relaxed", "dft")),
            Column("reason", "string", "Why, in words."),
        ),
        key=("task", "case_id", "method", "geometry"),
    ),
    ENERGY_CONVERGENCE: TableSchema(
        "convergence of the reference energies",
        (
            _TASK,
            _CASE,
            Column("setting", "string", "What was changed: nothing, the cut-off, or the k-points."),
            Column("value", "number", "Unrelaxed: all settings at one geometry, that of the reference."),
            Column("difference", "number", "From the value at the reference's settings."),
            Column("unit", "string", "Of both."),
            Column("details", "string", "Settings of the largest cell."),
        ),
        key=("task", "case_id", "setting"),
    ),
}
"""Tables by their path under ``precomputed/``; none of them need be there."""
