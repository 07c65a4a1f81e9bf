"""Findings, captions and caveats of the correction page, made from the numbers that are shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from softdash.diagnosis.correction import SMALLEST_R_SQUARED
from softdash.softening import three_digits, wilson_interval
from softdash.web.pages.correction.label_curves import LabelCurve, WorseShares
from softdash.web.pages.correction.series import Panel
from softdash.web.parts.material_names import subscripted

PANELS = {
    "pretrained": "Pretrained",
    "scalar": "One factor",
    "smaller": "Fine-tuned on one frame",
    "larger": "Fine-tuned on several frames",
}
"""The four steps on one system, each in a panel of its own."""

SETTINGS = (
    "All parameters of CHGNet 0.3.0 (but the atoms' reference energies) are fitted with the library's own trainer and "
    "the paper's hyperparameters: mean squared error with weights 0.1 for energies and 100 for forces, Adam from 1e-3 "
    "to 1e-5 along a cosine, 100 epochs, one tenth of the frames held out to choose the epoch by its force error, the "
    "last epoch for a single frame. The paper does not name a batch size: here it is one frame. The labels have no "
    "stresses, so the paper's stress term is missing. A constant per atom is taken off the labels' energies, because "
    "CHGNet's carry the MP2020 correction."
)

CAVEATS = (
    (
        "None of these systems is the paper's (Li₆Zn₂In₂(IO₃)₁₆ at 1000 K), whose trajectory was not published: "
        "compare what the panels do, not their digits."
    ),
    (
        "Training and test frames come from the same short runs, as in the paper. Copies of one configuration, "
        "strained or not, were taken out, but frames of one trajectory stay alike: the error elsewhere is larger."
    ),
    (
        "After the best factor c* the slope is R², not 1, and 1/s, which makes it 1, is another number: c*·s = R². "
        "Where the scatter is large (R² below about 0.8) c* shrinks forces that are too small already: it hides the "
        "error in a smaller cloud, and one factor should not be used."
    ),
    (
        "A factor is good near the configurations it was fitted to. It scales barriers and energy differences too, and "
        "frequencies by its square root, whether they need it or not."
    ),
    "LGPS is labelled with PBEsol, while the potentials learnt PBE: part of what is corrected there is the functional.",
    (
        "Quartiles and shares of the draws come from few frames, which many draws share: they show the spread of a "
        "choice, not the uncertainty over other materials."
    ),
)

SMALLEST_GROUP = 5
"""Materials of a data set below which its median is not told."""

_TITLES = {"pretrained": "Pretrained", "scalar": "One factor, 1 frame", "smaller": "Fine-tuned", "larger": "Fine-tuned"}


def panel_title(panel: Panel) -> str:
    """Return ``"Fine-tuned, 10 frames: slope 0.98, MAE 0.124 eV/Å"``."""
    count = int(panel.row["train_frames"])
    frames = "" if panel.key in ("pretrained", "scalar") else f", {count} frame{'s' if count != 1 else ''}"
    slope, error = float(panel.row["slope"]), float(panel.row["mae"])
    return f"{_TITLES[panel.key]}{frames}: slope {slope:.2f}, MAE {three_digits(error)} eV/Å"


def panel_caption(panel: Panel) -> str:
    """Return what is drawn, with n; and which weights or factor."""
    row = panel.row
    count = int(row["train_frames"])
    trained = f" Open circles: the {'frame' if count == 1 else f'{count} frames'} of the training."
    return (
        f"{int(row['component_count']):,} force components of {int(row['test_frames'])} test frames, "
        f"{row['functional']}.{_how(panel)}{trained if count else ''}"
    )


def _how(panel: Panel) -> str:
    row = panel.row
    if panel.key == "pretrained":
        return " CHGNet 0.3.0 as it is."
    if panel.key == "scalar":
        return f" Forces of CHGNet 0.3.0 times c* = {three_digits(float(row['factor']))}, fitted to one frame."
    held_out = int(row["validation_frames"])
    chosen = f" ({held_out} of them held out to choose epoch {int(row['epoch'])})" if held_out else " (last epoch)"
    count = int(row["train_frames"])
    return f" All parameters fitted to {count} frame{'s' if count != 1 else ''}{chosen}."


def fine_tuning_finding(panels: Sequence[Panel]) -> str:
    """Say how far each step brings the error down, and which steps do not."""
    before = float(panels[0].row["mae"])
    parts = []
    for panel, name in zip(panels[1:], ("one factor", "", ""), strict=True):
        count = int(panel.row["train_frames"])
        words = name or f"fine-tuning on {count} frame{'s' if count != 1 else ''}"
        change = 100 * (float(panel.row["mae"]) / before - 1)
        parts.append(f"{words} {f'{change:+.0f}'.replace('-', '−')} %")
    finding = f"Change of the force error on the test frames: {parts[0]}, {parts[1]}, {parts[2]}."
    r_squared = float(panels[0].row["r_squared"])
    if r_squared >= SMALLEST_R_SQUARED:
        return finding
    return (
        f"{finding} R² of the pretrained forces is {three_digits(r_squared)}: scatter, not softening, is most of the "
        "error. One factor makes it smaller by shrinking forces that are too small already, and is no cure here."
    )


def epoch_caption(panels: Sequence[Panel]) -> str:
    """Return what the curves of the epochs are."""
    row = panels[-1].row
    return (
        "Coloured: mean absolute force error of the training frames while the weights change. Thin: of the held-out "
        f"frame{'s' if int(row['validation_frames']) != 1 else ''} after each epoch. Dotted: errors of the test frames "
        f"with the weights that were taken. {SETTINGS}"
    )


def learning_title(curves: Sequence[LabelCurve], formula: str) -> str:
    """Say what one component and what one frame do to the material of this formula."""
    if not curves:
        return "Choose a potential"
    first = curves[0]
    one_frame = first.steps.index("1 frame")
    return (
        f"{subscripted(formula)}, {first.label}: a factor from one component makes the error larger in "
        f"{100 * first.worse_share[0]:.0f} % of the draws, one from a whole frame in "
        f"{100 * first.worse_share[one_frame]:.0f} %"
    )


def learning_caption(rows: pd.DataFrame) -> str:
    """Return what is drawn for one material, with n."""
    if rows.empty:
        return ""
    first = rows.iloc[0]
    return (
        f"Median and quartiles over {_choices_text(rows)} of the labels among "
        f"{int(first['frame_count'])} frames; the error is that of all frames without a label. Dotted: the factor "
        "fitted to all frames. Dashed: no correction. The axis is logarithmic and ends at 10."
    )


def _choices_text(rows: pd.DataFrame) -> str:
    """Say how many choices there are: each possible one once, or as many random ones as the largest number."""
    counts = sorted({int(count) for count in rows["draws"]})
    random = f"{counts[-1]} random choices"
    return random if len(counts) == 1 else f"each possible choice where there are few, else {random},"


def worse_title(groups: Sequence[WorseShares]) -> str:
    """Say for how many materials one component harms in most draws."""
    component = next((group for group in groups if group.step == "1 component"), None)
    frame = next((group for group in groups if group.step == "1 frame"), None)
    if component is None or frame is None:
        return "Choose a potential"
    parts = []
    for words, group in (("one component", component), ("one frame", frame)):
        harmed, count = int(np.count_nonzero(group.shares > 0.5)), len(group.shares)
        interval = wilson_interval(harmed, count)
        parts.append(
            f"{words} in {harmed} of {count} materials ({100 * interval.low:.0f} to {100 * interval.high:.0f} %)"
        )
    return f"{component.label}: most draws make the error larger with {parts[0]}, with {parts[1]}"


def worse_caption(groups: Sequence[WorseShares]) -> str:
    """Return what the points are, with n."""
    median = [f"{group.label}, {group.step}: {100 * float(np.median(group.shares)):.0f} %" for group in groups]
    frame = next((group for group in groups if group.step == "1 frame"), None)
    return (
        "Each point is one material; box: quartiles over materials. "
        f"Median share of draws that are worse: {'; '.join(median)}.{_by_dataset(frame)} "
        "Materials with at least five frames, forces of "
        "at least 0.3 eV/Å (root mean square) and pressures below 15 GPa. Intervals of the title: Wilson, 95 %, over "
        "materials."
    )


def _by_dataset(group: WorseShares | None) -> str:
    """Say how much the data sets differ, where they hold several materials."""
    if group is None:
        return ""
    names = np.asarray(group.datasets)
    parts = [
        f"{100 * float(np.median(group.shares[names == name])):.0f} % ({name}, n = {np.count_nonzero(names == name)})"
        for name in dict.fromkeys(group.datasets)
        if np.count_nonzero(names == name) >= SMALLEST_GROUP
    ]
    return f" {group.label} from one frame, by data set: {', '.join(parts)}." if len(parts) > 1 else ""
