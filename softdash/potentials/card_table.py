"""The table of potentials in ``docs/potentials.md``, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.potentials.interface import PotentialCard


def card_table(listed: Sequence[PotentialCard]) -> str:
    """Return the table, one row per card, in the order given."""
    rows = ["| potential | `--potential` | functional | trained on | elements | runs in | weights |"]
    rows.append("|---|---|---|---|---|---|---|")
    for card in listed:
        guessed = f" (and {len(card.guessed_elements)} untrained)" if card.guessed_elements else ""
        cells = (card.label, f"`{card.name}`", card.functional, card.training_set, f"{len(card.elements)}{guessed}")
        rows.append(f"| {' | '.join(cells)} | `{card.package}` | {card.licence} |")
    return "\n".join(rows) + "\n"
