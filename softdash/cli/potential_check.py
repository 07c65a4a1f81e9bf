"""``softdash potentials check``: one line per check, then the card."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from softdash.cli.options import echo_json
from softdash.settings import get_settings

_WORDS = {"passed": "passed", "failed": "FAILED", "property": "property of the card", "proposed": "proposed"}


def check_potential(name: str, *, as_json: bool) -> bool:
    """Check a potential, print what was found, and return whether nothing failed.

    Raises
    ------
    PotentialUnavailableError
        If it is unknown, not installed, or does not load.
    InputError
        If there is no crystal to check it on.
    PredictionError
        If it cannot compute the crystal of a known energy.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(get_settings().torch_threads))
    from softdash.potentials.card_check import check_card, filled_card, known_energies
    from softdash.potentials.registry import card, load_unchecked, package_version

    chosen = card(name)
    potential = load_unchecked(chosen)
    results = []
    for result in check_card(chosen, potential):
        results.append(result)
        if not as_json:
            details = f": {result.details}" if result.details else ""
            click.echo(f"{result.name.replace('_', ' ')}: {_WORDS[result.outcome]}{details}")
    holds = all(result.outcome != "failed" for result in results)
    text = filled_card(chosen, potential)
    if as_json:
        echo_json(
            {
                "potential": chosen.name,
                "package": chosen.package,
                "package_version": package_version(chosen),
                "weights_sha256": chosen.weights_sha256(),
                "holds": holds,
                "checks": [asdict(result) for result in results],
                "known_energies": known_energies(chosen, potential),
                "card": text,
            }
        )
    else:
        click.echo(f"\n{text}", nl=False)
    return holds
