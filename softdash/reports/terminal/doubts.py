"""What contradicts the reading of the files, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from softdash.reports.reading_texts import proposal_numbers
from softdash.reports.terminal.flags import options_as_flags

if TYPE_CHECKING:
    from rich.console import Console

    from softdash.diagnosis.records import ReadingDoubt


def print_doubts(console: Console, doubts: Sequence[ReadingDoubt], headline: str) -> None:
    """Print what contradicts the reading of the files, and the flags of the readings that fit better."""
    for doubt in doubts:
        if doubt.headline != headline:
            console.print(f"  {doubt.headline}", style="bold")
        console.print(f"  {doubt.text}", style="yellow")
        for proposal in doubt.proposals:
            console.print(f"  {proposal.label} → {proposal_numbers(proposal)}:")
            # Not wrapped, so that it can be copied.
            console.print(f"    {options_as_flags(proposal.options)}", soft_wrap=True)
