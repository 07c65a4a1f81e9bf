"""Step 3 of a diagnosis: the potentials to choose from, and what to know about each for this material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import UploadRecord
from softdash.errors import SoftdashError
from softdash.jobs.service import DiagnosisService, PotentialAvailability
from softdash.potentials.interface import PotentialCard
from softdash.web.parts.number_text import seconds_text
from softdash.web.parts.swatch import swatch

_STATES = {
    "online": ("ready", "It is loaded and starts at once."),
    "loading": ("loading", "It is being loaded; your diagnosis will wait a few seconds."),
    "offline": ("offline", "It is not running on this server at present; your diagnosis will wait until it is."),
    "failed": ("failed to load", "The server could not load it."),
    "not installed": ("not installed", "It is not installed on this server."),
}
_CHOOSABLE = {"online", "loading", "offline"}


@dataclass(frozen=True, slots=True)
class PotentialChoice:
    """One potential on offer.

    Attributes
    ----------
    availability : PotentialAvailability
    warnings : tuple of str
        What to know when it is run on the upload.
    seconds : float or None
        Expected duration; None before there is an upload.
    obstacle : str or None
        Why it cannot be chosen.
    """

    availability: PotentialAvailability
    warnings: tuple[str, ...] = ()
    seconds: float | None = None
    obstacle: str | None = None

    @property
    def card(self) -> PotentialCard:
        """Its card."""
        return self.availability.card


def choices(service: DiagnosisService, upload: UploadRecord | None) -> list[PotentialChoice]:
    """Return every known potential, with its warnings for `upload` if there is one."""
    return [_choice(service, available, upload) for available in service.online_potentials().values()]


def _choice(
    service: DiagnosisService, available: PotentialAvailability, upload: UploadRecord | None
) -> PotentialChoice:
    if available.state not in _CHOOSABLE:
        return PotentialChoice(available, obstacle=available.problem or _STATES[available.state][1])
    if upload is None:
        return PotentialChoice(available)
    name = available.card.name
    try:
        warnings = tuple(found.message for found in service.notices(upload.id, name))
    except SoftdashError as error:
        return PotentialChoice(available, obstacle=error.what)
    return PotentialChoice(available, warnings, service.estimated_seconds(upload, name))


def default_potentials(available: Mapping[str, PotentialAvailability]) -> list[str]:
    """Return the potential that is chosen at first: the first universal one that can run."""
    for name, one in available.items():
        if one.card.is_universal and one.state in _CHOOSABLE:
            return [name]
    return []


def potential_options(offered: Sequence[PotentialChoice], chosen: Sequence[str] = ()) -> list[Component]:
    """Return the cards of the checkbox group.

    Folded away unless one of them is chosen: universal potentials that are not installed, and the classical ones.
    """
    universal = [choice for choice in offered if choice.card.is_universal]
    here = [choice for choice in universal if choice.availability.state != "not installed"]
    absent = [choice for choice in universal if choice.availability.state == "not installed"]
    classical = [choice for choice in offered if not choice.card.is_universal]
    parts: list[Component] = [html.Div([_option(choice) for choice in here], className="potentials")]
    if absent:
        parts.append(_folded(f"Not installed on this server: {len(absent)} more", absent, chosen))
    if classical:
        parts.append(_folded("Show test potentials", classical, chosen))
    return parts


def _folded(summary: str, offered: Sequence[PotentialChoice], chosen: Sequence[str]) -> Component:
    return html.Details(
        [html.Summary(summary), html.Div([_option(choice) for choice in offered], className="potentials")],
        className="test-potentials",
        open=any(choice.card.name in chosen for choice in offered),
    )


def _option(choice: PotentialChoice) -> Component:
    card, state = choice.card, choice.availability.state
    word, meaning = _STATES[state]
    training = f"Learnt {card.functional}. {card.training_set}." if card.is_universal else f"{card.training_set}."
    expected = f" · {seconds_text(choice.seconds)}" if choice.seconds is not None else ""
    lines: list[Component] = [
        html.Span(
            [
                swatch(card.name),
                html.Span(card.label, className="potential-label"),
                html.Span(word + expected, className=f"potential-state {state.replace(' ', '-')}", title=meaning),
            ],
            className="potential-head",
        ),
        html.Span(training, className="muted small"),
        *(html.Span(warning, className="potential-warning small") for warning in choice.warnings),
    ]
    if choice.obstacle:
        lines.append(html.Span(choice.obstacle, className="potential-warning small"))
    return dmc.CheckboxCard(
        html.Span([dmc.CheckboxIndicator(), html.Span(lines, className="potential-text")], className="potential-inner"),
        value=card.name,
        withBorder=True,
        disabled=choice.obstacle is not None,
        className="potential",
    )
