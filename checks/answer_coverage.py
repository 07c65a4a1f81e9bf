"""How often 95 % intervals of the relative force error hold that of the whole set, by number of frames.

    python checks/answer_coverage.py [--potential chgnet-0.3.0 …] [--draws 200]

Frames are drawn from the sets of `interval_coverage.py`, up to half of a set and without repetition (a frame drawn
twice would count once), with the deviation of log E divided by √(1 − G/N). Prints a table in Markdown, means over the
potentials: the error as it is → after the factor of all other frames, which should hold √(1 − R²) of the whole set.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from softdash.settings import get_settings
from softdash.softening.relative_error import RelativeError, relative_errors

sys.path.insert(0, str(Path(__file__).parent))
from interval_coverage import Frame, FrameSet, made_up, stored_sets

FRAME_COUNTS = (2, 3, 5, 10, 30)
POTENTIALS = ("chgnet-0.3.0", "m3gnet-mp-2021.2.8", "sevennet-0", "tensornet-matpes-pbe")


def truths(frames: Sequence[Frame]) -> tuple[float, float]:
    """Return the relative error of all frames as they are, and after one factor fitted to all of them."""
    x, y = (np.concatenate([frame[side].ravel() for frame in frames]) for side in (0, 1))
    xx, xy, yy = float(x @ x), float(x @ y), float(y @ y)
    return float(np.sqrt(np.sum((y - x) ** 2) / xx)), float(np.sqrt(max(1 - xy**2 / (xx * yy), 0.0)))


def holds(error: RelativeError | None, truth: float, correction: float) -> bool:
    """Say whether the interval, brought to a sample without repetition, holds the truth; none holds everything."""
    if error is None or error.interval is None:
        return True
    half = np.log(error.interval.high / error.value)
    return bool(abs(np.log(error.value / truth)) / correction <= half)


def coverage(chosen: FrameSet, count: int, draws: int, seed: int) -> tuple[float, float]:
    """Return the share of draws whose interval holds the truth: as it is, and with a factor."""
    generator, size = np.random.default_rng(seed), len(chosen.frames)
    correction = float(np.sqrt(1 - count / size))
    as_it_is, corrected = truths(chosen.frames)
    held = np.zeros(2)
    for _ in range(draws):
        drawn = [chosen.frames[place] for place in generator.choice(size, count, replace=False)]
        x, y = [frame[0] for frame in drawn], [frame[1] for frame in drawn]
        found = relative_errors(x, y, [np.ones(len(one), dtype=np.int_) for one in x])
        held += holds(found.uncorrected, as_it_is, correction), holds(found.corrected, corrected, correction)
    return float(held[0] / draws), float(held[1] / draws)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", nargs="+", default=list(POTENTIALS))
    parser.add_argument("--draws", type=int, default=200)
    given = parser.parse_args()
    rows: defaultdict[str, list[FrameSet]] = defaultdict(list)
    for potential in given.potential:
        for one in stored_sets(get_settings(), potential):
            if one.kind != "relaxations":
                rows[f"{one.kind}: {one.name.split(':')[-1]}"].append(one)
    rows["made up: alike frames"] = [made_up("", spread=0.05, weights=0.0)]
    rows["made up: frames of unlike weight"] = [made_up("", spread=0.05, weights=1.3)]
    rows["made up: slopes that differ much"] = [made_up("", spread=0.2, weights=0.5)]
    print(f"| set | frames | {' | '.join(f'G = {count}' for count in FRAME_COUNTS)} |")
    print(f"|---|--:{'|---' * len(FRAME_COUNTS)}|")
    for name, sets in sorted(rows.items()):
        cells = []
        for count in FRAME_COUNTS:
            if count > len(sets[0].frames) / 2:
                cells.append("–")
                continue
            found = np.mean([coverage(one, count, given.draws, seed) for seed, one in enumerate(sets)], axis=0)
            cells.append(f"{100 * found[0]:.0f} → {100 * found[1]:.0f}")
        print(f"| {name} | {len(sets[0].frames)} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
