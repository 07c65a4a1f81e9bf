"""The potentials that the energy pages offer: those of a recomputed table, and the control that chooses among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_mantine_components as dmc
from dash.development.base_component import Component

from softdash.catalog import Catalog
from softdash.potentials.look import FAMILY_COLOURS, family_of
from softdash.web.parts.energies.series import computed_table, energy_label, known_potentials
from softdash.web.parts.view_state import view_id

_QUIET_FAMILIES = ("classical", "other")


@dataclass(frozen=True, slots=True)
class PotentialsOffered:
    """The potentials of a table: all known ones, those a page opens with, and those that are chosen."""

    known: Sequence[str]
    standard: list[str]
    chosen: list[str]


def potentials_offered(catalog: Catalog, table: str, wanted: str | None) -> PotentialsOffered:
    """Return the potentials that a recomputed table has; unknown ones of the address (with commas) are dropped.

    Parameters
    ----------
    table : str
        Its path under ``precomputed/``.
    wanted : str or None
        ``"chgnet-0.3.0,emt"``; without any known one, those of the default are chosen.
    """
    known = known_potentials([computed_table(catalog, table)])
    standard = _first_of_each_family(known)
    chosen = [name for name in (wanted or "").split(",") if name in known]
    return PotentialsOffered(known, standard, chosen or standard)


def _first_of_each_family(known: Sequence[str]) -> list[str]:
    """One colour each."""
    first: dict[str, str] = {}
    for name in known:
        family = family_of(name)
        if family in FAMILY_COLOURS and family not in _QUIET_FAMILIES:
            first.setdefault(family, name)
    return list(first.values())


def potentials_field(offered: PotentialsOffered) -> Component:
    """Return the control that chooses potentials, its value in the address."""
    return dmc.MultiSelect(
        id=view_id("potentials"),
        label="Potentials",
        data=[{"value": name, "label": energy_label(name)} for name in offered.known],
        value=list(offered.chosen),
        flex="1 1 320px",
        maw=620,
    )
