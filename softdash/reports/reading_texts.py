"""How files were read, and doubts about it, as text for pages, files and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from softdash.diagnosis.records import PotentialResult, Reading, ReadingProposal, Understanding

TOPIC_NAMES = {
    "unit": "Unit of forces",
    "sign": "Sign",
    "columns": "Columns",
    "order": "Order of atoms",
    "orientation": "Orientation",
    "structure": "Structure",
    "frames": "Frames and forces",
    "coordinates": "Coordinates",
    "materials": "Materials",
}
"""Topics of readings in the order in which they are shown."""

GROUND_MEANINGS = {
    "stated": "The files say it.",
    "assumed": "The files do not say it; the usual was taken.",
    "tested": "Compared with something else in the upload, or with the physics.",
    "chosen": "Decided by whoever uploaded the files.",
    "in doubt": "The forces contradict it.",
}

_DOUBTED = {
    "unit": "unit",
    "gradients": "sign",
    "orientation": "orientation",
    "order": "order",
    "some_rows": "order",
    "equilibrium_structure": "frames",
    "unrelated": "frames",
    "columns": "columns",
    "rounding": "coordinates",
}
"""What a doubt is about, by its code."""


@dataclass(frozen=True, slots=True)
class ShownReading:
    """All that was understood about one topic.

    Attributes
    ----------
    topic : str
        Key of `TOPIC_NAMES`.
    value : str
    ground : str
        Key of `GROUND_MEANINGS`.
    details : tuple of str
        Sentences.
    """

    topic: str
    value: str
    ground: str
    details: tuple[str, ...]

    @property
    def name(self) -> str:
        """The topic for people."""
        return TOPIC_NAMES.get(self.topic, self.topic.capitalize())


def shown_readings(understanding: Understanding, results: Sequence[PotentialResult] = ()) -> list[ShownReading]:
    """Return what was understood, one entry per topic.

    Parameters
    ----------
    understanding : Understanding
    results : sequence of PotentialResult
        Of the report: what they tested takes the place of what was read, and what they doubt is marked.
    """
    tested = {reading.topic: reading for result in results for reading in result.tested}
    doubted = {_DOUBTED[doubt.code] for result in results for doubt in result.doubts}
    by_topic: dict[str, list[Reading]] = {}
    for reading in (*_unit_of(understanding), *understanding.readings):
        by_topic.setdefault(reading.topic, []).append(reading)
    by_topic |= {topic: [reading] for topic, reading in tested.items() if topic not in doubted}
    places = {topic: place for place, topic in enumerate(TOPIC_NAMES)}
    return [
        _joined(topic, by_topic[topic], topic in doubted)
        for topic in sorted(by_topic, key=lambda topic: places.get(topic, len(places)))
    ]


def proposal_numbers(proposal: ReadingProposal) -> str:
    """Return what comes out of a proposal: ``"slope 0.871, R² 0.98"``."""
    return f"slope {proposal.slope:.3f}, R² {proposal.r_squared:.2f}".replace("-", "−")


def _unit_of(understanding: Understanding) -> tuple[Reading, ...]:
    """Return the unit where no reading says it: reports of before had no readings."""
    if any(reading.topic == "unit" for reading in understanding.readings):
        return ()
    value, _, how = understanding.force_unit.partition(" (")
    how = how.removesuffix(")")
    if understanding.force_unit_is_stated:
        return (Reading("unit", value, "stated", f"{how[:1].upper()}{how[1:]}." if how else ""),)
    if how == "chosen":
        return (Reading("unit", value, "chosen", ""),)
    return (Reading("unit", value, "assumed", ""),) if how == "assumed" else ()


def _joined(topic: str, readings: Sequence[Reading], is_doubted: bool) -> ShownReading:
    """Return one entry of what several files may have said differently; the weakest ground stands for all."""
    weakest = ("assumed", "chosen", "tested", "stated")
    ground = "in doubt" if is_doubted else min((one.ground for one in readings), key=weakest.index)
    values = dict.fromkeys(one.value for one in readings if one.value)
    details = dict.fromkeys(one.detail for one in readings if one.detail)
    return ShownReading(topic, "; ".join(values), ground, tuple(details))
