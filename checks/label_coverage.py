"""How often 95 % intervals of energy and stress slopes, and of the held-out gain, hold the value of the whole set.

    python checks/label_coverage.py [--potential chgnet-0.3.0] [--draws 300] [--widths]

Frames are drawn from sets of many frames, as `interval_coverage.py` does it, and analysed as an upload is: up to half
of a set without repetition, with the deviation from the value of the whole set divided by √(1 − G/N), beyond that with
repetition. Energies and stresses: softdash's own DFT states, and the sets with energies among the reference data that
are here; the potential runs once, and what it says is kept in the state folder. The held-out gain: the stored parity
points; what should be held is the gain that the factor of the draw brings to the frames not drawn (the deviation times
√(1 − G/N), since these are few, too), or to the whole set where frames repeat. Made-up frames of known
value come last. Each cell: interval of earlier versions → today's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softdash.benchmarks.data.datasets import dataset
from softdash.benchmarks.data.reference_data import read_materials
from softdash.errors import ReferenceDataError, RefusalError
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings, get_settings
from softdash.softening.held_out import held_out_gain
from softdash.softening.other_labels import energy_statistics, stress_components, stress_statistics
from softdash.softening.student import student_two_sided_quantile
from softdash.structures.frames.labelled_frame import LabelledFrame
from softdash.structures.upload.read import read_upload

sys.path.insert(0, str(Path(__file__).parent))
import interval_coverage  # the script beside this one

FRAME_COUNTS = (2, 3, 5, 10, 30)
FEWEST_IN_SET = 9

Numbers = NDArray[np.float64]
Bounds = tuple[float, float, float]
"""Estimate and half widths of the earlier and of today's interval; NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelSet:
    """Frames to draw from: energies per atom (frames,), or stresses (frames, 3, 3), of both sides."""

    name: str
    reference: Numbers
    predicted: Numbers
    compositions: tuple[str, ...]


def energy_bounds(chosen: LabelSet, places: NDArray[np.int_]) -> Bounds | None:
    """Return the slope of relative energies of some frames, and its half widths; None where it is refused."""
    x, y = chosen.reference[places], chosen.predicted[places]
    names = [chosen.compositions[place] for place in places]
    try:
        found = energy_statistics(x, y, np.ones(places.size, dtype=np.int_), names)
    except RefusalError:
        return None
    # HC3 is the jackknife; only the degrees of freedom were others.
    count = found.frame_count - found.group_count - 1
    earlier = student_two_sided_quantile(0.95, count) * (found.slope_standard_error or 0.0)
    return found.slope, earlier, _half_width(found.slope_interval)


def stress_bounds(chosen: LabelSet, places: NDArray[np.int_]) -> Bounds | None:
    """Return the same of stresses."""
    x, y = chosen.reference[places], chosen.predicted[places]
    try:
        found = stress_statistics(x, y)
    except RefusalError:
        return None
    points = stress_components(x, y)
    dx, dy = points.reference.copy(), points.predicted.copy()
    normal = points.component < 3
    dx[normal] -= dx[normal].mean()
    dy[normal] -= dy[normal].mean()
    sums = np.bincount(points.frame, weights=dx * (dy - found.slope * dx)) / np.sum(dx * dx)
    error = float(np.sqrt(np.sum(sums**2) * places.size / (places.size - 1)))
    return found.slope, student_two_sided_quantile(0.95, places.size - 1) * error, _half_width(found.slope_interval)


def coverage(
    chosen: LabelSet,
    count: int,
    draws: int,
    bounds: Callable[[LabelSet, NDArray[np.int_]], Bounds | None],
    seed: int = 0,
) -> tuple[float, float, float, float]:
    """Return the shares of draws held by the earlier and by today's interval, the share without, and the half width."""
    whole = bounds(chosen, np.arange(len(chosen.reference)))
    if whole is None:
        return (np.nan,) * 4
    size = len(chosen.reference)
    repeats = count > size / 2
    correction = 1.0 if repeats else float(np.sqrt(1 - count / size))
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(draws):
        found = bounds(chosen, generator.choice(size, count, replace=repeats))
        if found is not None:
            rows.append((abs(found[0] - whole[0]) / correction, found[1], found[2]))
    return _shares(rows, draws)


