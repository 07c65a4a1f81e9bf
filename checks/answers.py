"""Which answer do the sets in hand get? Runs all shipped force points, all sets and potentials, as reports are made.

    python checks/answers.py [--every N] [--potential NAME] [--force-error 0.1 0.2 0.3] [--reasons]

Prints a table in Markdown: materials of each set (times potentials) by answer, over all potentials whose functional is
that of the labels; those of another functional, which get no answer, are counted in a column of their own.
`--potentials` prints one row per potential in place of one per set; `--reasons` the reasons below.
One table for each limit of the force error.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from softdash.catalog import Catalog
from softdash.diagnosis.answer import Limits, choose
from softdash.diagnosis.answer_texts import FORCE_ERROR_LIMIT, SLOPE_ERROR_LIMIT, AnswerEvidence
from softdash.diagnosis.answer_titles import ANSWER_NAMES
from softdash.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
from contradictions import results

_OTHER_LABELS = ("functional_mismatch", "element_outside_training_set")


@dataclass(frozen=True, slots=True)
class Count:
    """Answers by row of the table and code, and by code and reason, with some limits."""

    limits: Limits
    rows: defaultdict[str, Counter[str]]
    reasons: Counter[tuple[str, str]]


def counted(
    catalog: Catalog, *, every: int, potential: str | None, limits: Sequence[Limits], by_potential: bool
) -> list[Count]:
    """Return how often each answer was given, by set or by potential, and for which reason: one count per limits."""
    found = [Count(one, defaultdict(Counter), Counter()) for one in limits]
    for name, result in results(catalog, every=every, potential=potential):
        dataset, one = name.split()[:2]
        if result.statistics is None or result.advice is None:
            continue
        for count in found:
            evidence = AnswerEvidence(one, result.statistics, result.notices, result.advice, (), count.limits)
            code, reason = choose(evidence)
            key = "other labels" if reason in _OTHER_LABELS else code
            count.rows[one if by_potential else dataset][key] += 1
            count.reasons[code, reason] += 1
    return found


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="look at each N-th material only")
    parser.add_argument("--potential")
    parser.add_argument("--force-error", type=float, nargs="+", default=[FORCE_ERROR_LIMIT])
    parser.add_argument("--slope-error", type=float, default=SLOPE_ERROR_LIMIT)
    parser.add_argument("--potentials", action="store_true", help="one row per potential")
    parser.add_argument("--reasons", action="store_true")
    given = parser.parse_args()
    found = counted(
        Catalog(Settings().precomputed_dir),
        every=given.every,
        potential=given.potential,
        limits=[Limits(one, given.slope_error) for one in given.force_error],
        by_potential=given.potentials,
    )
    for count in found:
        _print(count, "potential" if given.potentials else "set", with_reasons=given.reasons)


def _print(count: Count, first: str, *, with_reasons: bool) -> None:
    columns = [*ANSWER_NAMES, "other labels"]
    print(f"\nForce errors up to {count.limits.force_error:g}, slopes within {count.limits.slope_error:g} of 1:\n")
    print(f"| {first} | {' | '.join(ANSWER_NAMES.values())} | other functional or element |")
    print(f"|---{'|--:' * len(columns)}|")
    total = Counter[str]()
    for name, counts in count.rows.items():
        total += counts
        print(f"| {name} | {' | '.join(str(counts[column]) for column in columns)} |")
    print(f"| all | {' | '.join(str(total[column]) for column in columns)} |")
    if with_reasons:
        for (code, reason), number in count.reasons.most_common():
            print(f"{number:6} {code}: {reason}")


if __name__ == "__main__":
    main()
