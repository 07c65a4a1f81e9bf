"""How to correct one's own potential: the commands, ready to copy."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

COMMAND = "softdash correct labelled.extxyz --potential chgnet-0.3.0 -o recipe.json"
PROGRAM = """from softdash.potentials.scaled_calculator import ScaledCalculator

atoms.calc = ScaledCalculator.from_recipe("recipe.json")
forces = atoms.get_forces()  # c times those of the potential"""


def correction_guide() -> list[Component]:
    """Return the section that explains ``softdash correct``."""
    return [
        html.H2("Correct your own potential"),
        html.P(
            [
                (
                    "One or more frames with DFT forces, in any file that the diagnosis takes. The command fits c*, "
                    "gives its interval, tries it on frames left out of the fit, and says "
                ),
                html.Strong("no"),
                (
                    " where one factor does not help: little beyond scatter (R² below 0.8), or a factor that these "
                    "labels cannot tell from 1."
                ),
            ],
            className="prose",
        ),
        _copyable("correction-command", COMMAND, "command"),
        html.P(
            "The recipe is a small JSON file: the factor with its interval, the potential with the hash of its "
            "weights, the labels with theirs. Loaded with other weights, it refuses. As an ASE calculator it "
            "multiplies forces and stresses by c, and energies about the lowest of your frames, which keeps its "
            "energy:",
            className="prose",
        ),
        _copyable("correction-program", PROGRAM, "program"),
    ]


def _copyable(code_id: str, code: str, what: str) -> Component:
    button = html.Button(
        "Copy",
        type="button",
        className="text-button",
        **{"data-copy-from": code_id, "aria-label": f"Copy the {what}"},
    )
    block = html.Pre(html.Code(code, id=code_id), className="code-block", tabIndex=0)
    return html.Div([block, html.Div(button, className="figure-tools no-print")])
