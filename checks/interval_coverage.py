"""How often 95 % intervals of the softening scale hold the slope of the whole set, by number of frames.

    python checks/interval_coverage.py [--potential chgnet-0.3.0] [--draws 100] [--all-frames] [--widths] [--factor]

Frames are drawn from the stored parity points of sets of many frames, and from made-up frames of known slope; each
draw is analysed as an upload is. Up to half of a set is drawn without repetition, and the deviation from the slope of
the whole set divided by √(1 − G/N); beyond that with repetition. Prints a table in Markdown: the interval of earlier
versions (CR1 with G − 1 degrees of freedom; atoms as clusters for one frame), and today's; means over the potentials
whose spread between frames is known, and in brackets the one that it holds least often for. `--all-frames` computes
all frames of elemental Si and Mo, of which the tables hold eight each, where the reference data are here. `--factor`
asks the same of c* = Σxy/Σy², the factor that forces are multiplied by.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.data.datasets import dataset
from softdash.benchmarks.data.reference_data import read_materials
from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
from softdash.benchmarks.high_energy.run import predict_dataset
from softdash.catalog import Catalog, schemas
from softdash.potentials.registry import card
from softdash.settings import Settings, get_settings
from softdash.softening.force_components import flatten
from softdash.softening.intervals import clustered, origin_influence
from softdash.softening.notices import LABEL_NOISE
from softdash.softening.slope_uncertainty import factor_uncertainty, slope_uncertainty
from softdash.softening.statistics import Interval

FRAME_COUNTS = (1, 2, 3, 5, 10, 30)
FEWEST_IN_SET = 9
HOT_RMS = 0.3
"""Root mean square of the reference forces, eV/Å, from which frames of a mixed set count as hot."""

Frame = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Reference and predicted forces, shape (N, 3), eV/Å."""


