"""From frames to a result: a frame that a potential cannot compute costs that frame alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

import softdash.diagnosis.analysis as analysis
from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse
from softdash.errors import PredictionError
from softdash.potentials.interface import Prediction, Progress
from softdash.potentials.registry import card, load_potential
from softdash.softening import analyse_forces
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames


def labelled(count: int, symbol: str = "Cu") -> LabelledFrames:
    generator = np.random.default_rng(1)
    frames = []
    for number in range(count):
        atoms = bulk(symbol, "fcc", a=3.6, cubic=True)
        atoms.rattle(0.1, seed=number)
        forces = generator.normal(size=(len(atoms), 3))
        frames.append(LabelledFrame(atoms, forces, f"run.extxyz, frame {number + 1}"))
    return LabelledFrames(tuple(frames), (), "extended XYZ", functional="PBE")


class Fussy:
    """Effective medium theory that refuses some frames, known by their first coordinate."""

    def __init__(self, refused: Sequence[Atoms], not_finite: Sequence[Atoms] = ()) -> None:
        self._refused = {atoms.positions.tobytes() for atoms in refused}
        self._not_finite = {atoms.positions.tobytes() for atoms in not_finite}
        self._inner = load_potential("emt")

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        answers = []
        for position, atoms in enumerate(frames):
            if atoms.positions.tobytes() in self._refused:
                raise PredictionError("An atom is isolated.", where=f"frame {position + 1}")
            answers += self._inner.predict([atoms], stress=stress)
            if atoms.positions.tobytes() in self._not_finite:
                answers[-1].forces[0, 0] = np.nan
            if progress is not None:
                progress(position + 1, len(frames))
        return answers


@pytest.fixture
def empty_catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path)


def test_all_frames_at_once_give_the_statistics_of_the_forces(empty_catalog: Catalog) -> None:
    frames = labelled(4)
    done = analyse(frames, card("emt"), empty_catalog)
    own = [load_potential("emt").predict([frame.atoms])[0].forces for frame in frames.frames]
    for prediction, expected in zip(done.predictions, own, strict=True):
        assert prediction is not None
        np.testing.assert_array_equal(prediction.forces, expected)
    expected_statistics = analyse_forces(
        [frame.reference_forces for frame in frames.frames],
        own,
        [frame.atoms.numbers for frame in frames.frames],
        [frame.origin for frame in frames.frames],
    )
    assert done.result.statistics == expected_statistics
    assert done.result.populations == ()


def test_refused_frames_cost_themselves_and_places_stay_those_of_the_upload(
    empty_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = labelled(9)
    bad, not_finite = (2, 7), (5,)
    fussy = Fussy([frames.frames[i].atoms for i in bad], [frames.frames[i].atoms for i in not_finite])
    monkeypatch.setattr(analysis, "load_card", lambda _card: fussy)
    seen: list[tuple[int, int]] = []
    done = analyse(frames, card("emt"), empty_catalog, progress=lambda *counts: seen.append(counts))
    result = done.result
    assert [position for position, prediction in enumerate(done.predictions) if prediction is None] == [2, 5, 7]
    assert [refused.origin for refused in result.refused] == [f"run.extxyz, frame {n}" for n in (3, 6, 8)]
    assert "isolated" in result.refused[0].reason
    assert result.statistics is not None
    assert result.statistics.frame_count == 6
    assert [frame.frame for frame in result.statistics.frames] == [0, 1, 3, 4, 6, 8]
    leverage = result.statistics.largest_leverage
    largest = max((abs(frames.frames[i].reference_forces).max(), i) for i in (0, 1, 3, 4, 6, 8))
    assert leverage.frame == largest[1]
    assert seen[-1] == (9, 9)
    assert all(total == 9 for _, total in seen)


def test_when_no_frame_can_be_computed_the_potential_fails_with_its_reason(
    empty_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = labelled(3)
    monkeypatch.setattr(analysis, "load_card", lambda _card: Fussy([f.atoms for f in frames.frames]))
    with pytest.raises(PredictionError, match=r"isolated.*") as caught:
        analyse(frames, card("emt"), empty_catalog)
    assert "2 more frames" in (caught.value.where or "")


def test_a_classical_potential_without_parameters_is_refused_before_computing(empty_catalog: Catalog) -> None:
    with pytest.raises(PredictionError, match="does not know Ar"):
        analyse(labelled(2, "Ar"), card("emt"), empty_catalog)


def test_progress_may_stop_the_computation(empty_catalog: Catalog) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        analyse(labelled(5), card("emt"), empty_catalog, progress=stop)


class Watched:
    """Effective medium theory that remembers how many frames were asked for with and without stress."""

    def __init__(self) -> None:
        self.asked = {True: 0, False: 0}
        self._inner = load_potential("emt")

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        self.asked[stress] += len(frames)
        return self._inner.predict(frames, stress=stress, progress=progress)


def test_stresses_are_computed_only_where_they_can_be_compared(
    empty_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = labelled(6).frames
    mixed = tuple(
        replace(frame, reference_stress=0.01 * np.eye(3) * place, reference_energy=float(place))
        if place in (1, 2, 4)
        else frame
        for place, frame in enumerate(frames)
    )
    watched = Watched()
    monkeypatch.setattr(analysis, "load_card", lambda _card: watched)
    seen: list[tuple[int, int]] = []
    done = analyse(
        LabelledFrames(mixed, (), "extended XYZ"),
        card("emt"),
        empty_catalog,
        progress=lambda *counts: seen.append(counts),
    )
    assert watched.asked == {True: 3, False: 3}
    assert [p is not None and p.stress is not None for p in done.predictions] == [False, True, True, False, True, False]
    assert seen[-1] == (6, 6)
    assert done.result.stresses is not None
    assert done.result.stresses.statistics is not None
    assert done.result.stresses.statistics.frames_left_out == 3
    assert done.result.energies is not None
    assert "3 frames have an energy" in (done.result.energies.refusal or "")


def test_a_molecule_with_a_stress_costs_nothing(empty_catalog: Catalog) -> None:
    frames = labelled(3).frames
    atoms = frames[1].atoms.copy()
    atoms.set_cell(None)
    atoms.pbc = False
    isolated = replace(frames[1], atoms=atoms, reference_stress=0.01 * np.eye(3))
    done = analyse(LabelledFrames((frames[0], isolated, frames[2]), (), "extended XYZ"), card("emt"), empty_catalog)
    assert done.result.refused == ()
    assert all(prediction is not None and prediction.stress is None for prediction in done.predictions)


def test_places_in_influence_and_advice_are_those_of_the_upload(
    empty_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = labelled(5)
    monkeypatch.setattr(analysis, "load_card", lambda _card: Fussy([frames.frames[0].atoms]))
    result = analyse(frames, card("emt"), empty_catalog, ranked_items=4).result
    assert result.influence is not None
    assert result.advice is not None
    assert {frame.frame for frame in result.influence.worst_frames} == {1, 2, 3, 4}
    assert {frame.frame for frame in result.advice.next_frames} <= {1, 2, 3, 4}
    assert len(result.influence.worst_atoms) == 4
    worst = result.influence.worst_atoms[0]
    assert worst.reference == tuple(frames.frames[worst.frame].reference_forces[worst.atom])
    assert result.influence.most_influential_frame is not None
    assert result.influence.most_influential_frame.frame in {1, 2, 3, 4}
