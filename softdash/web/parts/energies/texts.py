"""Findings and captions of the energy pages, made from the numbers that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from softdash.softening import three_digits
from softdash.web.parts.energies.parity import EnergySeries
from softdash.web.parts.energies.series import parts_of, reference_rows
from softdash.web.parts.number_text import count_text

NO_POTENTIAL = "Choose a potential"
OWN_MINIMUM_CAVEAT = (
    "A potential relaxes towards its own minimum, so that its relaxed energies come out too low even without a bias: "
    "the underprediction is not pure softening. At the DFT geometry this effect is gone."
)


def joined(parts: Sequence[str]) -> str:
    """Return ``"a, b and c"``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def parity_title(series: Sequence[EnergySeries], plural: str) -> str:
    """Say in what share of the cases each potential lies too low."""
    if not series:
        return NO_POTENTIAL
    counts: dict[str, tuple[str, int, int]] = {}
    for one in series:
        _, below, decided = counts.get(one.potential, (one.label, 0, 0))
        found = one.comparison
        counts[one.potential] = (one.label, below + found.below_count, decided + found.decided_count)
    known = [(label, below / decided) for label, below, decided in counts.values() if decided]
    if not known:
        return f"No {plural} that differ from DFT's by more than its error"
    shares = [share for _, share in known]
    if len(known) > 4:
        low, high = 100 * min(shares), 100 * max(shares)
        return f"{len(known)} potentials put {low:.0f} to {high:.0f} % of the {plural} too low"
    texts = [f"{100 * share:.0f} % ({label})" for label, share in known]
    start = f"{plural[0].upper()}{plural[1:]} come out too low"
    if min(shares) <= 0.5:
        return f"Share of {plural} that come out too low: {joined(texts)}"
    return f"{start} in {joined(texts)} of the cases"


def digitised_caption(series: Sequence[EnergySeries], *, figure: str, whole: int, total: int | None, many: str) -> str:
    """Return what was read off, how much of the figure that is, and how to read the drawing.

    Parameters
    ----------
    series : sequence of EnergySeries
    figure : str
        ``"Fig. 2a"``.
    whole : int
        Cases whose points were found for all three potentials.
    total : int or None
        Cases of the paper.
    many : str
        ``"surfaces"``.
    """
    counts = joined([f"{one.comparison.count} ({one.label})" for one in series]) if series else "none"
    of_total = f" of the {total}" if total is not None else ""
    return (
        f"Points digitised from {figure} of the paper: {counts}{of_total} {many}; the others are covered by points on "
        f"top of them. {whole} {many} were found for all three potentials. Dashed grey: y = x; coloured: least squares "
        f"through the origin. The figure does not name its points. The {whole} are not the set behind the printed "
        "errors, which is all of the paper's: compare no potentials by them."
    )


def _counts_of(series: Sequence[EnergySeries], part: str) -> str:
    counts = sorted({one.comparison.count for one in series if one.part == part})
    return " or ".join(str(count) for count in counts)


def computed_caption(table: pd.DataFrame, series: Sequence[EnergySeries], *, geometry: str, many: str) -> str:
    """Return n, reference, cells, residual force and geometry of the recomputed cases."""
    reference = reference_rows(table)
    cases = reference["case_id"].nunique()
    materials = reference["material"].nunique()
    atoms = reference["n_atoms"]
    force = reference["max_force"].max()
    residual = "" if pd.isna(force) else f" Largest force left by DFT: {three_digits(float(force))} eV/Å."
    first, *others = parts_of(series) or [""]
    counts = (
        "; ".join(f"{part} {_counts_of(series, part)}" for part in (first, *others))
        if others
        else ", ".join(f"{one.label} {one.comparison.count}" for one in series)
    )
    parts = f" Filled: {first}; open: {joined(others)}." if others else ""
    left = int(reference["excluded"].notna().sum())
    parts += f" Left out of all numbers: {count_text(left, 'case')}, named below." if left else ""
    return (
        f"{cases} {many} of {count_text(materials, 'material')}, cells of {atoms.min()} to {atoms.max()} atoms; "
        f"DFT is softdash's own (GPAW, PBE).{residual} Each potential {GEOMETRY_TEXTS[geometry]}. n: {counts}. "
        f"Coloured lines: least squares through the origin.{parts}"
    )


def illustration_caption(
    series: Sequence[EnergySeries],
    printed: Mapping[str, float],
    *,
    figure: str,
    whole: int,
    total: int | None,
    many: str,
    unit: str,
) -> str:
    """Return what was read off a figure whose points cover each other, and why nothing is computed from them.

    Parameters
    ----------
    series : sequence of EnergySeries
    printed : mapping of str to float
        The paper's mean absolute errors by potential.
    figure, many, unit : str
    whole : int
        Cases whose points were found for all three potentials.
    total : int or None
        Cases of the paper.
    """
    found = joined([f"{one.comparison.count} ({one.label})" for one in series]) if series else "none"
    apart = [
        f"{one.label}: {three_digits(one.comparison.mae)} instead of {three_digits(printed[one.potential])} {unit}"
        for one in series
        if one.potential in printed
    ]
    why = f" (mean absolute errors: {', '.join(apart)})" if apart else ""
    of_total = f" of the {total}" if total is not None else ""
    return (
        f"Points digitised from {figure} of the paper: {found}{of_total} {many}; the others are covered by points on "
        f"top of them. {whole} {many} were found for all three potentials. What these points give is not what all "
        f"of the paper's give{why}: potentials are not compared by them, and no slope is drawn. Dashed grey: y = x."
    )


GEOMETRIES = {"relaxed": "Relaxed", "dft": "DFT"}
"""Values and names of the switch between geometries of the potentials."""

GEOMETRY_TEXTS = {
    "relaxed": "relaxed every structure itself",
    "dft": "was evaluated at the structures relaxed by DFT",
}
