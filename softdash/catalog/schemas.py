"""The tables under ``precomputed/``: their places, columns, units and ranges.

This is the one place where column names stand: the benchmarks write by these schemas, the catalog reads by them, and
``datapackage.json`` repeats them for other programs. Frames and atoms count from 1; frames count within their material,
in the order of the data set's file. Forces are in eV/Å.
"""

from __future__ import annotations

from collections.abc import Iterable

from softdash.catalog.correction_schemas import FINE_TUNING_TABLES, LINEAR_CORRECTION_TABLES
from softdash.catalog.digitised_schemas import (
    DIGITISED_DEFECT_ENERGIES,
    DIGITISED_FORMATION_ENERGIES,
    DIGITISED_PATH,
    DIGITISED_SURFACE_ENERGIES,
    VIOLINS,
)
from softdash.catalog.energy_schemas import COMPUTED_DEFECTS as COMPUTED_DEFECTS
from softdash.catalog.energy_schemas import COMPUTED_MIGRATION as COMPUTED_MIGRATION
from softdash.catalog.energy_schemas import COMPUTED_SOLID_SOLUTION as COMPUTED_SOLID_SOLUTION
from softdash.catalog.energy_schemas import COMPUTED_SURFACES as COMPUTED_SURFACES
from softdash.catalog.energy_schemas import CONVERGENCE_TABLE, ENERGY_TABLES, FAILURES_TABLE
from softdash.catalog.energy_schemas import DEFECT_ENERGIES as DEFECT_ENERGIES
from softdash.catalog.energy_schemas import METHOD_DFT as METHOD_DFT
from softdash.catalog.energy_schemas import MIGRATION_ENERGIES as MIGRATION_ENERGIES
from softdash.catalog.energy_schemas import SOLID_SOLUTION_ENERGIES as SOLID_SOLUTION_ENERGIES
from softdash.catalog.energy_schemas import SURFACE_ENERGIES as SURFACE_ENERGIES
from softdash.catalog.tables import Column, ColumnType, Table, TableSchema
from softdash.softening.quantities import QUANTITIES

DATA_PACKAGE = "datapackage.json"
MATERIALS = "high_energy/materials.csv"
ELEMENT_SLOPES = "high_energy/element_slopes.csv"
FAILURES = "high_energy/failures.csv"
FRAME_SPREADS = "high_energy/frame_spreads.csv"
POINTS_FOLDER = "high_energy/points"
PUBLISHED_VALUES = "published_values.csv"
SOFTENING_SCALE_VIOLINS = "digitised/fig5b_softening_scale_violins.csv"
FREQUENCY_RATIO_VIOLINS = "digitised/fig4b_max_frequency_ratio_violins.csv"
DIGITISED_SURFACES = "digitised/fig2a_surface_energies.csv"
DIGITISED_DEFECTS = "digitised/fig2b_defect_energies.csv"
DIGITISED_SOLID_SOLUTION = "digitised/fig2c_formation_energies.csv"
DIGITISED_MIGRATION_PATH = "digitised/fig3a_migration_path.csv"
BARRIER_DIFFERENCE_VIOLINS = "digitised/fig3b_barrier_difference_violins.csv"
PHONON_MAX_FREQUENCIES = "phonons/max_frequencies.csv"
PHONON_MATERIALS = "phonons/materials.csv"
PHONON_FAILURES = "phonons/failures.csv"
PHONON_BANDS_FOLDER = "phonons/bands"


def points_path(dataset: str, potential: str) -> str:
    """Return the place of the parity points of one data set and one potential."""
    return f"{POINTS_FOLDER}/{dataset}--{potential}.parquet"


def phonon_bands_path(material_id: str) -> str:
    """Return the place of one material's band structures and densities of states."""
    return f"{PHONON_BANDS_FOLDER}/{material_id}.json.gz"


_DATASET = Column("dataset", "string", "Data set the reference forces come from.")
_POTENTIAL = Column("potential", "string", "Potential, by its identifier.")
_MATERIAL = Column("material_id", "string", "Identifier of the compound in its data set.")
_QUANTITIES = {quantity.key: quantity for quantity in QUANTITIES}
_FORMULA = Column("formula", "string", "Reduced chemical formula.")


