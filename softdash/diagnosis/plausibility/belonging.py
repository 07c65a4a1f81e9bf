"""Whether forces and structure belong together at all, where nothing in the files ties one to the other."""

from __future__ import annotations

import numpy as np

from softdash.diagnosis.plausibility.evidence import Agreement, Evidence, agreement
from softdash.diagnosis.records import ReadingDoubt
from softdash.softening import three_digits

RELAXED_SHARE = 0.2
"""Predicted forces below this share of the reference, and not along it, are those of another, relaxed structure."""

RELAXED_R_SQUARED = 0.5
"""R² from which on small predicted forces are softening, not another structure."""

UNRELATED_R_SQUARED = 0.2
"""R² below which, in every orientation and order that was tried, nothing connects forces and structure."""

LARGE_NET_FORCE = 0.5
"""Forces without a common origin sum to √N of their size; this share of it is far from the zero of one frame."""


def doubt_about_belonging(evidence: Evidence, best: Agreement) -> ReadingDoubt | None:
    """Return the doubt that the forces are of another frame, material, or of none; or None.

    Parameters
    ----------
    evidence : Evidence
    best : Agreement
        In the orientation that fits best.
    """
    share = evidence.predicted_rms / evidence.reference_rms if evidence.reference_rms else 1.0
    if share < RELAXED_SHARE and best.r_squared < RELAXED_R_SQUARED:
        return ReadingDoubt(
            code="equilibrium_structure",
            headline="The structure is near equilibrium, the forces are not: they seem to be of another frame.",
            text=(
                f"For this structure the potential predicts {three_digits(evidence.predicted_rms)} eV/Å (rms), the "
                f"table has {three_digits(evidence.reference_rms)} eV/Å, and R² is {three_digits(best.r_squared)}. A "
                "relaxed or symmetrised CIF beside the forces of a displaced frame looks so. Upload the positions of "
                "that very frame: vasprun.xml, OUTCAR or extended XYZ hold both."
            ),
            numbers={
                "predicted_rms": evidence.predicted_rms,
                "reference_rms": evidence.reference_rms,
                "r_squared": best.r_squared,
            },
        )
    if best.r_squared < UNRELATED_R_SQUARED:
        zeros = _doubt_about_zeros(evidence)
        if zeros is not None:
            return zeros
        net = _net_share(evidence)
        sum_text = (
            f" They do not sum to zero either, as those of one frame do (net force {three_digits(net)} of that of "
            "random numbers)."
            if net > LARGE_NET_FORCE
            else ""
        )
        return ReadingDoubt(
            code="unrelated",
            headline="Nothing connects these forces with this structure.",
            text=(
                f"R² is {three_digits(best.r_squared)} in the best of the usual orientations, and no order of the rows "
                f"explains it.{sum_text} Forces of another frame or material, or columns that are no forces, look so; "
                "the files do not tie the rows to the atoms. Upload what the DFT program wrote, or add columns "
                "element, x, y, z."
            ),
            numbers={"slope": best.slope, "r_squared": best.r_squared, "net_force_share": net},
        )
    return None


def _doubt_about_zeros(evidence: Evidence) -> ReadingDoubt | None:
    """Return the doubt about forces of exactly zero, where those of the other atoms fit."""
    are_zero = (evidence.reference == 0).all(axis=1)
    count = int(are_zero.sum())
    if not 0 < count < len(are_zero):
        return None
    others = agreement(evidence.reference[~are_zero], evidence.predicted[~are_zero])
    if others.r_squared < RELAXED_R_SQUARED:
        return None
    return ReadingDoubt(
        code="unrelated",
        headline=f"The forces of {count} of {len(are_zero)} atoms are exactly zero, and should not be.",
        text=(
            f"On these atoms the potential's forces are among the largest; those of the other atoms fit (R² "
            f"{three_digits(others.r_squared)}). Atoms kept fixed are written so. Give the forces without the "
            "constraint, and no rows of zeros in place of forces."
        ),
        numbers={"zeros": float(count), "slope": others.slope, "r_squared": others.r_squared},
    )


def _net_share(evidence: Evidence) -> float:
    """Return the largest |Σf|/√(Σ|f|²) of a frame: about 1 for random numbers, 0 for the forces of a frame."""
    shares = [
        float(np.linalg.norm(frame.reference.sum(axis=0)) / norm)
        for frame in evidence.frames
        if (norm := float(np.linalg.norm(frame.reference))) > 0
    ]
    return max(shares, default=0.0)
