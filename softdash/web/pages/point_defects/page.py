"""Point defects: formation energies by potentials against DFT, as published (Fig. 2b) and as recomputed."""

from __future__ import annotations

from functools import partial

import dash
from dash import Dash, html

from softdash.benchmarks.energies.protocol import CELL_TOLERANCE, POSITION_TOLERANCE
from softdash.catalog import schemas
from softdash.web.parts.energies.page import parity_layout, register_parity_callbacks
from softdash.web.parts.energies.parity_task import ParityTask
from softdash.web.parts.energies.texts import OWN_MINIMUM_CAVEAT
from softdash.web.parts.formula import formula, sub
from softdash.web.parts.menu import MenuEntry

MENU = MenuEntry("Point defects", "/point-defects", "Fig. 2b", position=50)

TASK = ParityTask(
    key="point-defects",
    title="Point defects",
    lead=(
        "A missing, an additional or an exchanged atom puts its neighbours where no bulk crystal has them. The "
        "formation energies of vacancies, antisites and interstitials tell how far too cheap that is for a potential."
    ),
    quantity="defect energy",
    plural="defect energies",
    many="defects",
    unit="eV",
    decimals=3,
    figure="Fig. 2b",
    digitised=schemas.DIGITISED_DEFECTS,
    computed=schemas.DEFECT_ENERGIES,
    published_task="defect_energy",
    published_count="n_defects_caption",
    headings=("Host", "Defect"),
    definition=(
        formula(
            "E",
            sub("f"),
            " = E",
            sub("defect"),
            " − E",
            sub("bulk"),
            " − Σ μ",
            sub("i"),
            " ΔN",
            sub("i"),
            spoken="the formation energy equals the energy of the cell with the defect minus that of the perfect cell "
            "minus the sum of the chemical potential of each element times the number of its atoms added",
        ),
        html.P(
            [
                "μ is the energy per atom of the elemental phase (of O: the O",
                html.Sub("2"),
                " molecule), each method its own. Another choice shifts the energies of defects that exchange atoms.",
                " V",
                html.Sub("Al"),
                ": vacancy on an Al site; Ni",
                html.Sub("Al"),
                ": Ni on an Al site (antisite); Al",
                html.Sub("i"),
                ": interstitial. All are neutral.",
            ],
            className="prose",
        ),
    ),
    settings=(
        ("Hosts", "elemental phases and binary metallic compounds", "elements, binary metals, and oxides"),
        ("Relaxation", "full", "positions, in the cell of the relaxed bulk"),
        (
            "Convergence of potentials",
            "largest force below 0.05 eV/Å",
            f"largest force below {POSITION_TOLERANCE:g} eV/Å",
        ),
        (
            "DFT",
            "VASP with Materials Project settings, forces below 0.02 eV/Å; 134 defects of 32 systems (129 in the text)",
            "GPAW, PBE, plane waves and PAW; small supercells",
        ),
    ),
    caveats=(
        OWN_MINIMUM_CAVEAT,
        (
            "Formation energies are differences to elemental phases: an error of the elemental phase, as of the O₂ "
            "molecule, enters them too, with either sign."
        ),
        (
            "The zero of a formation energy is a matter of definition, so the slope through the origin describes the "
            "cloud. It is not the softening scale of forces."
        ),
        (
            "Recomputed defects are in small cells, where a defect meets its own images. DFT and the potentials have "
            "the same cell, so the difference means something; the energy of a lone defect is another one. By the "
            "steps of this page, CHGNet 0.3.0 gives 0.166 eV for the vacancy of aluminium in the cell of 26 atoms and "
            "0.140 eV in one of 107 atoms: the small cell costs 0.026 eV. Other choices move both alike: at the very "
            "minimum of its lattice constant, 4.043 Å, they are 0.170 and 0.144 eV (the relaxation of the bulk to "
            f"{CELL_TOLERANCE:g} eV/Å stays at 4.040 Å), and forces below 0.01 instead of {POSITION_TOLERANCE:g} eV/Å "
            "take 0.004 eV off the large cell."
        ),
        (
            "Defects of ionic crystals cost ten times as much as those of metals: a slope over both is that of MgO and "
            "LiF alone. The kinds of hosts have slopes and means of their own. The paper's defects are metallic."
        ),
    ),
    is_illustration=True,
    warning=(
        "An illustration: in this figure many points cover each other, and errors of those that could be read are not "
        "the paper's. The printed errors in the table below are those of all its defects."
    ),
)

layout = partial(parity_layout, TASK)


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("point_defects", path=MENU.href, title="Point defects · softdash", layout=layout)
    register_parity_callbacks(app, TASK)