def _statistic(
    key: str, kind: ColumnType = "number", *, minimum: float | None = None, maximum: float | None = None
) -> Column:
    quantity = _QUANTITIES[key]
    is_fraction = quantity.unit == "%"
    words, unit = (quantity.description, "") if is_fraction else (quantity.definition, quantity.unit)
    return Column(key, kind, words, unit, minimum=minimum, maximum=maximum)


HIGH_ENERGY_MATERIALS = TableSchema(
    "softening scales per material",
    (
        _DATASET,
        _POTENTIAL,
        _MATERIAL,
        _FORMULA,
        Column("elements", "string", "Chemical symbols in alphabetical order, with spaces between."),
        _statistic("frame_count", "integer", minimum=1),
        Column("frames_refused", "integer", "Frames left out; the reasons are in failures.csv.", minimum=0),
        Column(
            "frames_not_shared",
            "string",
            "Frames used here that another potential left out, by number: beside it, the slope rests on other frames.",
            required=False,
        ),
        Column("atom_count", "integer", "Atoms in all frames used, together.", minimum=1),
        _statistic("component_count", "integer", minimum=3),
        _statistic("slope"),
        Column("slope_standard_error", "number", "Standard error of the slope.", required=False, minimum=0.0),
        Column("interval_low", "number", "Lower end of the slope's interval.", required=False),
        Column("interval_high", "number", "Upper end of the slope's interval.", required=False),
        Column(
            "interval_method",
            "string",
            "What was taken as independent for the interval.",
            required=False,
            choices=(
                "jackknife by frame",
                "jackknife by block of frames",
                "spread between frames",
                "cluster by frame",
                "cluster by atom",
            ),
        ),
        _statistic("slope_with_intercept"),
        _statistic("intercept"),
        _statistic("r_squared", maximum=1.0),
        _statistic("rmse", minimum=0.0),
        _statistic("mae", minimum=0.0),
        _statistic("corrected_mae", minimum=0.0),
        _statistic("error_reduction", maximum=1.0),
        _statistic("linear_correction"),
        _statistic("mae_at_linear_correction", minimum=0.0),
        _statistic("huber_slope"),
        _statistic("largest_leverage", minimum=0.0, maximum=1.0),
        Column("leave_one_out_low", "number", "Smallest slope with one frame left out.", required=False),
        Column("leave_one_out_high", "number", "Largest slope with one frame left out.", required=False),
        _statistic("reference_rms", minimum=0.0),
        _statistic("reference_max", minimum=0.0),
        Column(
            "pressure_gpa", "number", "Mean pressure of the frames, where the data set tells it.", "GPa", required=False
        ),
        Column("functional", "string", "Exchange-correlation functional of the reference forces."),
        Column("functional_mismatch", "boolean", "Whether the potential learnt another functional."),
        Column("notices", "string", "Codes of the warnings, with spaces between.", required=False),
    ),
    key=("dataset", "potential", "material_id"),
    ordered=(("interval_low", "slope", "interval_high"), ("leave_one_out_low", "leave_one_out_high")),
)

HIGH_ENERGY_ELEMENT_SLOPES = TableSchema(
    "slopes per element",
    (
        _DATASET,
        _POTENTIAL,
        _MATERIAL,
        Column("element", "string", "Chemical symbol."),
        Column("component_count", "integer", "Force components on atoms of this element.", minimum=3),
        Column("slope", "number", "Slope of the least-squares line with an intercept."),
        Column("interval_low", "number", "Lower end of the slope's interval.", required=False),
        Column("interval_high", "number", "Upper end of the slope's interval.", required=False),
        Column("mae", "number", "Mean absolute error of these components.", "eV/Å", minimum=0.0),
    ),
    key=("dataset", "potential", "material_id", "element"),
    ordered=(("interval_low", "slope", "interval_high"),),
)

HIGH_ENERGY_FRAME_SPREADS = TableSchema(
    "spreads of the slope between frames",
    (
        _POTENTIAL,
        _DATASET,
        Column("material_count", "integer", "Compounds with three or more frames.", minimum=1),
        Column("frame_count", "integer", "Their frames.", minimum=3),
        Column(
            "frame_spread",
            "number",
            "95 % of single frames have a slope within 1.96 times this of the slope of their compound.",
            minimum=0.0,
        ),
        Column(
            "median_deviation",
            "number",
            "Median over compounds of the standard deviation of the slope between frames.",
            minimum=0.0,
        ),
    ),
    key=("potential",),
)

