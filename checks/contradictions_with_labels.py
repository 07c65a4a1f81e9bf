"""Does any report contradict itself, energies and stresses included? Whole diagnoses of all sets with all potentials.

    python checks/contradictions_with_labels.py [--dataset NAME ...] [--potential NAME ...] [--every N]
        [--store FOLDER] [--predict-only]

`checks/contradictions.py` takes the shipped forces. Here the frames of each material go through
`softdash.diagnosis.analysis.analyse` with the energies and stresses of their set, as an upload of them would.
Predictions are kept in the folder `--store`: a stopped run goes on, and a second one takes minutes. The sets are read
from SOFTDASH_DATA_DIR and from the shipped references; what is not here is named and left out.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from ase import Atoms

from softdash.benchmarks.data.datasets import DATASETS, ReferenceDataset
from softdash.benchmarks.data.reference_data import ReferenceMaterial, dataset_files, read_frames, read_materials
from softdash.benchmarks.data.scope import is_within_scope
from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.exclusions import EXCLUSIVE, contradictions
from softdash.diagnosis.other_factors import other_factor
from softdash.diagnosis.records import PotentialResult
from softdash.errors import PredictionError, RefusalError, SoftdashError
from softdash.potentials import registry
from softdash.potentials.interface import Potential, PotentialCard, Prediction, Progress
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames


class KeptPredictions:
    """A potential that computes each frame once, and remembers it in a file.

    Parameters
    ----------
    card : PotentialCard
        Loaded when the first frame is new.
    folder : pathlib.Path
    """

    def __init__(self, card: PotentialCard, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._card = card
        self._potential: Potential | None = None
        self._rows = sqlite3.connect(folder / f"{card.name}-{card.weights_sha256()[:16]}.sqlite")
        self._rows.execute("create table if not exists predictions (key text primary key, energy real, forces, stress)")

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames one by one; a prediction does not depend on its batch."""
        found = []
        for frame in frames:
            found.append(self._one(frame, stress=stress))
            if progress is not None:
                progress(len(found), len(frames))
        return found

    def _one(self, frame: Atoms, *, stress: bool) -> Prediction:
        digest = hashlib.sha256(bytes([bool(stress)]))
        for array in (frame.numbers, frame.cell.array, frame.pbc, frame.positions):
            digest.update(np.ascontiguousarray(array).tobytes())
        key = digest.hexdigest()
        query = "select energy, forces, stress from predictions where key = ?"
        known = self._rows.execute(query, (key,)).fetchone()
        if known is not None:
            energy, forces, tensor = known
            return Prediction(
                np.frombuffer(forces).reshape(-1, 3),
                energy,
                None if tensor is None else np.frombuffer(tensor).reshape(3, 3),
            )
        if self._potential is None:
            self._potential = self._card.load()
        (new,) = self._potential.predict([frame], stress=stress)
        tensor = None if new.stress is None else np.ascontiguousarray(new.stress).tobytes()
        row = (key, new.energy, np.ascontiguousarray(new.forces).tobytes(), tensor)
        with self._rows:
            self._rows.execute("insert or replace into predictions values (?, ?, ?, ?)", row)
        return new


@dataclass(frozen=True, slots=True)
class Found:
    """One diagnosis: what it is called, the result or the reason why there is none."""

    name: str
    result: PotentialResult | None
    refusal: str = ""


def labelled_materials(dataset: ReferenceDataset, settings: Settings) -> list[tuple[ReferenceMaterial, LabelledFrames]]:
    """Return the materials of a set with the stresses that its files have (benchmarks leave those aside)."""
    stresses = {
        frame.positions.tobytes(): frame.get_stress(voigt=False, apply_constraint=False)
        for file in dataset_files(dataset, settings)
        for frame in read_frames(file)
        if frame.calc is not None and "stress" in frame.calc.results
    }
    found = []
    for material in read_materials(dataset, settings):
        frames = tuple(
            replace(frame, reference_stress=stresses.get(frame.atoms.positions.tobytes())) for frame in material.frames
        )
        found.append((material, labelled(frames, material.functional)))
    return found


def labelled(frames: tuple[LabelledFrame, ...], functional: str) -> LabelledFrames:
    """Return frames as an upload in extended XYZ that states its unit."""
    return LabelledFrames(frames, (), "extended XYZ", functional=functional, force_unit_is_stated=True)


