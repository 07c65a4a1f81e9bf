"""All potentials of this installation: of the entry points ``softdash.potentials``, and of TOML cards.

Cards of ``SOFTDASH_POTENTIALS_DIR`` follow those of entry points. The cards that come with softdash
(`softdash.potentials.card_files.SHIPPED`) join once their libraries and weights are here; until then they are
`ready_cards`, which no list of potentials shows as its own.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from ase import Atoms

from softdash.errors import InputError, PotentialUnavailableError, SoftdashError
from softdash.installation import install_command
from softdash.potentials.card_files import RESERVED_PREFIX, SHIPPED, card_files, read_card
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.settings import get_settings

ENTRY_POINT_GROUP = "softdash.potentials"

# Extras of pyproject.toml by the distribution that they bring.
_EXTRAS = {
    "chgnet": "chgnet",
    "m3gnet": "m3gnet",
    "mace-torch": "mace",
    "matgl": "matgl",
    "sevenn": "sevennet",
}

_NOT_INSTALLED = "not installed"
_NO_VERSION = "of no version"

logger = logging.getLogger(__name__)

_loaded: dict[str, Potential] = {}
_offered: dict[str, PotentialCard] = {}
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """A plug-in or a card that was skipped: its name, what it points to or where it lies, and the error in words."""

    plugin: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Discovery:
    cards: tuple[PotentialCard, ...]
    ready: tuple[PotentialCard, ...]
    problems: tuple[PluginProblem, ...]


def cards() -> tuple[PotentialCard, ...]:
    """Return every card, installed or not, in the order of their plug-ins; universal potentials first."""
    return (*_discover().cards, *_offered.values())


def ready_cards() -> tuple[PotentialCard, ...]:
    """Return the cards that come with softdash and wait for their library or weights, in the order of their names."""
    return _discover().ready


def offer(one: PotentialCard) -> None:
    """Add a card to those of this process.

    Raises
    ------
    PotentialUnavailableError
        If its name is taken.
    """
    if any(known.name == one.name for known in (*cards(), *ready_cards())):
        raise PotentialUnavailableError(
            f"There is a potential named '{one.name}' already.", advice="Choose another name for the calculator."
        )
    _offered[one.name] = one


def installed_cards() -> tuple[PotentialCard, ...]:
    """Return the cards whose package and weights are here."""
    return tuple(card for card in cards() if card.is_installed())


def plugin_problems() -> tuple[PluginProblem, ...]:
    """Return the plug-ins that could not be used, for display."""
    return _discover().problems


def card(name: str) -> PotentialCard:
    """Return the card of one potential.

    Raises
    ------
    PotentialUnavailableError
        If no plug-in offers that name; the message lists the names there are.
    """
    for candidate in (*cards(), *ready_cards()):
        if candidate.name == name:
            return candidate
    if name.startswith(RESERVED_PREFIX):
        raise PotentialUnavailableError(
            f"'{name}' was a calculator without a card, which only whoever has it can run.",
            advice="Give it again, in Python or by --calculator.",
        )
    raise PotentialUnavailableError(
        f"There is no potential named '{name}'.",
        advice=f"Choose one of: {', '.join(known.name for known in cards())}.",
    )


def package_version(potential_card: PotentialCard) -> str:
    """Version of the Python distribution that runs a potential, or ``"not installed"``."""
    try:
        return metadata.version(potential_card.package)
    except metadata.PackageNotFoundError:
        # A module that lies on the path, and was never installed, runs all the same.
        return _NO_VERSION if potential_card.calculator and potential_card.is_installed() else _NOT_INSTALLED


def load_potential(name: str) -> Potential:
    """Load a potential once per process, and check its known energies before it may serve.

    Raises
    ------
    PotentialUnavailableError
        If it is unknown, not installed, fails to load, or gives a wrong energy for a reference crystal.
    """
    chosen = card(name)
    with _loading:
        if name not in _loaded:
            _loaded[name] = _load_checked(chosen)
        return _loaded[name]


def load_card(chosen: PotentialCard) -> Potential:
    """Load the potential of a card: as `load_potential` where the card is one of the registry, else by itself.

    Raises
    ------
    PotentialUnavailableError
        As for `load_potential`.
    """
    is_known = any(known == chosen for known in (*cards(), *ready_cards()))
    return load_potential(chosen.name) if is_known else _load_checked(chosen)


def check_known_energies(chosen: PotentialCard, potential: Potential) -> None:
    """Compare the potential with its card's known energies.

    Raises
    ------
    PotentialUnavailableError
        If one is off by more than its tolerance, with both numbers.
    """
    for known in chosen.known_energies:
        crystal = reference_crystal(known)
        energy = potential.predict([crystal])[0].energy / len(crystal)
        if not math.isfinite(known.energy_per_atom):
            raise PotentialUnavailableError(
                f"The card of {chosen.label} has no number for {known.structure}; these weights give {energy:.6f} "
                "eV/atom.",
                where=f"potential {chosen.name}",
                advice="Write it there, once the SHA-256 of the weights is compared with the one that others use.",
            )
        if not abs(energy - known.energy_per_atom) <= known.tolerance:
            raise PotentialUnavailableError(
                f"{chosen.label} gives {energy:.4f} eV/atom for {known.structure}, but {known.energy_per_atom:.4f} "
                f"is right ({known.source}): its weights or its package are not the ones it was checked with.",
                where=f"potential {chosen.name}",
                advice=chosen.weights_advice or f"Install {chosen.package} again.",
            )


def how_to_install(chosen: PotentialCard) -> str:
    """Say what to do to get a potential that is not installed: its package, or only its weights."""
    if chosen.install:
        return f"Install it with: {chosen.install}{chosen.weights_advice and f'. {chosen.weights_advice}'}"
    if chosen.weights_advice and package_version(chosen) != _NOT_INSTALLED:
        return chosen.weights_advice
    return f"Install it with: {install_command(chosen.package, _EXTRAS.get(chosen.package))}"


def reference_crystal(known: KnownEnergy) -> Atoms:
    """Build the crystal of a known energy: formula, structure type and lattice constant in Å, ``"NaCl rocksalt 5.69"``.

    Structure types are those of `ase.build.bulk`; the cell is the conventional cubic one.
    """
    from ase.build import bulk  # brings scipy, 50 MB that the web process does without

    formula, structure_type, lattice_constant = known.structure.split()
    return bulk(formula, structure_type, a=float(lattice_constant), cubic=True)


def _load_checked(chosen: PotentialCard) -> Potential:
    potential = load_unchecked(chosen)
    check_known_energies(chosen, potential)
    return potential


def load_unchecked(chosen: PotentialCard) -> Potential:
    """Load a potential without a look at its known energies, to find out what they are.

    Raises
    ------
    PotentialUnavailableError
        If it is not installed or fails to load.
    """
    if not chosen.is_installed():
        raise PotentialUnavailableError(
            f"{chosen.label} is not installed here.",
            where=f"potential {chosen.name}",
            advice=how_to_install(chosen),
        )
    try:
        return chosen.load()
    except SoftdashError:
        raise
    except Exception as error:  # whatever a foreign library raises, the reader gets one sentence
        logger.exception("Loading %s failed", chosen.name)
        raise PotentialUnavailableError(
            f"{chosen.label} could not be loaded ({type(error).__name__}: {error}).",
            where=f"potential {chosen.name}",
            advice=f"Install {chosen.package} again.",
        ) from error


@cache
def _discover() -> _Discovery:
    found: dict[str, PotentialCard] = {}
    problems: list[PluginProblem] = []
    for entry_point in sorted(metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        try:
            offered = _checked_cards(entry_point.load(), found)
        except Exception as error:  # a broken plug-in must not take the others with it
            logger.exception("The plug-in %s was skipped", entry_point.name)
            reason = f"{type(error).__name__}: {error}"
            problems.append(PluginProblem(entry_point.name, entry_point.value, reason))
            continue
        found.update((offered_card.name, offered_card) for offered_card in offered)
    folder = get_settings().potentials_dir
    if folder is not None:
        problems += _add_cards(folder, found)
    shipped: dict[str, PotentialCard] = {}
    _add_cards(SHIPPED, shipped)
    # One that the operator describes anew is the operator's.
    shipped = {name: one for name, one in shipped.items() if name not in found}
    here = [one for one in shipped.values() if one.is_installed()]
    ready = [one for one in shipped.values() if one not in here]
    in_order = sorted([*found.values(), *here], key=lambda found_card: not found_card.is_universal)
    return _Discovery(tuple(in_order), tuple(ready), tuple(problems))


def _add_cards(folder: Path, found: dict[str, PotentialCard]) -> list[PluginProblem]:
    """Add the cards of a folder; return those that cannot be used, each with its reason."""
    if not folder.is_dir():
        return [PluginProblem("SOFTDASH_POTENTIALS_DIR", str(folder), "There is no such folder.")]
    problems = []
    for file in card_files(folder):
        try:
            one = read_card(file)
            if one.name in found:
                raise InputError(f"The name '{one.name}' is taken already.", advice="Rename the file.")
            found[one.name] = one
        except InputError as error:
            reason = f"{error.what} {error.advice or ''}".strip()
            logger.error("The card %s was skipped: %s", file, reason)
            problems.append(PluginProblem(file.name, str(folder), reason))
    return problems


def _checked_cards(offered: object, taken: dict[str, PotentialCard]) -> Sequence[PotentialCard]:
    if not isinstance(offered, tuple) or not all(isinstance(item, PotentialCard) for item in offered):
        raise TypeError("the entry point must name a tuple of PotentialCard")
    names = [item.name for item in offered]
    doubled = sorted({name for name in names if name in taken or names.count(name) > 1})
    if doubled:
        raise ValueError(f"the name {doubled[0]!r} is taken already")
    reserved = sorted(name for name in names if name.startswith(RESERVED_PREFIX))
    if reserved:
        raise ValueError(f"the name {reserved[0]!r} begins like those of calculators without a card")
    return offered
