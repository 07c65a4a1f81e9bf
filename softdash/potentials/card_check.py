"""The public contract, run on one potential and told line by line, and its card filled in: `softdash potentials check`.

Models whose forces are outputs of their own (`PotentialCard.forces` is ``"direct"``) cannot keep what follows from an
energy. That is a property of such a card, and no failure.
"""

from __future__ import annotations

import inspect
import logging
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols, reference_states

from softdash.errors import InputError, SoftdashError
from softdash.potentials.card_description import description_text, toml_value
from softdash.potentials.card_files import read_card_file
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.potentials.registry import package_version, reference_crystal
from softdash.potentials.weights_files import hash_in_words

logger = logging.getLogger(__name__)

Outcome = Literal["passed", "failed", "property", "proposed"]

# The first that a potential knows is proposed as its known energy.
_STRUCTURES = ("NaCl rocksalt 5.69", "Si diamond 5.43", "Cu fcc 3.61", "Al fcc 4.05", "Ar fcc 5.26")
_ENERGIES = "check_known_energies"
_UNKNOWN = "check_unknown_elements"
_STRESS = "check_stress_is_the_derivative_of_the_energy"
_OF_A_GRADIENT = {
    "check_forces_are_the_derivative_of_the_energy": "direct forces are no derivative of an energy",
    "check_newtons_third_law": "direct forces need not sum to zero",
    _STRESS: "direct stresses are no derivative of an energy",
}
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    Attributes
    ----------
    name : str
        Of the check, ``"newtons_third_law"``.
    means : str
        What it asks for, a sentence.
    outcome : str
        ``"passed"``, ``"failed"``, ``"property"`` (the card says why it cannot be kept) or ``"proposed"`` (a known
        energy that the card lacks).
    details : str
        The numbers, or why; empty where it passed.
    """

    name: str
    means: str
    outcome: Outcome
    details: str


def check_card(card: PotentialCard, potential: Potential) -> Iterator[CheckResult]:
    """Run every check of `softdash.potentials.testing` and yield what each found, as it ends.

    Parameters
    ----------
    card : PotentialCard
    potential : Potential
        Loaded, its known energies not yet looked at.

    Raises
    ------
    InputError
        If no crystal can be built of the card's elements.
    """
    from softdash.potentials.testing import PotentialContract, checks

    try:
        contract = PotentialContract(card, potential)
    except ValueError:
        raise InputError(
            f"No simple crystal is known of {', '.join(sorted(card.elements)[:5])}.",
            where=f"potential {card.name}",
            advice="Name elements on the card that form rock salt, or crystals of one element.",
        ) from None
    for name in checks():
        check = getattr(contract, name)
        outcome, details = _run(check)
        if name == _ENERGIES and not card.known_energies:
            outcome, details = "proposed", _in_words(known_energies(card, potential))
        elif outcome == "failed" and (reason := _property(card, potential, contract.crystal, name)):
            outcome, details = "property", f"{reason} ({details})"
        yield CheckResult(name.removeprefix("check_"), inspect.getdoc(check) or "", outcome, details)


def known_energies(card: PotentialCard, potential: Potential) -> dict[str, float]:
    """Return the energies per atom (eV) to be checked when it loads: the card's own, or computed where it has none.

    Raises
    ------
    PredictionError
        If the potential cannot compute the crystal.
    """
    own = {known.structure: known.energy_per_atom for known in card.known_energies}
    structures = [*own] or _structures_of(card.elements)[:1]
    return {
        structure: own[structure] if math.isfinite(own.get(structure, math.nan)) else _energy_of(structure, potential)
        for structure in structures
    }


def filled_card(card: PotentialCard, potential: Potential) -> str:
    """Return the card as TOML, with its defaults written out and the known energies that it lacked.

    Raises
    ------
    PredictionError
        If the potential cannot compute the crystal of a known energy.
    """
    head = [f"{card.package} {package_version(card)}; weights {hash_in_words(_sha256_of(card))}"]
    if card.file is None:
        head.append(f"A plug-in offers it, by an adapter of its own: no calculator stands here. Its name: {card.name}")
    else:
        head.append(f"Its name is that of the file: {card.file.name}")
    text = description_text(_described(card) | {"known_energies": known_energies(card, potential)})
    return "".join(f"# {line}\n" for line in head) + text


def _described(card: PotentialCard) -> dict[str, Any]:
    if card.file is not None:
        described = read_card_file(card.file).model_dump()
    else:
        same = ("label", "elements", "forces", "functional", "training_set", "licence", "citation", "version", "notes")
        described = {name: getattr(card, name) for name in (*same, "install")}
        described |= {"universal": card.is_universal, "parameters": card.parameter_count, "date": card.released}
    return described | {"family": card.family, "queue": card.queue, "package": card.package}


def _sha256_of(card: PotentialCard) -> str:
    try:
        return card.weights_sha256()
    except SoftdashError:
        return ""


def _run(check: Callable[[], None]) -> tuple[Outcome, str]:
    try:
        check()
    except AssertionError as error:
        return "failed", " ".join(str(error).split()) or "it does not hold"
    except SoftdashError as error:
        return "failed", str(error)
    except Exception as error:  # of an adapter that keeps no rule at all
        logger.info("A check ended with an error", exc_info=error)
        return "failed", f"it ended with {type(error).__name__}"
    return "passed", ""


def _property(card: PotentialCard, potential: Potential, crystal: Atoms, name: str) -> str:
    """Say which property of the card forbids that a check passes; nothing where it must."""
    if name == _STRESS and potential.predict([crystal], stress=True)[0].stress is None:
        return "it gives no stress"
    if name == _UNKNOWN and set(chemical_symbols[1:]) <= card.computable_elements:
        return "its card names all elements"
    return _OF_A_GRADIENT.get(name, "") if card.forces == "direct" else ""


def _structures_of(elements: frozenset[str]) -> list[str]:
    known = [one for one in _STRUCTURES if set(re.findall("[A-Z][a-z]?", one.split()[0])) <= elements]
    for symbol in sorted(elements):
        state = reference_states[atomic_numbers[symbol]] or {}
        if state.get("symmetry") in {"fcc", "bcc", "diamond"} and "a" in state:
            known.append(f"{symbol} {state['symmetry']} {state['a']:g}")
    return known


def _energy_of(structure: str, potential: Potential) -> float:
    crystal = reference_crystal(KnownEnergy(structure, 0.0, 0.0, ""))
    return round(potential.predict([crystal])[0].energy / len(crystal), _DIGITS)


def _in_words(energies: Mapping[str, float]) -> str:
    if not energies:
        return "no simple crystal is known of its elements"
    return f"known_energies = {toml_value(energies)}"
