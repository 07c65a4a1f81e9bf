"""Values from the literature as one table, never mixed with recomputed ones.

Input is a list of facts (``published.json``): model, version, task, metric, value, unit, n, functional, source,
location, confidence, note. Where a source gives two values for one quantity (its text and its figure, two counts),
the column ``disagreement`` says so in a sentence beside each of them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from softdash.benchmarks.data.tables import write_table
from softdash.catalog.resources import ReferenceSource
from softdash.catalog.schemas import PUBLISHED, PUBLISHED_VALUES
from softdash.errors import ReferenceDataError

# Units as the facts write them, and as softdash does; any other unit is a mistake in the facts.
UNITS = {
    "-": "",
    "%": "%",
    "A": "Å",
    "count": "",
    "eV": "eV",
    "eV/A": "eV/Å",
    "eV/A^2": "eV/Å²",
    "eV/f.u.": "eV/f.u.",
    "K": "K",
    "meV": "meV",
    "meV/A": "meV/Å",
    "ps": "ps",
    "THz": "THz",
    "x": "",
}
_TEXT_VARIANT = "_text_variant"
_WBM_COUNTS = "WBM_high_energy_dataset"
_SOURCE = ReferenceSource(
    title="Deng et al., npj Comput. Mater. 11, 9 (2025), and later literature; each row names its source",
    path="https://doi.org/10.1038/s41524-024-01500-6",
)


class PublishedFact(BaseModel):
    """One published value, as collected. `value` is None for what was looked for and not found."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str
    model_version: str
    task: str
    metric: str
    value: float | str | list[float] | None
    unit: str
    n: int | None
    functional: str
    source: str
    location: str
    confidence: str
    note: str = ""

    def shown(self) -> str:
        """Return the value as a person would write it."""
        if isinstance(self.value, list):
            return " → ".join(f"{v:g}" for v in self.value)
        return self.value if isinstance(self.value, str) else f"{self.value:g}"


def read_facts(path: Path) -> list[PublishedFact]:
    """Read the facts.

    Raises
    ------
    ReferenceDataError
        If the file is missing or a fact is incomplete, naming the first one.
    """
    try:
        return TypeAdapter(list[PublishedFact]).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ReferenceDataError("The published values are missing.", where=str(path)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ", ".join(str(part) for part in first["loc"][:2])
        raise ReferenceDataError(f"A published value is wrong: {first['msg']} ({place}).", where=str(path)) from error


def published_table(facts: list[PublishedFact]) -> pd.DataFrame:
    """Return the facts as a table of `softdash.catalog.schemas.PUBLISHED`.

    Raises
    ------
    ReferenceDataError
        If a unit is unknown, a confidence is missing, or two facts stand for the same quantity.
    """
    sentences = _disagreements(facts)
    table = pd.DataFrame([_row(fact) | {"disagreement": sentences.get(_key(fact))} for fact in facts])
    return PUBLISHED.typed(table, "published values")


def write_published_values(source: Path, precomputed_dir: Path) -> pd.DataFrame:
    """Write ``published_values.csv`` and its entry in ``datapackage.json``.

    Parameters
    ----------
    source : pathlib.Path
        ``paper/published.json`` of the reference data.
    """
    table = published_table(read_facts(source))
    description = (
        "Values published in the paper and in later literature, each with source, place and confidence; "
        "nothing here was computed by softdash."
    )
    write_table(precomputed_dir, PUBLISHED_VALUES, table, description=description, licence="CC0-1.0", sources=[_SOURCE])
    return table


def _row(fact: PublishedFact) -> dict[str, Any]:
    if fact.unit not in UNITS:
        raise ReferenceDataError(
            f"The unit {fact.unit!r} of {fact.metric} ({fact.task}) is unknown.",
            where="published values",
            advice=f"Use one of {', '.join(UNITS)}, or add it to UNITS.",
        )
    if not fact.confidence:
        raise ReferenceDataError(f"{fact.metric} ({fact.task}) has no confidence.", where="published values")
    is_number = isinstance(fact.value, float) and math.isfinite(fact.value)
    return {
        **fact.model_dump(),
        "value": fact.value if is_number else None,
        "value_text": None if is_number or fact.value is None else fact.shown(),
        "unit": UNITS[fact.unit] or None,
        "functional": None if fact.functional == "-" else fact.functional,
        "note": fact.note or None,
    }


def _key(fact: PublishedFact) -> tuple[str, ...]:
    return fact.model, fact.model_version, fact.task, fact.metric, fact.source, fact.location


def _disagreements(facts: list[PublishedFact]) -> dict[tuple[str, ...], str]:
    """Return a sentence for each fact that another fact of its source contradicts."""
    return {**_count_disagreements(facts), **_dataset_size_disagreements(facts), **_value_disagreements(facts)}


def _value_disagreements(facts: list[PublishedFact]) -> dict[tuple[str, ...], str]:
    """Pair each ``…_text_variant`` with the figure's value of the same model and task."""
    sentences = {}
    for variant in (fact for fact in facts if fact.metric.endswith(_TEXT_VARIANT)):
        metric = variant.metric.removesuffix(_TEXT_VARIANT)
        # The version string of a fine-tuned model is worded differently in text and figure: it does not identify it.
        shown = [
            fact
            for fact in facts
            if (fact.model, fact.task, fact.metric) == (variant.model, variant.task, metric)
            and (variant.model_version == fact.model_version or variant.model_version in fact.model_version)
        ]
        for fact in shown:
            sentences[_key(fact)] = f"The text gives {variant.shown()} (shown here: the value of {fact.location})."
            sentences[_key(variant)] = f"{fact.location} gives {fact.shown()}, which softdash shows."
    return sentences


def _count_disagreements(facts: list[PublishedFact]) -> dict[tuple[str, ...], str]:
    """Pair ``…_text`` with ``…_caption`` counts, and mark every fact of that task that rests on either count."""
    sentences = {}
    for text in (fact for fact in facts if fact.metric.endswith("_text")):
        caption_metric = text.metric.removesuffix("_text") + "_caption"
        for caption in (f for f in facts if (f.task, f.source, f.metric) == (text.task, text.source, caption_metric)):
            if caption.value == text.value:
                continue
            sentence = f"Counted as {caption.shown()} in the {caption.location} and as {text.shown()} in the text."
            for fact in facts:
                if (fact.task, fact.source) == (text.task, text.source) and fact.n in (caption.value, text.value):
                    sentences[_key(fact)] = sentence
    return sentences


def _dataset_size_disagreements(facts: list[PublishedFact]) -> dict[tuple[str, ...], str]:
    """Mark the facts on the WBM high-energy states, whose number of materials is told differently."""
    counts = [fact for fact in facts if fact.task == _WBM_COUNTS and fact.metric.startswith("n_materials")]
    if len({fact.value for fact in counts}) < 2:
        return {}
    told = "; ".join(f"{fact.shown()} ({fact.source.split(',')[0]})" for fact in counts)
    sentence = f"Number of materials as told: {told}."
    return {_key(fact): sentence for fact in facts if fact.n in {c.value for c in counts} and "WBM" in fact.task}
