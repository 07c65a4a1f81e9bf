"""Findings and captions of the energy pages, made from the numbers that are shown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from softdash.softening import three_digits
from softdash.web.components.energy_series import reference_rows
from softdash.web.components.number_text import count_text
from softdash.web.figures.energy_parity import EnergySeries

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
    shares = [one.comparison.share_underpredicted for one in series]
    if len(series) > 4:
        low, high = 100 * min(shares), 100 * max(shares)
        return f"{len(series)} potentials put {low:.0f} to {high:.0f} % of the {plural} too low"
    texts = [f"{100 * share:.0f} % ({one.label})" for share, one in zip(shares, series, strict=True)]
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
        "through the origin. The figure does not name its points."
    )


def computed_caption(table: pd.DataFrame, series: Sequence[EnergySeries], *, geometry: str, many: str) -> str:
    """Return n, reference, cells, residual force and geometry of the recomputed cases."""
    reference = reference_rows(table)
    cases = reference["case_id"].nunique()
    materials = reference["material"].nunique()
    atoms = reference["n_atoms"]
    force = reference["max_force"].max()
    residual = "" if pd.isna(force) else f" Largest force left by DFT: {three_digits(float(force))} eV/Å."
    counts = ", ".join(f"{one.label} {one.comparison.count}" for one in series)
    return (
        f"{cases} {many} of {count_text(materials, 'material')}, cells of {atoms.min()} to {atoms.max()} atoms; "
        f"DFT is softdash's own (GPAW, PBE).{residual} Each potential {GEOMETRY_TEXTS[geometry]}. n: {counts}. "
        "Coloured lines: least squares through the origin."
    )


GEOMETRIES = {"relaxed": "Relaxed", "dft": "DFT"}
"""Values and names of the switch between geometries of the potentials."""

GEOMETRY_TEXTS = {
    "relaxed": "relaxed every structure itself",
    "dft": "was evaluated at the structures relaxed by DFT",
}
