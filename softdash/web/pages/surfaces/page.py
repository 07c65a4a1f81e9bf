"""Surfaces: surface energies by potentials against DFT, as published (Fig. 2a) and as recomputed."""

from __future__ import annotations

from functools import partial

import dash
from dash import Dash, html

from softdash.benchmarks.energies.protocol import MILLER_INDEX_MAX, POSITION_TOLERANCE, SLAB_THICKNESS, VACUUM_LENGTH
from softdash.catalog import schemas
from softdash.web.parts.energies.page import parity_layout, register_parity_callbacks
from softdash.web.parts.energies.parity_task import ParityTask
from softdash.web.parts.energies.texts import OWN_MINIMUM_CAVEAT
from softdash.web.parts.formula import formula, fraction, sub
from softdash.web.parts.menu import MenuEntry

MENU = MenuEntry("Surfaces", "/surfaces", "Fig. 2a", position=40)

TASK = ParityTask(
    key="surfaces",
    title="Surfaces",
    lead=(
        "Atoms at a surface lack neighbours, unlike those of the bulk crystals that universal potentials learnt from. "
        "The energy to make a surface tells how far too cheap that is for a potential."
    ),
    quantity="surface energy",
    plural="surface energies",
    many="surfaces",
    unit="eV/Å²",
    decimals=4,
    figure="Fig. 2a",
    digitised=schemas.DIGITISED_SURFACES,
    computed=schemas.SURFACE_ENERGIES,
    published_task="surface_energy",
    published_count="n_surfaces",
    headings=("Material", "Surface"),
    definition=(
        formula(
            "γ = ",
            fraction(["E", sub("slab"), " − E", sub("bulk")], "2 A"),
            spoken="gamma equals the energy of the slab minus that of the bulk, over twice the area",
        ),
        html.P(
            "The bulk energy is that of as many atoms as the slab has; a slab has two surfaces of area A. 1 eV/Å² is "
            "16.02 J/m². Each method relaxes its own bulk and its own slab.",
            className="prose",
        ),
    ),
    settings=(
        (
            "Slabs",
            "symmetric and stoichiometric, Miller indices up to 2",
            f"the same generator (pymatgen), indices up to {MILLER_INDEX_MAX}",
        ),
        (
            "Thickness, vacuum",
            "at least 10 Å each",
            f"at least {SLAB_THICKNESS:g} Å of slab, {VACUUM_LENGTH:g} Å of vacuum",
        ),
        ("In-plane cell", "kept at the bulk's", "kept at the bulk's"),
        (
            "Bulk of metals",
            "the bulk crystal",
            "the slab's atoms without the vacuum, at the same k-points: their errors cancel",
        ),
        (
            "Relaxation by potentials",
            "largest force below 0.05 eV/Å",
            f"largest force below {POSITION_TOLERANCE:g} eV/Å",
        ),
        (
            "DFT",
            "VASP with Materials Project settings, forces below 0.02 eV/Å; 147 surfaces of 29 elements and binaries",
            "GPAW, PBE, plane waves and PAW",
        ),
    ),
    caveats=(
        OWN_MINIMUM_CAVEAT,
        (
            "Digitised points carry no names, and where points lie on top of each other some are missing. Printed MAEs "
            "are over all surfaces of the paper, those computed here over the points that were found: another set."
        ),
        (
            "The DFT energy of each metal surface carries the k-point error that was measured for Al(111), 5 %: a "
            "potential within it is neither too low nor too high. The other surfaces carry that of MgO(100)."
        ),
        "The slope of energies through the origin describes the cloud. It is not the softening scale of forces.",
        "Recomputed surfaces are few and simple, of small cells: compare directions with the paper, not digits.",
    ),
)

layout = partial(parity_layout, TASK)


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("surfaces", path=MENU.href, title="Surfaces · softdash", layout=layout)
    register_parity_callbacks(app, TASK)
