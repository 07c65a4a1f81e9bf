"""How often softdash misreads a CIF with a table of forces: its own corpus of uploads whose truth is known.

    python checks/upload_outcomes.py [--potential chgnet-0.3.0 | --quick] [--kind TEXT] [--material NAME]
        [--list wrong,refused]

Every kind of upload is made from softdash's own DFT states for each of its materials, read as an upload is, and
analysed with one potential. Where softdash proposes another reading, or asks, that step is followed. Prints the
outcomes by kind as a table in Markdown; ends with 1 where a firm verdict was wrong. `--quick` takes a pair potential
for the network and labels by another: seconds in place of minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import upload_corpus.structures
import upload_corpus.tables  # noqa: F401 - they enter their kinds
from upload_corpus.cases import KINDS, cases
from upload_corpus.materials import Material, State, materials
from upload_corpus.outcome import Outcome, Tried, try_case
from upload_corpus.pair_potential import PairPotential

from softdash.potentials import registry
from softdash.settings import Settings

QUICK_SLOPE = 0.85
"""How much softer the pair potential is than the one that labels in the quick form."""


def quick_materials(references: Path, names: Sequence[str] = ()) -> list[Material]:
    """Return the materials labelled by a pair potential that is stiffer than the tested one, and a little unlike it."""
    labelling, tested = PairPotential(noise=0.03, scale=1 / QUICK_SLOPE), PairPotential()
    made = []
    for material in materials(references, tested, names=names):
        predicted = labelling.predict([state.atoms for state in material.states])
        states = [State(state.atoms, one.forces) for state, one in zip(material.states, predicted, strict=True)]
        made.append(replace(material, states=tuple(states), _truths={}))
    return made


def with_pair_potential() -> AbstractContextManager[object]:
    """Let an analysis take the pair potential, whichever potential it asks for."""
    return patch("softdash.diagnosis.analysis.load_card", lambda _: PairPotential())


def table(tried: Sequence[Tried]) -> str:
    """Return the outcomes by kind, as Markdown."""
    counts = {kind.title: Counter[Outcome]() for kind in KINDS}
    for one in tried:
        counts[one.case.kind][one.outcome] += 1
    lines = ["| kind of upload | cases | " + " | ".join(Outcome) + " |", "|---|" + "--:|" * (len(Outcome) + 1)]
    totals = sum(counts.values(), Counter())
    for title, count in [*counts.items(), ("all", totals)]:
        if count:
            cells = " | ".join(str(count[outcome] or "") for outcome in Outcome)
            lines.append(f"| {title} | {sum(count.values())} | {cells} |")
    return "\n".join(lines)


def main() -> int:
    """Make the corpus, try all of it, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="chgnet-0.3.0")
    parser.add_argument("--quick", action="store_true", help="pair potentials in place of a network and of DFT")
    parser.add_argument("--kind", default="", help="only kinds with this text in their title")
    parser.add_argument("--material", action="append", default=[], help="only these materials")
    parser.add_argument("--list", default="wrong", help="outcomes whose cases are listed, between commas")
    given = parser.parse_args()
    settings = Settings()
    references = settings.precomputed_dir / "references" / "gpaw_pbe"
    card = registry.card(given.potential)
    if given.quick:
        corpus = quick_materials(references, given.material)
    else:
        corpus = materials(references, registry.load_potential(card.name), names=given.material)
    with with_pair_potential() if given.quick else nullcontext():
        tried = [try_case(case, card, settings) for case in cases(corpus, lambda title: given.kind in title)]
    listed = [Outcome(word.strip()) for word in given.list.split(",") if word.strip()]
    for one in sorted(tried, key=lambda one: one.outcome):
        if one.outcome in listed:
            truth = "no truth" if one.case.truth is None else f"true {one.case.truth:.4f}"
            slope = "" if one.first.slope is None else f", slope {one.first.slope:.4f}"
            print(f"{one.outcome}: {one.case.name}: {truth}{slope}: {one.first.text[:300]}")
            for options, step in zip(one.first.choices, one.steps, strict=False):
                print(f"    {str(options)[:100]} -> {step.slope} {step.text[:120]}")
    print(f"\n{table(tried)}")
    return 1 if any(one.outcome is Outcome.WRONG for one in tried) else 0


if __name__ == "__main__":
    sys.exit(main())