def gain_coverage(
    chosen: interval_coverage.FrameSet, count: int, draws: int, seed: int = 0
) -> tuple[float, float, float, float]:
    """Return the same of the held-out gain."""
    size = len(chosen.frames)
    repeats = count > size / 2
    # Estimate and gain have errors of their own, σ²/G and σ²/(N − G).
    correction = 1.0 if repeats else float(np.sqrt(1 / (1 - count / size)))
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(draws):
        places = generator.choice(size, count, replace=repeats)
        drawn = [chosen.frames[place] for place in places]
        others = range(size) if repeats else sorted(set(range(size)) - set(places.tolist()))
        all_x, all_y = (np.concatenate([chosen.frames[place][side].ravel() for place in others]) for side in (0, 1))
        before = float(np.abs(all_y - all_x).sum())
        drawn = interval_coverage.as_other_frames(drawn, generator) if repeats else drawn
        x, y = ([frame[side] for frame in drawn] for side in (0, 1))
        try:
            found = held_out_gain(x, y)
        except RefusalError:
            continue
        xy, yy = (sum(float(np.sum(a * b)) for a, b in zip(one, y, strict=True)) for one in (x, y))
        truth = 1 - float(np.abs(xy / yy * all_y - all_x).sum()) / before
        rows.append((abs(found.gain - truth) / correction, earlier_gain(x, y), _half_width(found.gain_interval)))
    return _shares(rows, draws)


def earlier_gain(x: Sequence[Numbers], y: Sequence[Numbers]) -> float:
    """Return the half width of earlier versions: the linearised ratio with G/(G−1), and G − 1 degrees of freedom."""
    xy, yy = (np.array([np.sum(a * b) for a, b in zip(one, y, strict=True)]) for one in (x, y))
    factor = float(xy.sum() / yy.sum())
    of_others = (xy.sum() - xy) / (yy.sum() - yy)
    after, before = (
        np.array([np.abs(c * b - a).sum() for c, a, b in zip(factors, x, y, strict=True)])
        for factors in (of_others, np.ones(len(x)))
    )
    slope = sum(float(np.sum(np.sign(factor * b - a) * b)) for a, b in zip(x, y, strict=True))
    rest = (after - after.sum() / before.sum() * before + (xy - factor * yy) / yy.sum() * slope) / before.sum()
    count = len(x)
    error = float(np.sqrt(np.sum(rest**2) * count / (count - 1)))
    return student_two_sided_quantile(0.95, count - 1) * error


def _half_width(interval: object) -> float:
    return float(getattr(interval, "half_width", np.nan))


def _shares(rows: Sequence[tuple[float, float, float]], draws: int) -> tuple[float, float, float, float]:
    if not rows:
        return np.nan, np.nan, 1.0, np.nan
    deviation, earlier, today = np.array(rows).T
    known = np.isfinite(today)
    held = float(np.mean(deviation[known] <= today[known])) if known.any() else np.nan
    width = float(np.median(today[known])) if known.any() else np.nan
    return float(np.mean(deviation <= earlier)), held, 1 - known.sum() / draws, width


def made_up_energies(name: str, *, curvature: float, spread: float, noise: float, count: int = 4000) -> LabelSet:
    """Return made-up energies of random spread: errors that grow with the energy, noise, and a bend."""
    generator = np.random.default_rng(7)
    x = np.abs(generator.normal(0, 0.05, count)) + generator.normal(0, 0.03, count)
    y = 0.8 * x + curvature * x**2 + generator.normal(0, spread, count) * (x - x.mean())
    return LabelSet(name, x, y + generator.normal(0, noise, count), ("A",) * count)


def made_up_stresses(name: str, *, weights: float, spread: float, count: int = 2000) -> LabelSet:
    """Return made-up stresses: frames of unlike size, own slopes, an offset of the pressure, noise."""
    generator = np.random.default_rng(8)
    x = generator.normal(0, 0.02, (count, 3, 3)) * np.exp(generator.normal(0, weights / 2, (count, 1, 1)))
    x = x + x.transpose(0, 2, 1)
    noise = generator.normal(0, 1e-3, x.shape)
    y = generator.normal(0.85, spread, (count, 1, 1)) * x + noise + noise.transpose(0, 2, 1) + 0.01 * np.eye(3)
    return LabelSet(name, x, y, ("A",) * count)