HIGH_ENERGY_FAILURES = TableSchema(
    "frames and materials left out",
    (
        _DATASET,
        _POTENTIAL,
        _MATERIAL,
        Column("frame", "integer", "Frame left out; empty when the whole material is.", required=False, minimum=1),
        Column("reason", "string", "Why, in words."),
    ),
)

_COMPONENTS = tuple(
    Column(f"{side}_{axis}", "number", f"{description} along {axis}, rounded to 0.001.", "eV/Å")
    for side, description in (("reference", "Reference (DFT) force"), ("predicted", "Predicted force"))
    for axis in "xyz"
)

PARITY_POINTS = TableSchema(
    "parity points",
    (
        _MATERIAL,
        Column("frame", "integer", "Frame, counted from 1 within the material.", minimum=1),
        Column("atom", "integer", "Atom, counted from 1 within the frame.", minimum=1),
        Column("element", "string", "Chemical symbol of the atom."),
        *_COMPONENTS,
    ),
)

PUBLISHED = TableSchema(
    "published values",
    (
        Column("model", "string", "Model as the source names it."),
        Column("model_version", "string", "Version of the model, where the source tells it."),
        Column("task", "string", "Benchmark task."),
        Column("metric", "string", "Quantity."),
        Column("value", "number", "Value.", required=False),
        Column("value_text", "string", "The value where it is not one number.", required=False),
        Column("unit", "string", "Unit of the value; empty for dimensionless ones.", required=False),
        Column("n", "integer", "Number of materials, structures or paths behind the value.", required=False, minimum=0),
        Column("functional", "string", "Functional of the reference.", required=False),
        Column("source", "string", "Where it was published."),
        Column("location", "string", "Place in the source."),
        Column(
            "confidence", "string", "How the value was read: in the text, a repository, or digitised from a figure."
        ),
        Column("note", "string", "Remark.", required=False),
        Column("disagreement", "string", "Another value the same source gives for the same quantity.", required=False),
    ),
    key=("model", "model_version", "task", "metric", "source", "location"),
)

_FREQUENCY_RATIO = "Ratio of the model's maximum frequency to that of DFT."

MAX_FREQUENCIES = TableSchema(
    "maximum phonon frequencies of 229 materials",
    (
        _MATERIAL,
        _FORMULA,
        Column("dft_max_frequency", "number", "Maximum phonon frequency, DFT (PBEsol).", "THz", minimum=0.0),
        Column("m3gnet_max_frequency", "number", "The same, M3GNet.", "THz", minimum=0.0),
        Column("chgnet_max_frequency", "number", "The same, CHGNet 0.3.0.", "THz", minimum=0.0),
        Column("mace_max_frequency", "number", "The same, MACE-MP-0.", "THz", minimum=0.0),
        Column("m3gnet_ratio", "number", _FREQUENCY_RATIO, minimum=0.0),
        Column("chgnet_ratio", "number", _FREQUENCY_RATIO, minimum=0.0),
        Column("mace_ratio", "number", _FREQUENCY_RATIO, minimum=0.0),
    ),
    key=("material_id",),
)

