"""Titles, captions and caveats of the phonon page, made from the numbers that are shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softdash.catalog import PhononBands, PhononCurve
from softdash.web.figures.frequency_ratios import Bar, RatioSeries
from softdash.web.pages.phonons.bands import has_imaginary_modes
from softdash.web.pages.phonons.tables import GEOMETRIES
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label
from softdash.web.parts.phonon_ratios import MODELS

CAVEATS = (
    (
        "The references are PBEsol, while the potentials learnt PBE (CHGNet r2SCAN: r2SCAN). PBE by itself binds more "
        "weakly: part of the difference is the functional, not softening."
    ),
    (
        "No non-analytical correction on either side: the splitting of longitudinal and transverse optical modes at Γ "
        "is missing. The paper compares in the same way."
    ),
    (
        "If all forces of a potential were too small by one factor c, its frequencies would be too small by √c: a "
        "ratio of 0.90 stands for forces at 0.81 of DFT's."
    ),
    (
        "At its own relaxed geometry a potential also has another lattice constant, and a longer one lowers "
        "frequencies. The ratio at the DFT geometry separates softening from this expansion. There forces and stresses "
        "do not vanish, so that modes may turn imaginary that are real at the potential's own minimum."
    ),
    (
        "CHGNet's energy has a kink where three bonded atoms lie on a line, as in perovskites: there its frequencies "
        "depend on the size of the displacement (highest mode of Sr₂GaSbO₆: 27.4, 26.3 and 24.2 THz with 0.003, 0.01 "
        "and 0.03 Å; M3GNet 21.6, 21.6 and 21.7 THz), and computations that differ in details differ by up to a fifth."
    ),
)


def bands_title(formula: str, reference: PhononCurve, curves: Sequence[PhononCurve]) -> str:
    """Say how far the highest modes of the potentials lie from that of DFT; `curves` are those that converged."""
    formula = subscripted(formula)
    if not curves:
        return f"The highest mode of {formula} lies at {reference.max_frequency:.2f} THz by DFT"
    changes = [100 * (curve.max_frequency / reference.max_frequency - 1) for curve in curves]
    if len(curves) == 1:
        side = "below" if changes[0] < 0 else "above"
        place = f"{curves[0].max_frequency:.2f} THz, {abs(changes[0]):.0f} % {side} DFT"
        return f"{potential_label(curves[0].potential)} puts the highest mode of {formula} at {place}"
    low, high = sorted(abs(change) for change in changes)[:: len(changes) - 1]
    if all(change < 0 for change in changes) or all(change > 0 for change in changes):
        return (
            f"The highest mode of {formula} lies {low:.0f} to {high:.0f} % {'below' if changes[0] < 0 else 'above'} DFT"
        )
    return f"The highest mode of {formula} lies between {min(changes):+.0f} and {max(changes):+.0f} % of DFT".replace(
        "-", "−"
    )


def ratio_title(series: Sequence[RatioSeries]) -> str:
    """Say for what share of the crystals the highest frequency is too low."""
    if not series:
        return "No distribution yet"
    shares = [f"{100 * one.summary.share_below_one:.1f} % ({one.label})" for one in series]
    listed = f"{', '.join(shares[:-1])} and {shares[-1]}" if len(shares) > 1 else shares[0]
    return f"The highest frequency is below DFT's in {listed} of {_counts(series)} crystals"


def ratio_caption(series: Sequence[RatioSeries], geometry: str | None, total: int, failures: int = 0) -> str:
    """Return what is drawn, medians with intervals, how the crystals were chosen, and how to use the figure.

    Parameters
    ----------
    series : sequence of RatioSeries
    geometry : {"relaxed", "fixed"} or None
        Of the potentials; None for the authors' values.
    total : int
        Crystals of the paper's Fig. 4b.
    failures : int
        Computations that failed.
    """
    if not series:
        return "Fewer than ten crystals were computed here. Run `softdash benchmark phonons --smallest 20`."
    medians = [f"{one.label} {one.summary.median:.3f} ± {one.summary.median_interval.half_width:.3f}" for one in series]
    if geometry is None:
        source = "Values of the paper's authors (the table behind its Fig. 4b), each potential relaxed"
    else:
        source = (
            f"Computed here for {_counts(series)} of the paper's {total} crystals, those that take the least "
            f"computing and so no random sample, each potential at {GEOMETRIES[geometry]}"
        )
    failed = f" {failures} computations failed and are listed in phonons/failures.csv." if failures else ""
    return (
        f"Ratio of the highest phonon frequency by the potential to that by DFT (PBEsol, PhononDB, while the "
        f"potentials learnt PBE). {source}. Medians: {', '.join(medians)} (± half of the 95 % bootstrap interval over "
        f"crystals).{failed} Click a crystal's point for its bands, or a bar to list its crystals below."
    )


def _counts(series: Sequence[RatioSeries]) -> str:
    counts = sorted({one.summary.material_count for one in series})
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def bands_caption(
    bands: PhononBands,
    curves: Sequence[PhononCurve],
    method: str,
    missing: Sequence[str] = (),
    unfinished: Sequence[str] = (),
) -> str:
    """Return what is drawn, at which geometry, by which method; imaginary modes and missing potentials, by name.

    `unfinished` are the potentials whose relaxation did not converge.
    """
    mesh = "×".join(str(points) for points in bands.q_mesh)
    cells = round(abs(float(np.linalg.det(np.reshape(bands.supercell, (3, 3))))))
    drawn = [curve for curve in bands.curves if curve.potential == "dft"] + list(curves)
    unstable = [potential_label(curve.potential) for curve in drawn if has_imaginary_modes(curve)]
    warning = f" Imaginary modes with {', '.join(unstable)}, drawn as negative frequencies." if unstable else ""
    if missing:
        warning += f" Not computed for this crystal: {', '.join(potential_label(name) for name in missing)}."
    if unfinished:
        warning += (
            f" Relaxation not converged with {', '.join(potential_label(name) for name in unfinished)}: its "
            "frequencies may be anywhere, and no ratio is given."
        )
    axes = " along the axes of the conventional cell" if bands.q_mesh_cell == "conventional" else ""
    return (
        f"{subscripted(bands.formula)} ({bands.material_id}): DFT is PBEsol from PhononDB; each potential at "
        f"{GEOMETRIES[method]}. "
        f"Finite displacements of 0.01 Å in supercells of {cells} unit cells, no non-analytical correction; "
        f"densities of states on a {mesh} mesh{axes}, {_density_text(drawn)}; the potentials "
        f"learnt PBE, not PBEsol. The path is that of the DFT cell.{warning}"
    )


def _density_text(drawn: Sequence[PhononCurve]) -> str:
    """Say that the densities hold all modes, and which of them were scaled to do so."""
    scaled = {potential_label(curve.potential): curve.dos_scale for curve in drawn if curve.dos_scale != 1}
    if not scaled:
        return "each integrating to three modes per atom"
    changes = ", ".join(f"{name} by {factor:.3f}" for name, factor in scaled.items())
    return f"scaled to three modes per atom ({changes})"


def list_title(bar: Bar | None, chosen: str, count: int) -> str:
    """Say which crystals the grid lists."""
    crystals_text = f"{count} crystal{'' if count == 1 else 's'}"
    if bar:
        label = next((f"{name} (paper)" for key, _, name in MODELS if key == bar.key), None)
        return f"{crystals_text} with a {label or potential_label(bar.key)} ratio of {bar.low:.2f} to {bar.high:.2f}"
    return f"Crystal {chosen}" if chosen else f"All {crystals_text}"