def labelled_sets(settings: Settings, potential: str) -> Iterator[tuple[LabelSet, LabelSet | None]]:
    """Yield energies, and stresses where there are, of softdash's own states and of the reference data here."""
    for file in sorted((settings.precomputed_dir / "references" / "gpaw_pbe").glob("*.extxyz")):
        yield _predicted(f"gpaw-{file.stem}", read_upload([file], settings).frames, settings, potential)
    for name in ("si-aimd", "lgps-aimd", "vasp-tests", "mvl-metals"):
        try:
            materials = read_materials(dataset(name), settings)
        except ReferenceDataError:
            continue
        for material in materials:
            frames = material.frames
            title = material.material_id
            if title == "atomate2:Si@PBE":
                title, frames = "Si-16 (atomate2)", tuple(one for one in frames if len(one.atoms) == 16)
            if len(frames) >= FEWEST_IN_SET and all(one.reference_energy is not None for one in frames):
                yield _predicted(title, frames, settings, potential)


def _predicted(
    name: str, frames: Sequence[LabelledFrame], settings: Settings, potential: str
) -> tuple[LabelSet, LabelSet | None]:
    folder = settings.state_dir / "benchmarks" / "label_coverage"
    chosen = card(potential)
    revision = f"{chosen.weights_sha256()[:8]}-{chosen.revision}"
    file = folder / f"{potential}-{revision}-{name.replace(':', '_').replace(' ', '_')}-{len(frames)}.npz"
    with_stress = all(one.reference_stress is not None for one in frames)
    if not file.is_file():
        predictions = load_potential(potential).predict([one.atoms for one in frames], stress=with_stress)
        folder.mkdir(parents=True, exist_ok=True)
        stresses = [p.stress for p in predictions if p.stress is not None]
        np.savez(file, energy=[p.energy for p in predictions], stress=np.array(stresses))
    with np.load(file) as stored:
        energy, stress = stored["energy"], stored["stress"]
    counts = np.array([len(one.atoms) for one in frames])
    names = tuple(one.atoms.get_chemical_formula(mode="metal", empirical=True) for one in frames)
    reference = np.array([one.reference_energy for one in frames], dtype=np.float64)
    energies = LabelSet(name, reference / counts, energy / counts, names)
    if not with_stress:
        return energies, None
    return energies, LabelSet(name, np.array([one.reference_stress for one in frames]), stress, names)


def cell(found: tuple[float, float, float, float], *, widths: bool) -> str:
    """Return one cell of the table: earlier → today's per cent."""
    earlier, today, without, width = found
    if np.isnan(earlier) and np.isnan(today):
        return "–"
    text = "none" if np.isnan(today) else f"{100 * today:.0f}"
    if 0.02 < without < 1:
        text += f" ({100 * without:.0f} % none)"
    return f"{100 * earlier:.0f} → {text}" + (f" ±{width:.3f}" if widths else "")


def _table(
    title: str, rows: Iterator[tuple[str, int, list[tuple[float, float, float, float]]]], *, widths: bool
) -> None:
    print(f"\n{title}\n\n| set | frames | " + " | ".join(f"G = {count}" for count in FRAME_COUNTS) + " |")
    print("|---|---|" + "---|" * len(FRAME_COUNTS))
    for name, size, found in rows:
        print(f"| {name} | {size} | " + " | ".join(cell(one, widths=widths) for one in found) + " |", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="chgnet-0.3.0")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--widths", action="store_true", help="median half widths, too")
    wanted = parser.parse_args(arguments)
    settings = get_settings()
    sets = list(labelled_sets(settings, wanted.potential))
    energies = [one for one, _ in sets] + [
        made_up_energies("made up: errors alike", curvature=0, spread=0, noise=0.005),
        made_up_energies("made up: errors that grow with the energy", curvature=0, spread=0.2, noise=0.001),
        made_up_energies("made up: a bent relation", curvature=1.0, spread=0, noise=0.003),
    ]
    stresses = [one for _, one in sets if one is not None] + [
        made_up_stresses("made up: alike frames", weights=0.2, spread=0.03),
        made_up_stresses("made up: frames of unlike weight", weights=1.3, spread=0.03),
    ]
    gains = [
        *interval_coverage.stored_sets(settings, wanted.potential),
        interval_coverage.made_up("made up: alike frames", spread=0.03, weights=0.2),
        interval_coverage.made_up("made up: frames of unlike weight", spread=0.03, weights=1.3),
    ]
    for title, label_sets, bounds in (("Energies", energies, energy_bounds), ("Stresses", stresses, stress_bounds)):
        rows = (
            (one.name, len(one.reference), [coverage(one, count, wanted.draws, bounds) for count in FRAME_COUNTS])
            for one in label_sets
        )
        _table(title, rows, widths=wanted.widths)
    _table(
        "Held-out gain",
        (
            (one.name, len(one.frames), [gain_coverage(one, count, wanted.draws) for count in FRAME_COUNTS])
            for one in gains
        ),
        widths=wanted.widths,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
