"""Whether the cell lies in space as the forces have it: a turned cell lowers the slope just as softening does.

Predicted forces turn with the structure, so that one prediction tests every orientation: for a rotation T of the
reference forces f, Σ p·(T f) = tr(T M) with M = Σ f pᵀ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.evidence import Agreement, Evidence, agreement_of_sums
from softdash.diagnosis.records import Reading, ReadingDoubt, ReadingProposal
from softdash.softening import three_digits
from softdash.structures.matching.orientation import (
    SETTING_TEXTS,
    axes_codes,
    axes_matrix,
    orientation_text,
    setting_rotation,
)

SAME_SLOPE = 0.005
"""Orientations whose slopes differ by less than this need no decision."""

CLEARLY_BETTER = 1.1
"""The next best orientation must leave this many times the scatter of the best. On 749 single frames of mpf-TP in
skewed cells the wrong one of two settings is clearly better, with a slope off by more than `SAME_SLOPE`, in two."""

PAIRED_T = 1.0
"""And the mean difference of the squared errors of the atoms must be this many of its standard errors."""

WORST_THAT_DECIDES = 0.3
"""R² below which not even the best orientation is one to go by."""

FEWEST_COMPONENTS = 6
"""Independent force components below which no orientation is told from another."""

WORST_FOR_OTHER_AXES, BEST_FOR_OTHER_AXES = 0.6, 0.9
"""Exchanged or reversed axes are 48 guesses: they are proposed only where R² rises from below the first to above the
second."""

TURNED_SCATTER = 0.3
"""A free rotation that leaves less than this share of the scatter, per degree of freedom, says that the cell is turned,
even where no setting explains how."""

TURNED_SCATTER_OF_FEW = 0.05
"""The same share for frames of so few components that a free rotation fits much by chance."""

NEGLIGIBLE_SCATTER = 0.004
"""Where the forces leave less unexplained than this, no turn is looked for: it moves the slope by 0.2 % at most."""

_ASK = "Give the positions with the forces (columns element, x, y, z, fx, fy, fz), or upload CONTCAR or vasprun.xml."
_SMALLEST_ANGLE = 8.0  # degrees
_INVERSION = "-x-y-z"
_AS_GOOD = 0.005  # of R²
_MOST_PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Orientation:
    """One way to turn the reference forces into the cells as read.

    Attributes
    ----------
    code : str
        As `ReadOptions.orientation`.
    agreement : Agreement
    matrices : tuple of ndarray, shape (3, 3)
        For each frame T with ``reference @ T`` in the axes of the cell.
    """

    code: str
    agreement: Agreement
    matrices: tuple[NDArray[np.float64], ...]


def settings_for(evidence: Evidence) -> list[Orientation]:
    """Return the settings of the cells with their agreement, ``"given"`` first; only those all frames have."""
    found: list[Orientation] = []
    for name in SETTING_TEXTS:
        rotations = [
            setting_rotation(name, frame.cell) if _has_volume(frame.cell) else None for frame in evidence.frames
        ]
        known = [rotation for rotation in rotations if rotation is not None]
        if name == "given":
            known = [np.eye(3)] * len(evidence.frames)
        if len(known) < len(evidence.frames):
            continue
        if not any(_same(known, list(other.matrices)) for other in found):
            found.append(_orientation(evidence, name, known))
    return found


def other_axes_for(evidence: Evidence, settings: list[Orientation]) -> list[Orientation]:
    """Return each setting with exchanged and reversed axes, best agreement first."""
    found = []
    for setting in settings:
        for axes in axes_codes()[1:]:
            if axes == _INVERSION:
                continue  # that is the sign
            matrix = axes_matrix(axes)
            turned = [matrix @ rotation for rotation in setting.matrices]
            found.append(_orientation(evidence, f"{setting.code}/{axes}", turned))
    return sorted(found, key=lambda one: -one.agreement.r_squared)


def doubt_about_orientation(evidence: Evidence, *, is_known: bool) -> tuple[ReadingDoubt | None, Reading | None]:
    """Return the doubt about the orientation of the cells, or the reading that the forces confirm; or neither.

    Parameters
    ----------
    evidence : Evidence
    is_known : bool
        Whether the files or the visitor say how the cells lie; then only a blatant contradiction is a doubt.
    """
    if is_known and evidence.as_read.r_squared >= WORST_FOR_OTHER_AXES:
        return None, None
    settings = settings_for(evidence)
    given = settings[0]
    if is_known or len(settings) == 1:
        return _contradiction(evidence, settings, given, is_known=is_known), None
    best = max(settings, key=lambda one: one.agreement.r_squared)
    rivals = [one for one in settings if abs(one.agreement.slope - best.agreement.slope) > SAME_SLOPE]
    contradiction = _contradiction(evidence, settings, best, is_known=False)
    if contradiction is not None:
        return contradiction, None
    if best is not given and given not in rivals and not _is_clearly_better(evidence, best, given):
        best = given  # as good, and the same slope
    if best is given and not rivals:
        return None, _reading(given, "The other usual settings give the same slope.")
    clear = all(_is_clearly_better(evidence, best, rival) for rival in rivals)
    if best is given and clear:
        worst = min(rivals, key=lambda one: one.agreement.unexplained)
        return None, _reading(
            best,
            f"The forces fit best this way: R² {three_digits(best.agreement.r_squared)}, with "
            f"{orientation_text(worst.code)} {three_digits(worst.agreement.r_squared)}.",
        )
    return _undecided(settings, given, best if clear and best is not given else None), None


def _orientation(evidence: Evidence, code: str, rotations: list[NDArray[np.float64]]) -> Orientation:
    crossed = sum(
        float(np.vdot(frame.reference @ rotation, frame.predicted))
        for frame, rotation in zip(evidence.frames, rotations, strict=True)
    )
    squares = (
        float(np.vdot(evidence.reference, evidence.reference)),
        float(np.vdot(evidence.predicted, evidence.predicted)),
    )
    return Orientation(code, agreement_of_sums(crossed, *squares), tuple(rotations))


def _has_volume(cell: NDArray[np.float64]) -> bool:
    return bool(abs(np.linalg.det(cell)) > 1e-9)


def _same(some: list[NDArray[np.float64]], others: list[NDArray[np.float64]]) -> bool:
    return all(np.abs(one - other).max() < 1e-6 for one, other in zip(some, others, strict=True))


def _squared_errors(evidence: Evidence, one: Orientation) -> NDArray[np.float64]:
    """Return for each atom |p − s T f|², shape (n,)."""
    turned = np.concatenate([f.reference @ t for f, t in zip(evidence.frames, one.matrices, strict=True)])
    errors: NDArray[np.float64] = ((evidence.predicted - one.agreement.slope * turned) ** 2).sum(axis=1)
    return errors


def _is_clearly_better(evidence: Evidence, best: Orientation, rival: Orientation) -> bool:
    if evidence.free_components < FEWEST_COMPONENTS or best.agreement.r_squared < WORST_THAT_DECIDES:
        return False
    if rival.agreement.unexplained < CLEARLY_BETTER * best.agreement.unexplained:
        return False
    differences = _squared_errors(evidence, rival) - _squared_errors(evidence, best)
    spread = float(differences.std(ddof=1)) / np.sqrt(len(differences))
    return bool(differences.mean() > PAIRED_T * spread)


def _contradiction(
    evidence: Evidence, settings: list[Orientation], best: Orientation, *, is_known: bool
) -> ReadingDoubt | None:
    """Return the doubt where exchanged axes, or a free rotation, fit far better than every setting."""
    if evidence.free_components <= FEWEST_COMPONENTS:
        return None
    unrelated = best.agreement.r_squared < WORST_FOR_OTHER_AXES
    if (is_known and not unrelated) or best.agreement.r_squared > 1 - NEGLIGIBLE_SCATTER:
        return None
    if best.agreement.r_squared < -WORST_FOR_OTHER_AXES:
        return None  # the sign explains it
    turned = _free_rotation(evidence)
    angle = _angle(best.matrices[0].T @ turned.matrices[0])
    left = turned.agreement.unexplained / max(evidence.free_components - 4, 1)
    scatter = best.agreement.unexplained / (evidence.free_components - 1)
    share = TURNED_SCATTER if evidence.free_components >= 2 * FEWEST_COMPONENTS else TURNED_SCATTER_OF_FEW
    fits = turned.agreement.r_squared > BEST_FOR_OTHER_AXES and left < share * scatter
    if not fits or angle < _SMALLEST_ANGLE:
        return None
    limit = max(BEST_FOR_OTHER_AXES, 1 - 2 * turned.agreement.unexplained - 0.01)
    fitting = [one for one in other_axes_for(evidence, settings) if one.agreement.r_squared > limit]
    if fitting:
        top = fitting[0].agreement.r_squared
        as_good = [one for one in fitting if one.agreement.r_squared > top - _AS_GOOD]
        return _doubt(evidence, as_good, is_known=is_known)
    return _turned(best, turned, angle)


def _free_rotation(evidence: Evidence) -> Orientation:
    """Return the orthogonal matrix that fits best, mirror images among them (Procrustes; Schönemann 1966)."""
    left, _, right = np.linalg.svd(evidence.reference.T @ evidence.predicted)
    matrix = left @ right
    return _orientation(evidence, "given", [matrix] * len(evidence.frames))


def _angle(matrix: NDArray[np.float64]) -> float:
    """Return the angle of a rotation in degrees; of a rotation with a mirror, that of its rotation."""
    proper = matrix * np.sign(np.linalg.det(matrix))
    return float(np.degrees(np.arccos(np.clip((np.trace(proper) - 1) / 2, -1, 1))))


def _reading(one: Orientation, detail: str) -> Reading:
    return Reading("orientation", orientation_text(one.code), "tested", detail)


def _proposal(one: Orientation) -> ReadingProposal:
    return ReadingProposal(
        label="Keep the orientation as read" if one.code == "given" else f"Take {orientation_text(one.code)}",
        options={"orientation": one.code},
        slope=one.agreement.slope,
        r_squared=one.agreement.r_squared,
    )


def _doubt(evidence: Evidence, fitting: list[Orientation], *, is_known: bool) -> ReadingDoubt:
    found, best = evidence.as_read, fitting[0]
    ground = "" if is_known else " The structure's file does not say how its cell lies."
    return ReadingDoubt(
        code="orientation",
        headline="The cell seems to lie in space otherwise than the forces have it.",
        text=(
            f"As read, R² is {three_digits(found.r_squared)}; with {orientation_text(best.code)} it is "
            f"{three_digits(best.agreement.r_squared)}.{ground}"
        ),
        numbers={
            "slope": found.slope,
            "r_squared": found.r_squared,
            "other_slope": best.agreement.slope,
            "other_r_squared": best.agreement.r_squared,
        },
        proposals=tuple(_proposal(one) for one in fitting[:_MOST_PROPOSALS]),
    )


def _turned(best: Orientation, turned: Orientation, angle: float) -> ReadingDoubt:
    return ReadingDoubt(
        code="orientation",
        headline="The cell seems to be turned against the forces.",
        text=(
            f"Turned by {angle:.0f}° the forces would fit with R² {three_digits(turned.agreement.r_squared)}; as read "
            f"it is {three_digits(best.agreement.r_squared)}, and no usual setting of the cell explains that turn. "
            f"{_ASK}"
        ),
        numbers={
            "slope": best.agreement.slope,
            "r_squared": best.agreement.r_squared,
            "angle": angle,
            "other_r_squared": turned.agreement.r_squared,
        },
    )


def _undecided(settings: list[Orientation], given: Orientation, best: Orientation | None) -> ReadingDoubt:
    shown = "; ".join(
        f"{orientation_text(one.code)} gives slope {three_digits(one.agreement.slope)} and R² "
        f"{three_digits(one.agreement.r_squared)}"
        for one in settings
    )
    verb = "Another setting fits clearly better" if best is not None else "The forces do not decide between them"
    ranked = sorted(settings, key=lambda one: -one.agreement.r_squared)
    return ReadingDoubt(
        code="orientation",
        headline="How the cell lies in space decides the slope, and the files do not say it.",
        text=f"The structure's file gives lengths and angles only: {shown}. {verb}. {_ASK}",
        numbers={"slope": given.agreement.slope, "r_squared": given.agreement.r_squared},
        proposals=tuple(_proposal(one) for one in ranked if one.agreement.r_squared >= WORST_THAT_DECIDES),
    )
