"""What one potential's forces say about one material: statistics, verdict, advice, from frames and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
from softdash.catalog import Catalog
from softdash.diagnosis.advice import advise
from softdash.diagnosis.answer import Limits, reach_answer, settled
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.correction import reference_states
from softdash.diagnosis.other_labels import compare_energies, compare_stresses
from softdash.diagnosis.plausibility.examination import examine
from softdash.diagnosis.population import compare_with_populations, mean_pressure, pressure_offset
from softdash.diagnosis.records import PotentialIdentity, PotentialResult, RefusedFrameRecord
from softdash.diagnosis.several_materials import POOLED
from softdash.diagnosis.suitability import notices_about
from softdash.diagnosis.verdict import Answers, reach_verdict
from softdash.errors import RefusalError
from softdash.potentials.interface import Potential, PotentialCard
from softdash.softening import analyse_forces
from softdash.softening.answers import Influence
from softdash.softening.influence import analyse_influence
from softdash.softening.notices import LABEL_NOISE
from softdash.softening.statistics import Notice, SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrames

RANKED_ITEMS = 10
"""Length of the lists in a report where the settings do not say otherwise."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a diagnosis goes by beside the frames.

    Attributes
    ----------
    catalog : Catalog
        For the comparison with the potential's distribution over benchmark materials.
    ranked_items : int
        Length of the lists of worst atoms, worst frames, outliers and frames worth labelling.
    label_noise : float
        Noise of the reference forces that is reckoned with, eV/Å.
    limits : Limits or None
        What counts as good enough; None for the usual.
    """

    catalog: Catalog
    ranked_items: int = RANKED_ITEMS
    label_noise: float = LABEL_NOISE
    limits: Limits | None = None


def findings_of(
    read: LabelledFrames,
    pairs: ComparedFrames,
    potential: Potential,
    card: PotentialCard,
    identity: PotentialIdentity,
    rules: Rules,
    positions: Sequence[int],
    refused: Sequence[RefusedFrameRecord] = (),
) -> PotentialResult:
    """Return what the forces of one material say.

    Parameters
    ----------
    read : LabelledFrames
        The upload, for the grounds of its readings.
    pairs : ComparedFrames
        Frames of one material, at least one, with predictions.
    potential : Potential
        For the two predictions that coarse coordinates want.
    card : PotentialCard
    identity : PotentialIdentity
    rules : Rules
    positions : sequence of int
        Of all frames of this material in the upload, also of those that the potential could not compute.
    refused : sequence of RefusedFrameRecord
        Frames of this material that the potential could not compute.

    Raises
    ------
    RefusalError
        If no softening scale can be had from these forces.
    """
    by_frame = [set(read.frames[position].atoms.symbols) for position in positions]
    elements, notices = sorted(set().union(*by_frame)), notices_about(card, by_frame, read.functional)
    examined = examine(read, pairs, potential)
    try:
        statistics, influence = _statistics(pairs, rules, known_frame_spread(rules.catalog, card))
    except RefusalError as error:
        raise examined.in_place_of(error) from error
    statistics, doubts = examined.widened(statistics), examined.doubts_about(statistics)
    energies, stresses = compare_energies(pairs), compare_stresses(pairs)
    # A place among benchmark materials would be that of a slope which may not be this material's.
    populations = (
        ()
        if doubts
        else compare_with_populations(
            rules.catalog,
            card,
            statistics,
            elements,
            mean_pressure(pairs.frames),
            notices=notices,
            pressure_offset_gpa=pressure_offset(stresses),
        )
    )
    advice = advise(pairs, statistics, notices, rules.ranked_items, doubts, energies, stresses)
    answer = reach_answer(rules.catalog, card, statistics, notices, advice, doubts, rules.limits)
    advice = settled(advice, answer)
    return PotentialResult(
        potential=identity,
        seconds=0.0,
        statistics=statistics,
        refused=tuple(refused),
        notices=notices,
        populations=populations,
        verdict=reach_verdict(
            card.label,
            statistics,
            notices,
            populations,
            Answers(advice=advice, influence=influence, energies=energies, stresses=stresses, doubts=doubts),
        ),
        energies=energies,
        stresses=stresses,
        influence=influence,
        advice=advice,
        reference_states=reference_states(pairs.frames, [prediction.energy for prediction in pairs.predictions]),
        doubts=doubts,
        tested=examined.tested,
        answer=answer,
    )


def _statistics(
    pairs: ComparedFrames, rules: Rules, frame_spread: float | None
) -> tuple[SofteningStatistics, Influence]:
    statistics = analyse_forces(
        pairs.reference,
        pairs.predicted,
        pairs.numbers,
        frame_names=[frame.origin for frame in pairs.frames],
        label_noise=rules.label_noise,
        frame_spread=frame_spread,
        positions=[frame.atoms.positions for frame in pairs.frames],
    )
    influence = analyse_influence(
        pairs.reference,
        pairs.predicted,
        pairs.numbers,
        statistics,
        positions=pairs.positions,
        listed=rules.ranked_items,
    )
    return in_upload(statistics, pairs), influence


def in_upload(statistics: SofteningStatistics, pairs: ComparedFrames) -> SofteningStatistics:
    """Return statistics that count the frames of the upload, not those that they were given."""
    leverage = statistics.largest_leverage
    return replace(
        statistics,
        largest_leverage=replace(leverage, frame=pairs.positions[leverage.frame]),
        frames=tuple(replace(slope, frame=pairs.positions[slope.frame]) for slope in statistics.frames),
    )


def all_points(pairs: ComparedFrames, rules: Rules) -> SofteningStatistics:
    """Return the statistics of the cloud of all points, without an interval: it is no sample of one material."""
    statistics = analyse_forces(
        pairs.reference,
        pairs.predicted,
        pairs.numbers,
        frame_names=[frame.origin for frame in pairs.frames],
        label_noise=rules.label_noise,
        relaxation=False,
    )
    return replace(
        in_upload(statistics, pairs),
        slope_standard_error=None,
        slope_interval=None,
        no_interval_reason="several_materials",
        effective_frames=None,
        notices=(Notice("several_materials", POOLED),),
    )
