"""All tests of how an upload was read, in the order in which their causes exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.plausibility.belonging import doubt_about_belonging
from softdash.diagnosis.plausibility.crystal_symmetry import doubt_about_symmetry
from softdash.diagnosis.plausibility.evidence import Agreement, Evidence, FrameForces
from softdash.diagnosis.plausibility.force_columns import doubt_about_coarse_forces, doubt_about_columns
from softdash.diagnosis.plausibility.frame_order import doubt_about_frames
from softdash.diagnosis.plausibility.lattice_orientation import (
    Orientation,
    doubt_about_orientation,
    settings_for,
)
from softdash.diagnosis.plausibility.rounding import (
    RoundingEffect,
    doubt_about_rounding,
    rounding_effect,
    with_rounding,
)
from softdash.diagnosis.plausibility.row_order import BEST_REORDERED, doubt_about_order
from softdash.diagnosis.plausibility.units import SLOPE_USUAL_HIGH, SLOPE_USUAL_LOW, doubt_about_unit
from softdash.diagnosis.records import Reading, ReadingDoubt, ReadingProposal
from softdash.errors import Choice, RefusalError
from softdash.potentials.interface import Potential
from softdash.softening import three_digits
from softdash.softening.statistics import SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.readings import Ground, Topic

CONFIRMED_R_SQUARED = 0.8
"""R² from which on agreement confirms an assumed unit or order."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the physics says about how an upload was read.

    Attributes
    ----------
    doubts : tuple of ReadingDoubt
        Worst first.
    tested : tuple of Reading
        Readings that were assumed, and that the forces confirm.
    rounding : RoundingEffect or None
        Of the coordinates on the slope.
    """

    doubts: tuple[ReadingDoubt, ...]
    tested: tuple[Reading, ...]
    rounding: RoundingEffect | None

    def widened(self, statistics: SofteningStatistics) -> SofteningStatistics:
        """Return statistics whose interval holds the rounding too."""
        return with_rounding(statistics, self.rounding)

    def doubts_about(self, statistics: SofteningStatistics) -> tuple[ReadingDoubt, ...]:
        """Return all doubts; coarse coordinates come first, unless another reading explains the forces."""
        coarse = doubt_about_rounding(statistics, self.rounding)
        if coarse is None:
            return self.doubts
        is_explained = any(one.r_squared > BEST_REORDERED for doubt in self.doubts for one in doubt.proposals)
        return (*self.doubts, coarse) if is_explained else (coarse, *self.doubts)

    def in_place_of(self, error: RefusalError) -> RefusalError:
        """Return a refusal of the statistics in the words of the first doubt, which names the cause.

        Its proposals become choices.
        """
        if not self.doubts:
            return error
        doubt = self.doubts[0]
        choices = [Choice(proposal.label, proposal.options) for proposal in doubt.proposals]
        return RefusalError(doubt.headline, where=error.where, advice=doubt.text, choices=choices)


def examine(read: LabelledFrames, pairs: ComparedFrames, potential: Potential) -> Examination:
    """Compare predicted and reference forces under every reading that is not known.

    Needs no prediction beyond those of the diagnosis, for predicted forces turn, and change places, with the structure;
    but for coarse coordinates: one of one frame in ten.

    Parameters
    ----------
    read : LabelledFrames
        The upload, for the grounds of its readings.
    pairs : ComparedFrames
        The frames that the potential computed, at least one.
    potential : Potential
    """

    def predict(atoms: Sequence[Atoms]) -> list[NDArray[np.float64]]:
        return [prediction.forces for prediction in potential.predict(list(atoms), stress=False)]

    doubts, tested = examine_reading(read, pairs)
    effect = rounding_effect(pairs.frames, pairs.predicted, predict)
    return Examination(doubts, tested, effect)


def examine_reading(
    read: LabelledFrames, pairs: ComparedFrames
) -> tuple[tuple[ReadingDoubt, ...], tuple[Reading, ...]]:
    """Return the doubts, and the readings that are confirmed; see `examine`."""
    evidence = _evidence(pairs)
    wrong = doubt_about_columns(evidence) or doubt_about_frames(evidence)
    if wrong is not None:  # the tests below would find something else in it
        return (wrong,), ()
    settings = _settings(read, evidence)
    strongest = max(settings, key=lambda one: abs(one.agreement.r_squared)).agreement
    unit = doubt_about_unit(
        strongest,
        unit=_ground(read, "unit"),
        factor_is_chosen=any(reading.ground == "chosen" for reading in _readings(read, "sign")),
    )
    if unit is not None and strongest.slope < 0:
        # Orientation and order are looked for beside the sign, not in its place.
        evidence = evidence.with_opposite_sign()
        settings = _settings(read, evidence)
    best = settings[0].agreement
    orientation, confirmed = doubt_about_orientation(evidence, is_known=read.orientation_is_known)
    order = None
    if not read.order_is_known and (orientation is None or best.r_squared < CONFIRMED_R_SQUARED):
        order = doubt_about_order(evidence, settings)
    if order is not None and order.code == "order":
        orientation = None  # under another order the cell may lie as it was read
    doubts = _together(unit, [doubt for doubt in (orientation, order) if doubt is not None])
    if not doubts and not (read.order_is_known and read.orientation_is_known):
        belonging = doubt_about_belonging(evidence, best) or doubt_about_symmetry(evidence)
        doubts = [belonging] if belonging else []
    coarse = doubt_about_coarse_forces(evidence)
    doubts += [coarse] if coarse is not None else []
    if doubts:
        return tuple(doubts), ()
    tested = _confirmed(read, best)
    if confirmed is not None:
        tested = [confirmed, *(reading for reading in tested if reading.topic != "orientation")]
    return (), tuple(tested)


def _settings(read: LabelledFrames, evidence: Evidence) -> list[Orientation]:
    """Return the orientations in which the cells may lie, best agreement first."""
    found = settings_for(evidence) if not read.orientation_is_known else settings_for(evidence)[:1]
    return sorted(found, key=lambda one: -one.agreement.r_squared)


def _together(unit: ReadingDoubt | None, others: list[ReadingDoubt]) -> list[ReadingDoubt]:
    """Return the doubts, worst first; what they propose together, one step mends."""
    if unit is None:
        return others
    if not others or not others[0].proposals:
        return [unit, *others]
    factor = unit.proposals[0]
    both = tuple(
        ReadingProposal(
            label=f"{factor.label}; {other.label[0].lower()}{other.label[1:]}",
            options={**factor.options, **other.options},
            slope=abs(other.slope * factor.slope / unit.numbers["slope"]),
            r_squared=other.r_squared,
        )
        for other in others[0].proposals
    )
    return [unit.model_copy(update={"proposals": both}), *others]


def _evidence(pairs: ComparedFrames) -> Evidence:
    """Return the evidence of the frames with forces on both sides that are numbers."""
    frames = [
        FrameForces(
            reference=np.asarray(frame.reference_forces, dtype=np.float64),
            predicted=np.asarray(prediction.forces, dtype=np.float64),
            numbers=np.asarray(frame.atoms.numbers),
            cell=np.asarray(frame.atoms.cell.array),
            positions=np.asarray(frame.atoms.positions),
        )
        for frame, prediction in zip(pairs.frames, pairs.predictions, strict=True)
    ]
    return Evidence.of(frames)


def _readings(read: LabelledFrames, topic: Topic) -> Sequence[Reading]:
    return [reading for reading in read.readings if reading.topic == topic]


def _ground(read: LabelledFrames, topic: Topic) -> Ground:
    """Return the weakest ground of the readings of a topic."""
    grounds = {reading.ground for reading in _readings(read, topic)}
    if "assumed" in grounds:
        return "assumed"
    if "chosen" in grounds:
        return "chosen"
    return "stated" if grounds or read.force_unit_is_stated else "assumed"


def _confirmed(read: LabelledFrames, best: Agreement) -> list[Reading]:
    """Return assumed units, orders and orientations that agreement confirms."""
    if best.r_squared < CONFIRMED_R_SQUARED:
        return []
    agreement = f"With it the potential's forces follow the reference: R² {three_digits(best.r_squared)}"
    found = []
    if _ground(read, "unit") == "assumed" and SLOPE_USUAL_LOW <= best.slope <= SLOPE_USUAL_HIGH:
        slope = f", and a slope of {three_digits(best.slope)}, as benchmark materials have."
        found.append(Reading("unit", "eV/Å", "tested", agreement + slope))
    topics: tuple[tuple[Topic, bool], ...] = (
        ("order", read.order_is_known),
        ("orientation", read.orientation_is_known),
    )
    for topic, is_known in topics:
        assumed = [reading for reading in _readings(read, topic) if reading.ground == "assumed"]
        if assumed and not is_known:
            found.append(Reading(topic, assumed[0].value, "tested", f"{agreement}."))
    return found
