"""The tables of linear correction and fine-tuning (the paper's Fig. 6a), under ``precomputed/correction/``."""

from __future__ import annotations

from softdash.catalog.tables import Column, Table, TableSchema

LINEAR_CORRECTION = "correction/linear_correction.csv"
FINE_TUNING = "correction/fine_tuning.csv"
FINE_TUNING_EPOCHS = "correction/fine_tuning_epochs.csv"
FINE_TUNING_POINTS_FOLDER = "correction/points"

LABEL_KINDS = ("component", "atom", "frame")
TEST, TRAIN_BOTH, TRAIN_LARGER, VALIDATION_LARGER = "test", "training", "training, larger set", "validation, larger set"


def fine_tuning_points_path(system: str) -> str:
    """Return the place of the forces of one system: DFT, pretrained and fine-tuned."""
    return f"{FINE_TUNING_POINTS_FOLDER}/{system}.parquet"


def _force(name: str, description: str) -> Column:
    return Column(name, "number", description, "eV/Å", minimum=0.0)


def _quartiles(name: str, description: str) -> tuple[Column, ...]:
    places = (("low", "Lower quartile"), ("median", "Median"), ("high", "Upper quartile"))
    return tuple(Column(f"{name}_{key}", "number", f"{word} over the draws: {description}") for key, word in places)


LINEAR_CORRECTIONS = TableSchema(
    "linear corrections from few labels",
    (
        Column("dataset", "string", "Data set the reference forces come from."),
        Column("potential", "string", "Potential, by its identifier."),
        Column("material_id", "string", "Identifier of the compound in its data set."),
        Column("formula", "string", "Reduced chemical formula."),
        Column("label_kind", "string", "What one label is.", choices=LABEL_KINDS),
        Column("label_count", "integer", "How many of them c is fitted to.", minimum=1),
        Column("frame_count", "integer", "Frames of the material; those without a label are the test.", minimum=2),
        Column("draws", "integer", "Choices of the labels: random ones, or each possible one once.", minimum=1),
        Column("slope", "number", "Softening scale of all frames, before the correction."),
        Column("r_squared", "number", "R² of all frames: also the slope after the best factor.", maximum=1.0),
        Column("best_factor", "number", "c* = Σxy/Σy² over all frames."),
        Column("inverse_slope", "number", "1/s over all frames: the factor that makes the slope 1."),
        _force("mae", "Mean absolute error of all frames, before the correction."),
        _force("mae_at_best_factor", "The same after c*."),
        *_quartiles("factor", "c fitted to the labels."),
        *_quartiles("slope_after", "softening scale of the test frames after c."),
        *_quartiles("error_ratio", "MAE of the test frames after c, divided by that before."),
        Column("worse_share", "number", "Share of draws that make the MAE larger.", minimum=0.0, maximum=1.0),
        Column(
            "worse_low",
            "number",
            "Lower end of its 95 % interval (Wilson, over random draws; the share itself where each choice was taken).",
            minimum=0.0,
            maximum=1.0,
        ),
        Column("worse_high", "number", "Upper end of that interval.", minimum=0.0, maximum=1.0),
    ),
    key=("dataset", "potential", "material_id", "label_kind", "label_count"),
    ordered=(
        ("factor_low", "factor_median", "factor_high"),
        ("slope_after_low", "slope_after_median", "slope_after_high"),
        ("error_ratio_low", "error_ratio_median", "error_ratio_high"),
        ("worse_low", "worse_share", "worse_high"),
    ),
)

_SYSTEM = Column("system", "string", "System, by its identifier.")
_SEED = Column("seed", "integer", "Draw of the training frames.", minimum=0)
_TRAIN_FRAMES = Column("train_frames", "integer", "Labelled frames used, those held out included.", minimum=0)

