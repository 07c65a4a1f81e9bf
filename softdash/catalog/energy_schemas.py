"""The four tables of computed energies, and beside them what failed and how far the reference is converged."""

from __future__ import annotations

from softdash.catalog.tables import Column, Table, TableSchema

SURFACE_ENERGIES = "energies/surfaces.csv"
DEFECT_ENERGIES = "energies/point_defects.csv"
SOLID_SOLUTION_ENERGIES = "energies/solid_solution.csv"
MIGRATION_ENERGIES = "energies/ion_migration.csv"
ENERGY_FAILURES = "energies/failures.csv"
ENERGY_CONVERGENCE = "energies/convergence.csv"

METAL, IONIC_CRYSTAL, COVALENT_CRYSTAL = "metal", "ionic crystal", "covalent crystal"
MATERIAL_CLASSES = (METAL, IONIC_CRYSTAL, COVALENT_CRYSTAL)
"""Kinds of hosts in the energy tables."""
METHOD_DFT = "DFT"
"""Name of the reference among the methods of the energy tables."""


def _energies(name: str, unit: str, kinds: tuple[str, ...], value: str) -> TableSchema:
    return TableSchema(
        name,
        (
            Column("case_id", "string", "Identifier of the surface, defect, ordering or migration path."),
            Column("material", "string", "Formula of the host."),
            Column("label", "string", "What it is, in words: (100), V_O, Ca fraction 0.5 no. 3, Al vacancy hop."),
            Column("kind", "string", "What the row is.", choices=kinds),
            Column(
                "coordinate",
                "number",
                "Ca fraction, or place along the migration path from 0 to 1; empty otherwise.",
                required=False,
                minimum=0.0,
                maximum=1.0,
            ),
            Column("method", "string", "DFT (softdash's own GPAW PBE), else the potential by its identifier."),
            Column(
                "geometry",
                "string",
                "relaxed: relaxed by the method itself; dft: a single point at the DFT geometry.",
                choices=("relaxed", "dft"),
            ),
            Column("value", "number", value, unit),
            Column("unit", "string", "Unit of value and reference_error.", required=False, choices=(unit,)),
            Column("n_atoms", "integer", "Atoms of the cell.", minimum=1),
            Column("steps", "integer", "Steps of the relaxation.", required=False, minimum=0),
            Column("max_force", "number", "Largest force that was left.", "eV/Å", required=False, minimum=0.0),
            Column("note", "string", "Remark.", required=False),
            Column(
                "material_class",
                "string",
                "Kind of host: slopes and means go over one kind, for the energies of the others are of another size.",
                required=False,
                choices=MATERIAL_CLASSES,
            ),
            Column(
                "reference_error",
                "number",
                "Numerical error of the DFT value of the case (k-points and cut-off), where it is known.",
                unit,
                required=False,
                minimum=0.0,
            ),
            Column(
                "excluded",
                "string",
                "Why the row is left out of slopes, means and shares; empty where it counts.",
                required=False,
            ),
        ),
        key=("case_id", "kind", "coordinate", "method", "geometry"),
    )


COMPUTED_SURFACES = _energies("surface energies", "eV/Å²", ("surface",), "(E_slab − E_bulk)/(2A).")
COMPUTED_DEFECTS = _energies(
    "point-defect energies",
    "eV",
    ("vacancy", "antisite", "interstitial"),
    "E_defect − E_bulk − Σ μ_i ΔN_i, with μ of the elemental phase by the same method.",
)
COMPUTED_SOLID_SOLUTION = _energies(
    "Ca-Mg-O formation energies",
    "eV per formula unit",
    ("ordering",),
    "Energy against the line between MgO and CaO, per CaₓMg₂₋ₓO₂ (two cations).",
)
COMPUTED_MIGRATION = _energies(
    "ion migration energies",
    "eV",
    ("image", "barrier"),
    "image: energy relative to the first image; barrier: the KRA barrier, the largest height of an image above the "
    "straight line between both ends.",
)

ENERGY_TABLES: dict[str, Table] = {
    "surfaces": Table(SURFACE_ENERGIES, COMPUTED_SURFACES),
    "point-defects": Table(DEFECT_ENERGIES, COMPUTED_DEFECTS),
    "solid-solution": Table(SOLID_SOLUTION_ENERGIES, COMPUTED_SOLID_SOLUTION),
    "ion-migration": Table(MIGRATION_ENERGIES, COMPUTED_MIGRATION),
}
"""The table of each energy task, by the task's name."""

_TASK = Column("task", "string", "Task, by its command.", choices=tuple(ENERGY_TABLES))
_CASE = Column("case_id", "string", "Surface, defect, ordering or migration path.")

FAILED_ENERGIES = TableSchema(
    "energies that could not be computed",
    (
        _TASK,
        _CASE,
        Column("method", "string", "DFT, else the potential by its identifier."),
        Column("geometry", "string", "See the tables of energies.", choices=("relaxed", "dft")),
        Column("reason", "string", "Why, in words."),
    ),
    key=("task", "case_id", "method", "geometry"),
)
_CONVERGENCE = TableSchema(
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
)

FAILURES_TABLE = Table(ENERGY_FAILURES, FAILED_ENERGIES)
CONVERGENCE_TABLE = Table(ENERGY_CONVERGENCE, _CONVERGENCE)
