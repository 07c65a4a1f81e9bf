"""Which potentials a diagnosis names, and whether they suit its labels: functional and elements."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials.card_description import FUNCTIONAL_NOT_STATED
from softdash.potentials.elements import refuse_what_the_card_lacks, unknown_elements
from softdash.potentials.functionals import (
    HUBBARD_METALS,
    functional_differs,
    hubbard_u_differs,
    takes_hubbard_u,
    training_has_hubbard_u,
)
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import card, how_to_install
from softdash.softening.statistics import Notice

POTENTIALS_IN_TITLE = 3
"""Potentials that a title names; more of them are counted."""
TITLE_LENGTH = 200
"""Characters of a title at most."""
NOTE_LENGTH = 2_000
"""Characters of a note at most."""


def notices_about(
    card: PotentialCard, elements: Sequence[Collection[str]], functional: str | None
) -> tuple[Notice, ...]:
    """Return the warnings about running a potential on labels of these elements and this functional.

    Parameters
    ----------
    card : PotentialCard
    elements : sequence of collection of str
        Chemical symbols in each frame of the upload.
    functional : str or None
        As far as the files tell.

    Raises
    ------
    PredictionError
        If every frame has an element that the potential cannot compute.
    """
    everywhere = set().union(*elements)
    lacking = [frame for frame in elements if unknown_elements(card.computable_elements, frame)]
    if lacking and len(lacking) == len(elements):
        refuse_what_the_card_lacks(card, everywhere)
    notices = []
    if lacking:
        unknown = unknown_elements(card.computable_elements, everywhere)
        text = (
            f"{card.label} does not know {', '.join(unknown)}: {len(lacking)} of {len(elements)} frames are left out."
        )
        notices.append(Notice("frames_with_unknown_elements", text))
    guessed = unknown_elements(card.elements, everywhere & card.computable_elements)
    if guessed:
        text = f"{_listed(guessed)} did not occur in the training set of {card.label}: its forces there are guesses."
        notices.append(Notice("element_outside_training_set", text))
    if card.functional == FUNCTIONAL_NOT_STATED:
        text = (
            f"Nothing says which functional {card.label} learnt; where it is another one than that of the forces, part "
            "of the slope is the difference between the functionals."
        )
        return (*notices, Notice("functional_unknown", text))
    with_u = [] if functional is not None else [frame for frame in elements if takes_hubbard_u(frame)]
    if with_u and card.is_universal:
        metals = _listed(sorted(set().union(*with_u) & HUBBARD_METALS))
        has_u = any(training_has_hubbard_u(card.functional, frame) for frame in with_u)
        text = (
            f"The files do not say which functional made the forces. {card.label} learnt {card.functional}, oxides and "
            f"fluorides of {metals} {'with' if has_u else 'without'} a Hubbard U, and others compute them "
            f"{'without' if has_u else 'with'} one: part of the slope may be that difference. Name the functional of "
            "the labels."
        )
        notices.append(Notice("hubbard_u_unknown", text))
    elif functional is None and card.is_universal:
        text = (
            f"The files do not say which functional made the forces. {card.label} learnt {card.functional}; "
            "with another functional, part of the slope is the difference between the functionals."
        )
        notices.append(Notice("functional_unknown", text))
    elif functional is not None and card.is_universal:
        mismatch = _functional_mismatch(card, elements, functional)
        if mismatch is not None:
            notices.append(Notice("functional_mismatch", mismatch))
    if not card.is_universal:
        text = f"{card.label} is a classical potential for demonstrations; its slope says nothing about universal ones."
        notices.append(Notice("demonstration_potential", text))
    return tuple(notices)


def _functional_mismatch(card: PotentialCard, elements: Sequence[Collection[str]], functional: str) -> str | None:
    """Say how the functional of the labels, Hubbard U included, is not the one that the potential learnt."""
    consequence = "part of the slope is the difference between the functionals, not softening."
    if functional_differs(functional, card.functional):
        return f"The forces are {functional}, but {card.label} learnt {card.functional}: {consequence}"
    other = [frame for frame in elements if hubbard_u_differs(functional, card.functional, frame)]
    if not other:
        return None
    count = f" ({len(other)} of {len(elements)} frames)" if len(other) < len(elements) else ""
    if any(training_has_hubbard_u(card.functional, frame) for frame in other):
        metals = _listed(sorted(set().union(*other) & HUBBARD_METALS))
        return (
            f"The forces are {functional} without a Hubbard U{count}, but {card.label} learnt oxides and fluorides of "
            f"{metals} with one: {consequence}"
        )
    return (
        f"The forces are {functional} with a Hubbard U{count}, but {card.label} learnt these elements without one: "
        f"{consequence}"
    )


def choose_cards(potentials: Sequence[str | PotentialCard], served: Collection[str] = ()) -> tuple[PotentialCard, ...]:
    """Return the cards of the named potentials, all installed here or served by a worker of another environment.

    Parameters
    ----------
    potentials : sequence of str or PotentialCard
        Names, and cards of calculators that no name stands for.
    served : collection of str
        Names of the potentials that living workers hold loaded.

    Raises
    ------
    InputError
        If none is named, or one twice.
    PotentialUnavailableError
        If one is unknown, or neither installed nor served.
    """
    if not potentials:
        raise InputError("No potential was chosen.", advice="Choose at least one.")
    names = [one if isinstance(one, str) else one.name for one in potentials]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"The potential '{repeated[0]}' is named twice.", advice="Name each potential once.")
    chosen = tuple(card(one) if isinstance(one, str) else one for one in potentials)
    for one in chosen:
        if one.name not in served and not one.is_installed():
            raise PotentialUnavailableError(
                f"{one.label} is not installed here.",
                where=f"potential {one.name}",
                advice=f"Choose another one. {how_to_install(one)}",
            )
    return chosen


def tidy_title(title: str | None, formula: str, chosen: Sequence[PotentialCard]) -> str:
    """Return the title given, in one line of bearable length, or one made from material and potentials."""
    given = " ".join((title or "").split())
    by = ", ".join(one.label for one in chosen) if len(chosen) <= POTENTIALS_IN_TITLE else f"{len(chosen)} potentials"
    return (given or f"{formula} by {by}")[:TITLE_LENGTH]


def checked_title(title: str) -> str:
    """Return a title that an owner wrote, in one line.

    Raises
    ------
    InputError
        If it is empty or too long.
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in title).split())
    if not line:
        raise InputError("The title is empty.", advice="Write a few words.")
    if len(line) > TITLE_LENGTH:
        raise InputError(
            f"The title has {len(line)} characters; at most {TITLE_LENGTH} are kept.", advice="Shorten it."
        )
    return line


def checked_note(note: str) -> str:
    """Return a note that an owner wrote: plain text, its lines kept, without control characters.

    Raises
    ------
    InputError
        If it is too long.
    """
    kept = "".join(letter for letter in note.replace("\r\n", "\n") if letter == "\n" or letter.isprintable()).strip()
    if len(kept) > NOTE_LENGTH:
        raise InputError(
            f"The note has {len(kept):,} characters; at most {NOTE_LENGTH:,} are kept.", advice="Shorten it."
        )
    return kept


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
