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


def ready_table(listed: Sequence[PotentialCard]) -> str:
    """Return the table of cards that wait for their library: what installs it, and what was run of it."""
    rows = ["| potential | `--potential` | functional | trained on | install | tried |", "|---|---|---|---|---|---|"]
    for card in listed:
        tried = next((note.removeprefix("Tried: ") for note in card.notes if note.startswith("Tried: ")), "")
        cells = (card.label, f"`{card.name}`", card.functional, card.training_set, f"`{card.install}`", tried)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"