RECOMPUTED_PHONONS = TableSchema(
    "recomputed phonons",
    (
        _MATERIAL,
        _FORMULA,
        Column("potential", "string", "Potential, by its identifier; dft for the reference."),
        Column(
            "method",
            "string",
            "relaxed: cell and positions relaxed by the potential; fixed: at the geometry of the reference.",
            choices=("dft", "relaxed", "fixed"),
        ),
        Column("atom_count", "integer", "Atoms of the primitive cell.", minimum=1),
        Column("supercell_atom_count", "integer", "Atoms of the supercell.", minimum=1),
        Column("displacement_count", "integer", "Displaced supercells.", minimum=1),
        Column("max_frequency", "number", "Largest frequency on the q-mesh and the path.", "THz"),
        Column("min_frequency", "number", "Smallest frequency there; imaginary ones are negative.", "THz"),
        Column("has_imaginary_modes", "boolean", "Whether the smallest frequency is below −0.05 THz."),
        Column(
            "dft_max_frequency", "number", "Largest frequency of DFT on the same mesh and path.", "THz", minimum=0.0
        ),
        Column(
            "ratio",
            "number",
            f"{_FREQUENCY_RATIO} Empty where the relaxation did not converge: it may end anywhere.",
            required=False,
        ),
        Column("length_change_percent", "number", "Change of (cell volume)^(1/3) by the relaxation.", "%"),
        Column("has_converged", "boolean", "Whether the relaxation reached 1e-5 eV/Å; true where nothing was relaxed."),
        Column(
            "residual_force",
            "number",
            "Largest force on an atom of the undisplaced cell.",
            "eV/Å",
            required=False,
            minimum=0.0,
        ),
        Column(
            "residual_stress",
            "number",
            "Largest stress component of the undisplaced cell.",
            "eV/Å³",
            required=False,
            minimum=0.0,
        ),
        Column("relaxation_steps", "integer", "Steps of the relaxation.", required=False, minimum=0),
    ),
    key=("material_id", "potential", "method"),
    ordered=(("min_frequency", "max_frequency"),),
)

FAILED_PHONONS = TableSchema(
    "phonons that could not be computed",
    (
        _MATERIAL,
        _POTENTIAL,
        Column("method", "string", "Geometry.", choices=("relaxed", "fixed")),
        Column("reason", "string", "Why, in words."),
    ),
    key=("material_id", "potential", "method"),
)

HIGH_ENERGY_TABLES = (
    Table(MATERIALS, HIGH_ENERGY_MATERIALS, is_optional=False),
    Table(ELEMENT_SLOPES, HIGH_ENERGY_ELEMENT_SLOPES, is_optional=False),
    Table(FAILURES, HIGH_ENERGY_FAILURES, is_optional=False),
    Table(FRAME_SPREADS, HIGH_ENERGY_FRAME_SPREADS),
)
PHONON_TABLES = (
    Table(PHONON_MATERIALS, RECOMPUTED_PHONONS, is_optional=False),
    Table(PHONON_FAILURES, FAILED_PHONONS),
)

CSV_TABLES: dict[str, TableSchema] = {}
"""Every csv table by its path under ``precomputed/``: those below, and what benchmarks add by `add_tables`."""

OPTIONAL_TABLES: set[str] = set()
"""Tables of benchmarks that need not have been run: no damage where they are neither there nor described."""


def add_tables(tables: Iterable[Table]) -> None:
    """Make tables known to the catalog, and so to the API and to all that writes them; those known already are no harm.

    Raises
    ------
    ValueError
        If another table has one of the paths.
    """
    new = tuple(tables)
    for table in new:
        if CSV_TABLES.get(table.path, table.schema) != table.schema:
            raise ValueError(f"the path {table.path!r} is another table's already")
    for table in new:
        CSV_TABLES[table.path] = table.schema
        if table.is_optional:
            OPTIONAL_TABLES.add(table.path)


add_tables(
    (
        *HIGH_ENERGY_TABLES,
        Table(PUBLISHED_VALUES, PUBLISHED, is_optional=False),
        Table(SOFTENING_SCALE_VIOLINS, VIOLINS, is_optional=False),
        Table(FREQUENCY_RATIO_VIOLINS, VIOLINS, is_optional=False),
        Table(PHONON_MAX_FREQUENCIES, MAX_FREQUENCIES, is_optional=False),
        *PHONON_TABLES,
        Table(DIGITISED_SURFACES, DIGITISED_SURFACE_ENERGIES),
        Table(DIGITISED_DEFECTS, DIGITISED_DEFECT_ENERGIES),
        Table(DIGITISED_SOLID_SOLUTION, DIGITISED_FORMATION_ENERGIES),
        Table(DIGITISED_MIGRATION_PATH, DIGITISED_PATH),
        Table(BARRIER_DIFFERENCE_VIOLINS, VIOLINS),
        *ENERGY_TABLES.values(),
        *LINEAR_CORRECTION_TABLES,
        *FINE_TUNING_TABLES,
        FAILURES_TABLE,
        CONVERGENCE_TABLE,
    )
)