def disagreements(result: PotentialResult) -> list[tuple[str, str]]:
    """Return what a result says against its own energies and stresses, beside the pairs of `EXCLUSIVE`."""
    statistics, advice, verdict = result.statistics, result.advice, result.verdict
    if statistics is None or advice is None or verdict is None:
        return []
    said = {sentence.code for sentence in verdict.sentences}
    energies, stresses = (other_factor(statistics, labels) for labels in (result.energies, result.stresses))
    pairs = {
        ("advice:multiply", "energies want another factor"): advice.is_recommended and energies is not None,
        ("advice:energies_disagree", "energies want the same factor"): advice.code == "energies_disagree"
        and energies is None,
        ("says:disagreement", "energies want the same factor"): "disagreement" in said and energies is None,
        ("says:stress_disagreement", "stresses want the same factor"): "stress_disagreement" in said
        and stresses is None,
        ("recommended", "another code than multiply"): advice.is_recommended != (advice.code == "multiply"),
        (
            "advice:multiply for forces, energies and stresses",
            "says:stress_disagreement is silent",
        ): advice.is_recommended and stresses is not None and "stress_disagreement" not in said,
        ("advice:multiply for stresses", "stresses want another factor"): advice.is_recommended
        and stresses is not None
        and ("stress" in advice.holds_for or not advice.caveat or advice.caveat not in advice.text),
    }
    return [pair for pair, is_found in pairs.items() if is_found]


def diagnoses(
    datasets: Sequence[ReferenceDataset],
    potentials: Sequence[str],
    settings: Settings,
    store: Path,
    *,
    every: int = 1,
    predict_only: bool = False,
) -> Iterator[Found]:
    """Yield the diagnosis of each material (or of each `every`-th one) of each set with each potential."""
    catalog = Catalog(settings.precomputed_dir)
    for dataset in datasets:
        try:
            materials = labelled_materials(dataset, settings)[::every]
        except SoftdashError as error:
            print(f"{dataset.name}: {error}")
            continue
        for name in potentials:
            card, kept = registry.card(name), KeptPredictions(registry.card(name), store)
            for material, frames in materials:
                if not is_within_scope(card, material.elements):
                    continue
                title = f"{dataset.name} {name} {material.material_id}"
                try:
                    if predict_only:
                        for frame in frames.frames:
                            kept.predict([frame.atoms], stress=frame.reference_stress is not None)
                        yield Found(title, None, "predicted")
                        continue
                    with patch("softdash.diagnosis.analysis.load_card", lambda _, kept=kept: kept):
                        found = analyse(frames, card, catalog, label_noise=settings.label_noise)
                except (PredictionError, RefusalError) as error:
                    yield Found(title, None, str(error))
                else:
                    yield Found(title, found.result)


def main() -> None:
    """Run, print, and exit with 1 where there is a contradiction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", action="append", help="one of softdash's sets; default: all that are here")
    parser.add_argument("--potential", action="append", help="default: all universal ones installed")
    parser.add_argument("--every", type=int, default=1, help="look at each N-th material only")
    parser.add_argument("--store", type=Path, default=Path("var/contradictions"), help="folder of predictions")
    parser.add_argument("--predict-only", action="store_true", help="fill the store and judge nothing")
    given = parser.parse_args()
    datasets = [one for one in DATASETS if given.dataset is None or one.name in given.dataset]
    potentials = given.potential or [one.name for one in registry.installed_cards() if one.is_universal]
    started, counts = time.monotonic(), Counter[str]()
    pairs, levels, advice = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
    for found in diagnoses(
        datasets, potentials, Settings(), given.store, every=given.every, predict_only=given.predict_only
    ):
        result = found.result
        if result is None or result.verdict is None or result.advice is None:
            counts["without a result"] += 1
            continue
        counts["results"] += 1
        counts["with energies"] += result.energies is not None and result.energies.statistics is not None
        counts["with stresses"] += result.stresses is not None and result.stresses.statistics is not None
        levels[result.verdict.level] += 1
        advice[result.advice.code] += 1
        for pair in (*contradictions(result), *disagreements(result)):
            pairs[pair] += 1
            print(f"{found.name}: {pair[0]} and {pair[1]}", flush=True)
    print(f"{dict(counts)} in {time.monotonic() - started:.0f} s, {len(EXCLUSIVE)} pairs, {sum(pairs.values())} found")
    for pair, count in pairs.most_common():
        print(f"  {count} × {pair[0]} and {pair[1]}")
    print(f"levels: {dict(levels.most_common())}")
    print(f"advice: {dict(advice.most_common())}")
    raise SystemExit(bool(pairs))


if __name__ == "__main__":
    main()
