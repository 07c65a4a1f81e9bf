"""Does any report contradict itself? Runs all shipped force points, all sets and potentials, through the verdict.

    python checks/contradictions.py [--every N] [--potential NAME]

Prints every pair of statements that exclude each other (`softdash.diagnosis.exclusions`), and how often each level,
each advice and each answer was given.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
from ase import Atoms
from ase.data import atomic_numbers

from softdash.catalog import Catalog
from softdash.diagnosis.advice import advise
from softdash.diagnosis.analysis import identify
from softdash.diagnosis.answer import Limits, reach_answer, settled
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.exclusions import EXCLUSIVE, contradictions
from softdash.diagnosis.population import compare_with_populations
from softdash.diagnosis.records import PotentialResult
from softdash.diagnosis.suitability import notices_about
from softdash.diagnosis.verdict import Answers, reach_verdict
from softdash.errors import SoftdashError
from softdash.potentials.interface import Prediction
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.softening import analyse_forces
from softdash.structures.frames.labelled_frame import LabelledFrame


def compared_frames(points: pd.DataFrame) -> ComparedFrames:
    """Return the frames of one material from its rows of force points; positions are not kept there, and all zero."""
    frames, predictions = [], []
    for number, (_, rows) in enumerate(points.groupby("frame", sort=True), start=1):
        atoms = Atoms([atomic_numbers[str(symbol)] for symbol in rows["element"]], np.zeros((len(rows), 3)))
        reference = rows[["reference_x", "reference_y", "reference_z"]].to_numpy(dtype=np.float64)
        predicted = rows[["predicted_x", "predicted_y", "predicted_z"]].to_numpy(dtype=np.float64)
        frames.append(LabelledFrame(atoms, reference, f"frame {number}"))
        predictions.append(Prediction(predicted, 0.0, None))
    return ComparedFrames(tuple(range(len(frames))), tuple(frames), tuple(predictions))


def result_of(
    catalog: Catalog, potential: str, row: pd.Series, points: pd.DataFrame, limits: Limits | None = None
) -> PotentialResult:
    """Return one potential's part of a report on a benchmark material, as far as forces alone make it."""
    pairs, chosen = compared_frames(points), card(potential)
    statistics = analyse_forces(pairs.reference, pairs.predicted, pairs.numbers)
    elements = sorted(set(points["element"].astype(str)))
    functional = str(row["functional"])
    notices = notices_about(chosen, [elements], functional)
    populations = compare_with_populations(catalog, chosen, statistics, elements, notices=notices)
    advice = advise(pairs, statistics, notices, 0)
    answer = reach_answer(catalog, chosen, statistics, notices, advice, (), limits)
    advice = settled(advice, answer)
    return PotentialResult(
        potential=identify(chosen),
        seconds=0.0,
        statistics=statistics,
        notices=notices,
        populations=populations,
        verdict=reach_verdict(chosen.label, statistics, notices, populations, Answers(advice=advice)),
        advice=advice,
        answer=answer,
    )


def results(
    catalog: Catalog, *, every: int = 1, potential: str | None = None, limits: Limits | None = None
) -> Iterator[tuple[str, PotentialResult]]:
    """Yield a name and the result of each shipped material, or of each `every`-th one."""
    rows = catalog.materials()
    if potential is not None:
        rows = rows[rows["potential"] == potential]
    rows = rows.iloc[::every]
    for (name, one), group in rows.groupby(["dataset", "potential"], sort=True):
        for _, row in group.iterrows():
            try:
                points = catalog.parity_points(str(name), str(one), str(row["material_id"]))
                yield f"{name} {one} {row['formula']}", result_of(catalog, str(one), row, points, limits)
            except SoftdashError as error:
                print(f"{name} {one} {row['formula']}: {error}")


def main() -> None:
    """Run, print, and exit with 1 where there is a contradiction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="look at each N-th material only")
    parser.add_argument("--potential")
    given = parser.parse_args()
    started, count = time.monotonic(), 0
    found: Counter[tuple[str, str]] = Counter()
    levels: Counter[str] = Counter()
    advice: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for name, result in results(Catalog(Settings().precomputed_dir), every=given.every, potential=given.potential):
        count += 1
        levels[result.verdict.level if result.verdict else "none"] += 1
        advice[result.advice.code if result.advice else "none"] += 1
        answers[result.answer.code if result.answer else "none"] += 1
        for pair in contradictions(result):
            found[pair] += 1
            print(f"{name}: {pair[0]} and {pair[1]}")
    print(f"{count} results in {time.monotonic() - started:.0f} s, {len(EXCLUSIVE)} pairs, {sum(found.values())} found")
    print(f"levels: {dict(levels.most_common())}")
    print(f"advice: {dict(advice.most_common())}")
    print(f"answers: {dict(answers.most_common())}")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