FINE_TUNINGS = TableSchema(
    "fine-tuning of CHGNet",
    (
        _SYSTEM,
        Column("label", "string", "Name of the system for people."),
        Column("formula", "string", "Reduced chemical formula."),
        Column("dataset", "string", "Data set the labels come from."),
        Column("functional", "string", "Functional of the labels."),
        Column("note", "string", "What the frames are."),
        Column(
            "method",
            "string",
            "pretrained: CHGNet 0.3.0 as it is; scalar: times one factor; fine-tuned: all parameters fitted.",
            choices=("pretrained", "scalar", "fine-tuned"),
        ),
        _TRAIN_FRAMES,
        Column("validation_frames", "integer", "Of these, held out to choose the epoch.", minimum=0),
        _SEED,
        Column("test_frames", "integer", "Frames of the test set, the same for all methods and seeds.", minimum=1),
        Column("component_count", "integer", "Force components of the test set.", minimum=3),
        Column("slope", "number", "Softening scale of the test frames."),
        Column("interval_low", "number", "Lower end of its 95 % interval (jackknife over frames).", required=False),
        Column("interval_high", "number", "Upper end of that interval.", required=False),
        Column("r_squared", "number", "R² of the test frames.", maximum=1.0),
        _force("mae", "Mean absolute error of the test frames."),
        _force("corrected_mae", "Mean absolute error after division by the slope (the paper's cMAE)."),
        Column("linear_correction", "number", "c* = Σxy/Σy² of the test frames: what a factor could still do."),
        _force("mae_at_linear_correction", "Mean absolute error after multiplication by c*."),
        Column("factor", "number", "The factor applied (scalar only), fitted to the training frame.", required=False),
        Column("epoch", "integer", "Epoch whose weights were taken (fine-tuned only).", required=False, minimum=1),
        Column(
            "energy_offset", "number", "Taken off the labels' energies (fine-tuned only).", "eV/atom", required=False
        ),
    ),
    key=("system", "method", "train_frames", "seed"),
    ordered=(("interval_low", "slope", "interval_high"),),
)

FINE_TUNING_CURVES = TableSchema(
    "force errors per epoch",
    (
        _SYSTEM,
        _TRAIN_FRAMES,
        _SEED,
        Column("epoch", "integer", "Epoch, from 1.", minimum=1),
        _force("train_mae", "Mean absolute force error of the training frames, while the weights change."),
        Column(
            "validation_mae",
            "number",
            "The same of the held-out frames, after the epoch; empty without any.",
            "eV/Å",
            required=False,
            minimum=0.0,
        ),
    ),
    key=("system", "train_frames", "seed", "epoch"),
)

FORCE_SETS = ("reference", "pretrained", "smaller", "larger")

FINE_TUNING_POINTS = TableSchema(
    "forces before and after fine-tuning",
    (
        Column("frame", "integer", "Frame, counted from 1 within the system.", minimum=1),
        Column("atom", "integer", "Atom, counted from 1 within the frame.", minimum=1),
        Column("element", "string", "Chemical symbol of the atom."),
        Column(
            "part",
            "string",
            "What the frame was used for; the frame of the smaller training set belongs to the larger one too.",
            choices=(TEST, TRAIN_BOTH, TRAIN_LARGER, VALIDATION_LARGER),
        ),
        *(
            Column(f"{forces}_{axis}", "number", f"{words} along {axis}, rounded to 0.001.", "eV/Å")
            for forces, words in zip(
                FORCE_SETS,
                (
                    "Reference (DFT) force",
                    "Force by the pretrained potential",
                    "Force after fine-tuning on the smaller training set",
                    "Force after fine-tuning on the larger training set",
                ),
                strict=True,
            )
            for axis in "xyz"
        ),
    ),
)

LINEAR_CORRECTION_TABLES = (Table(LINEAR_CORRECTION, LINEAR_CORRECTIONS),)
FINE_TUNING_TABLES = (Table(FINE_TUNING, FINE_TUNINGS), Table(FINE_TUNING_EPOCHS, FINE_TUNING_CURVES))