@dataclass(frozen=True, slots=True)
class FrameSet:
    """Frames to draw from, and the slope that intervals should hold."""

    name: str
    kind: str
    frames: tuple[Frame, ...]
    slope: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of draws whose interval holds the slope, median half width, share of draws without an interval."""

    share: float
    half_width: float
    without: float


def frame_set(name: str, kind: str, frames: Sequence[Frame]) -> FrameSet:
    """Return a set whose slope is that of all its frames."""
    xy, xx = (sum(float(np.sum(frame[0] * frame[side])) for frame in frames) for side in (1, 0))
    return FrameSet(name, kind, tuple(frames), xy / xx)


def stored_sets(settings: Settings, potential: str) -> Iterator[FrameSet]:
    """Yield the sets of many frames among the stored points of a potential."""
    chosen: tuple[tuple[str, str], ...] = (
        ("si-aimd", "MD"),
        ("lgps-aimd", "MD"),
        ("gpaw_pbe", "MD"),
        ("random-displacements", "displacements"),
        ("vasp-tests", "relaxations"),
    )
    for name, kind in chosen:
        path = settings.precomputed_dir / schemas.points_path(name, potential)
        if not path.is_file():
            continue
        for material_id, rows in pd.read_parquet(path).groupby("material_id", sort=True):
            frames = [_frame(frame) for _, frame in rows.groupby("frame", sort=True)]
            if material_id == "atomate2:Si@PBE":
                # Sixteen atoms: a run of MD. The others are relaxed cells.
                yield frame_set("Si-16 (atomate2)", "MD", [frame for frame in frames if len(frame[0]) == 16])
            elif len(frames) >= FEWEST_IN_SET:
                yield frame_set(str(material_id), kind, frames)


def _frame(rows: pd.DataFrame) -> Frame:
    x, y = (rows[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(np.float64) for side in ("reference", "predicted"))
    return x, y


def all_frames(settings: Settings, potential: str) -> Iterator[FrameSet]:
    """Yield elemental Si and Mo of `mvl-metals` with all their frames, computed where they are not in the store."""
    whole = replace(dataset("mvl-metals"), frames_per_material=None)
    wanted = {"mlearn:Si": "Si-64 (mlearn)", "mlearn:Mo": "Mo-54 (mlearn)", "mvl-snap:Mo": "Mo-54 (snap)"}
    materials = [one for one in read_materials(whole, settings) if one.material_id in wanted]
    predictions = predict_dataset(whole, potential, materials, settings, lambda *_: None)
    for material, predicted in zip(materials, predictions, strict=True):
        pairs = [
            (frame.reference_forces, forces)
            for frame, forces in zip(material.frames, predicted.forces, strict=True)
            if forces is not None
        ]
        hot = [pair for pair in pairs if np.sqrt(np.mean(pair[0] ** 2)) >= HOT_RMS]
        name = wanted[material.material_id]
        yield frame_set(f"{name}, MD and others", "mixed", pairs)
        yield frame_set(f"{name}, forces above {HOT_RMS} eV/Å (rms)", "MD", hot)


def made_up(name: str, *, spread: float, weights: float, atoms: int = 20, count: int = 4000, seed: int = 1) -> FrameSet:
    """Return made-up frames: own slopes of a standard deviation, rms forces of a log-normal spread, noise of 0.1."""
    generator = np.random.default_rng(seed)
    frames = []
    for _ in range(count):
        x = generator.normal(0, np.exp(generator.normal(0, weights / 2)), (atoms, 3))
        frames.append((x, generator.normal(0.85, spread) * x + generator.normal(0, 0.1, x.shape)))
    return frame_set(name, "made up", frames)


def earlier_interval(frames: Sequence[Frame], slope: float, _repeats: bool = False) -> Interval | None:
    """Return the interval of earlier versions."""
    x, y = (np.concatenate([frame[side].ravel() for frame in frames]) for side in (0, 1))
    groups = np.repeat(np.arange(len(frames)), [frame[0].size for frame in frames])
    if len(frames) == 1:
        groups = np.repeat(np.arange(x.size // 3), 3)
    return clustered(slope, origin_influence(x, y, slope), x != 0, groups, method="cluster by frame")[1]


def todays_interval(
    frames: Sequence[Frame], slope: float, frame_spread: float | None, *, repeats: bool = False
) -> Interval | None:
    """Return the interval that an upload of these frames gets."""
    # Frames drawn again stand for other ones: under other atomic numbers they are not compared.
    numbers = [np.full(len(frame[0]), place if repeats else 1, dtype=np.int_) for place, frame in enumerate(frames, 1)]
    components = flatten([frame[0] for frame in frames], [frame[1] for frame in frames], numbers)
    # Drawn at random: no order that could be the one of a relaxation.
    return slope_uncertainty(
        components, slope, frame_spread=frame_spread, label_noise=LABEL_NOISE, relaxation=False
    ).interval


def factor_interval(
    frames: Sequence[Frame], factor: float, frame_spread: float | None, *, repeats: bool = False
) -> Interval | None:
    """Return the interval of c* that an upload of these frames gets; their sides are those of `sides_exchanged`."""
    numbers = [np.full(len(frame[0]), place if repeats else 1, dtype=np.int_) for place, frame in enumerate(frames, 1)]
    components = flatten([frame[1] for frame in frames], [frame[0] for frame in frames], numbers)
    slope = float(np.sum(components.x * components.y) / np.sum(components.x**2))
    of_slope = slope_uncertainty(
        components, slope, frame_spread=frame_spread, label_noise=LABEL_NOISE, relaxation=False
    ).interval
    share = 0.0 if of_slope is None or slope == 0 else of_slope.half_width / abs(slope)
    return factor_uncertainty(components, factor, least_share=share)[1]


def sides_exchanged(chosen: FrameSet) -> FrameSet:
    """Return a set whose slope is c* of the given one: reference against predicted forces."""
    return frame_set(chosen.name, chosen.kind, [(predicted, reference) for reference, predicted in chosen.frames])


def as_other_frames(drawn: Sequence[Frame], generator: np.random.Generator) -> list[Frame]:
    """Return frames drawn with repetition as frames of their own: copies would count as one.

    Both sides of each are scaled by up to 3 %, which leaves its slope.
    """
    factors = 1 + 0.03 * generator.random(len(drawn))
    return [(factor * x, factor * y) for factor, (x, y) in zip(factors, drawn, strict=True)]


def coverage(
    chosen: FrameSet,
    count: int,
    draws: int,
    interval_of: Callable[[Sequence[Frame], float, bool], Interval | None],
    *,
    seed: int = 0,
) -> Coverage:
    """Draw `count` frames again and again, and see how often the interval holds the slope of the whole set."""
    generator = np.random.default_rng(seed)
    size = len(chosen.frames)
    repeats = count > size / 2
    correction = 1.0 if repeats else float(np.sqrt(1 - count / size))
    held, half_widths = [], []
    for _ in range(draws):
        drawn = [chosen.frames[place] for place in generator.choice(size, count, replace=repeats)]
        drawn = as_other_frames(drawn, generator) if repeats else drawn
        xx, xy = (sum(float(np.sum(frame[0] * frame[side])) for frame in drawn) for side in (0, 1))
        if xx <= 0:
            continue
        interval = interval_of(drawn, xy / xx, repeats)
        if interval is not None:
            # The two sides of an interval differ where noise of the labels counts.
            off = (chosen.slope - xy / xx) / correction
            held.append(interval.low - xy / xx <= off <= interval.high - xy / xx)
            half_widths.append(interval.half_width)
    if not held:
        return Coverage(float("nan"), float("nan"), 1.0)
    return Coverage(float(np.mean(held)), float(np.median(half_widths)), 1 - len(held) / draws)


def mean_coverage(many: Sequence[Coverage]) -> Coverage:
    """Return the mean over sets."""
    known = [one for one in many if one.without < 1]
    if not known:
        return Coverage(float("nan"), float("nan"), 1.0)
    share, half_width = (float(np.mean([getattr(one, part) for one in known])) for part in ("share", "half_width"))
    return Coverage(share, half_width, float(np.mean([one.without for one in many])))


def cells(
    sets: Sequence[tuple[FrameSet, float | None]],
    counts: Sequence[int],
    draws: int,
    *,
    widths: bool,
    factor: bool = False,
) -> list[str]:
    """Return a row's cells, earlier → today's: the mean over potentials, each with its spread; (the worst)."""
    found = []
    if factor:
        sets = [(sides_exchanged(one), spread) for one, spread in sets]
    for count in counts:
        # Other draws for each potential: its frames are the same.
        before = mean_coverage(
            [coverage(one, count, draws, earlier_interval, seed=seed) for seed, (one, _) in enumerate(sets)]
        )
        each = [
            coverage(one, count, draws, _with_spread(spread, factor=factor), seed=seed)
            for seed, (one, spread) in enumerate(sets)
        ]
        today = mean_coverage(each)
        shown = "none" if today.without == 1 else f"{100 * today.share:.0f}"
        if len(each) > 1 and today.without < 1:
            shown += f" ({100 * min(one.share for one in each if one.without < 1):.0f})"
        if 0.02 < today.without < 1:
            shown += f" ({100 * today.without:.0f} % none)"
        if widths:
            shown += f" ±{today.half_width:.3f} (was ±{before.half_width:.3f})"
        found.append(f"{100 * before.share:.0f} → {shown}")
    return found


def _with_spread(spread: float | None, *, factor: bool) -> Callable[[Sequence[Frame], float, bool], Interval | None]:
    chosen = factor_interval if factor else todays_interval
    return lambda frames, value, repeats: chosen(frames, value, spread, repeats=repeats)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", nargs="+", help="default: all that the spread between frames is known of")
    parser.add_argument("--draws", type=int, default=100, help="for each potential")
    parser.add_argument("--frames", type=int, nargs="+", default=FRAME_COUNTS)
    parser.add_argument("--all-frames", action="store_true")
    parser.add_argument("--factor", action="store_true", help="intervals of c* instead")
    parser.add_argument("--widths", action="store_true", help="median half widths, too")
    wanted = parser.parse_args(arguments)
    settings = get_settings()
    catalog = Catalog(settings.precomputed_dir)
    potentials = wanted.potential or catalog.table(schemas.FRAME_SPREADS)["potential"].tolist()
    rows: dict[tuple[str, str], list[tuple[FrameSet, float | None]]] = {}
    for name in potentials:
        spread = known_frame_spread(catalog, card(name))
        sets = [*stored_sets(settings, name), *(all_frames(settings, name) if wanted.all_frames else ())]
        for one in sets:
            rows.setdefault((one.kind, one.name), []).append((one, spread))
    for one in (
        made_up("alike frames", spread=0.03, weights=0.2),
        made_up("frames of unlike weight", spread=0.03, weights=1.3),
        made_up("slopes that differ much", spread=0.1, weights=0.6),
    ):
        rows[one.kind, one.name] = [(one, 0.11)]
    print(f"{len(potentials)} potentials, {wanted.draws} draws each", end="\n\n")
    print("| set | frames | " + " | ".join(f"G = {count}" for count in wanted.frames) + " |")
    print("|---|---|" + "---|" * len(wanted.frames))
    for kind in dict.fromkeys(kind for kind, _ in rows):
        for name, members in ((name, members) for (other, name), members in rows.items() if other == kind):
            row = cells(members, wanted.frames, wanted.draws, widths=wanted.widths, factor=wanted.factor)
            print(f"| {kind}: {name} | {len(members[0][0].frames)} | " + " | ".join(row) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
