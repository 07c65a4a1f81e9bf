"""Names for people: of potentials, by the registry of potentials."""

from __future__ import annotations

from collections.abc import Iterable

from softdash.errors import PotentialUnavailableError
from softdash.potentials import registry


def potential_label(name: str) -> str:
    """Return the name to show for a potential's identifier: ``"chgnet-0.3.0"`` → ``"CHGNet 0.3.0"``.

    A potential that computed a table but is no longer registered keeps its identifier.
    """
    if name == "dft":
        return "DFT"
    try:
        return registry.card(name).label
    except PotentialUnavailableError:
        return name


def potential_options(names: Iterable[str]) -> list[dict[str, str]]:
    """Return the options of a control that chooses among potentials."""
    return [{"value": name, "label": potential_label(name)} for name in names]
