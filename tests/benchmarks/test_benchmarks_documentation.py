"""``docs/benchmarks.md``: every task is there, and its numbers are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from softdash.benchmarks.correction.chgnet_training import Hyperparameters
from softdash.benchmarks.correction.linear_correction import (
    DRAWS,
    FRAME_COUNTS,
    LARGEST_PRESSURE,
    SMALLEST_FRAMES,
    SMALLEST_REFERENCE_RMS,
)
from softdash.benchmarks.data.datasets import dataset
from softdash.benchmarks.energies.potential_energies import STEPS_MAX
from softdash.benchmarks.energies.protocol import CELL_TOLERANCE, POSITION_TOLERANCE, SLAB_THICKNESS, VACUUM_LENGTH
from softdash.benchmarks.phonons.forces import DISPLACEMENT
from softdash.benchmarks.registry import tasks
from softdash.benchmarks.relaxation import FORCE_TOLERANCE
from softdash.benchmarks.sampling.sample_states import SamplingSettings
from softdash.catalog.schemas import CSV_TABLES

ROOT = Path(__file__).parents[2]
TEXT = " ".join((ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8").split())
TUNING = Hyperparameters()
SAMPLING = SamplingSettings()
STRAINED = sum(strain != 0 for strain in SAMPLING.strains)
COUNTS = f"{', '.join(map(str, FRAME_COUNTS[:-1]))} and {FRAME_COUNTS[-1]}"


def test_every_task_has_its_row() -> None:
    for task in tasks():
        assert f"| `{task.name}` |" in TEXT
    assert "`softdash benchmark sample-states FILE`" in TEXT
    assert "`softdash benchmark all`" in TEXT


def test_every_table_belongs_to_a_task_or_to_the_paper_and_the_reference() -> None:
    written = {table.path for task in tasks() for table in task.tables}
    others = set(CSV_TABLES) - written
    assert written < set(CSV_TABLES)
    assert {path for path in others if not path.startswith("digitised/")} == {
        "published_values.csv",
        "phonons/max_frequencies.csv",
        "energies/convergence.csv",
    }


@pytest.mark.parametrize(
    "sentence",
    [
        f"no force component reaches {dataset('mptrj-1k').smallest_reference_max:g} eV/Å",
        f"relaxes the cell to {FORCE_TOLERANCE:g} eV/Å",
        f"displaced by {DISPLACEMENT:g} Å",
        f"to {POSITION_TOLERANCE:g} eV/Å ({CELL_TOLERANCE:g} where the cell relaxes), in at most {STEPS_MAX} steps",
        f"at least {SLAB_THICKNESS:g} Å thick with at least {VACUUM_LENGTH:g} Å of vacuum",
        f"at least {SMALLEST_FRAMES} frames",
        f"forces of at least {SMALLEST_REFERENCE_RMS:g} eV/Å and less than {LARGEST_PRESSURE:g} GPa",
        f"{COUNTS} frames are drawn {DRAWS} times",
        f"{TUNING.epochs} epochs, Adam from {TUNING.learning_rate:g} to {TUNING.final_learning_rate:g} along",
        f"weights {TUNING.energy_weight:g} (energy) and {TUNING.force_weight:g} (forces)",
        f"a share of {TUNING.validation_share:g} for validation",
        f"constant volume at {SAMPLING.temperature:g} K for {SAMPLING.time_ps:g} ps",
        f"after {SAMPLING.equilibration_ps:g} ps of equilibration, {SAMPLING.frame_count} frames",
        f"±{100 * SAMPLING.strain:g} % strain on {STRAINED} of them",
    ],
)
def test_numbers_are_those_of_the_code(sentence: str) -> None:
    assert sentence in TEXT


def test_the_readme_leads_here() -> None:
    assert "docs/benchmarks.md" in (ROOT / "README.md").read_text(encoding="utf-8")
