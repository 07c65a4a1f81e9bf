"""One panel of the counterpart of Fig. 6a: parity of the test frames, with the training frames as open circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.web.figures.decoration import DECORATION
from softdash.web.figures.parity import ParitySeries, parity_figure
from softdash.web.theme import INK, Theme

TRAINING_POINTS = 600
"""Force components of the training frames drawn at most, evenly spaced through them."""


class ParityPanel(Protocol):
    """Forces of the test frames and of the training frames of one step."""

    @property
    def key(self) -> str:
        """Identifier of the step."""

    @property
    def test(self) -> ParitySeries:
        """Test frames."""

    @property
    def training_x(self) -> NDArray[np.float64]:
        """Reference force components of the training frames, eV/Å."""

    @property
    def training_y(self) -> NDArray[np.float64]:
        """Predicted ones."""


def panel_figure(panels: Sequence[ParityPanel], key: str, *, theme: Theme, max_points: int) -> go.Figure:
    """Draw one panel with the axes of all, so that panels can be compared by eye.

    After Fig. 6a of Deng et al., npj Comput. Mater. 11, 9 (2025).

    Parameters
    ----------
    panels : sequence of ParityPanel
    key : str
        The one to draw.
    theme : {"light", "dark"}
    max_points : int
        As for `softdash.web.figures.parity.parity_figure`.
    """
    panel = next(one for one in panels if one.key == key)
    figure = parity_figure([panel.test], theme=theme, max_points=max_points)
    reach = 1.06 * max(float(np.abs(one.test.reference).max()) for one in panels)
    figure.update_xaxes(range=[-reach, reach])
    figure.update_yaxes(range=[-reach, reach])
    if panel.training_x.size:
        chosen = np.unique(np.linspace(0, panel.training_x.size - 1, TRAINING_POINTS).astype(int))
        figure.add_scatter(
            x=panel.training_x[chosen].round(3).astype(np.float32),
            y=panel.training_y[chosen].round(3).astype(np.float32),
            mode="markers",
            name="training",
            marker={"color": INK[theme].text, "size": 5, "symbol": "circle-open", "opacity": 0.55},
            hovertemplate="training frame<br>DFT %{x:.3f} eV/Å<br>predicted %{y:.3f} eV/Å<extra></extra>",
        )
    figure.update_layout(showlegend=False)
    for trace in figure.data:
        if trace.type == "heatmap":
            trace.update(showscale=False, meta=DECORATION)
    return figure
