"""Cards of calculators that have none: an ASE calculator in Python, or one that a command line names.

They are never among the potentials of the registry, unless a command offers one under a name of its own; the name that
they get by themselves begins with `RESERVED_PREFIX`, which no card has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ase.data import chemical_symbols

from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials.ase import AseCalculatorPotential
from softdash.potentials.calculator_factory import CalculatorFactory, is_calculator
from softdash.potentials.card_description import FUNCTIONAL_NOT_STATED
from softdash.potentials.card_files import (
    NAME_RULE,
    RESERVED_PREFIX,
    distribution_of,
    is_potential_name,
    sha256_of_files,
)
from softdash.potentials.interface import Potential, PotentialCard
from softdash.potentials.registry import load_card

_ALL_ELEMENTS = frozenset(chemical_symbols[1:])
_OF_THE_CALLER = "__main__"
_NOTE = "A calculator without a card: softdash knows neither its training set nor its functional."
_NO_WEIGHTS = "Its weights are not known to softdash: no hash says which they were."


def card_of_calculator(given: object, taken: Collection[str] = ()) -> PotentialCard:
    """Return the card of a calculator in memory.

    Parameters
    ----------
    given : ase.calculators.calculator.Calculator or callable
        Or what makes one without arguments, which is called here.
    taken : collection of str
        Names that it cannot have: those of others in the same report.

    Raises
    ------
    InputError
        If it is neither.
    PotentialUnavailableError
        If making it fails.
    """
    calculator: Any = given if is_calculator(given) else _made(given)
    kind = type(calculator)
    told = getattr(calculator, "name", None)
    shown = told if isinstance(told, str) and told and told.lower() != kind.__name__.lower() else kind.__name__
    package = "own code" if kind.__module__ == _OF_THE_CALLER else distribution_of(kind.__module__.split(".")[0])
    name, count = _free_name(shown, taken)
    label = f"{shown}{f' {count}' if count > 1 else ''} ({package})"
    return _card(
        name,
        label,
        package,
        load=partial(AseCalculatorPotential, label, _ALL_ELEMENTS, lambda: calculator),
        is_installed=lambda: True,
        weights_sha256=lambda: "",
        notes=(_NOTE, _NO_WEIGHTS),
        calculator=f"{kind.__module__}:{kind.__qualname__}, made by the caller",
    )


def card_of_factory(factory: CalculatorFactory, name: str | None = None) -> PotentialCard:
    """Return the card of a calculator that is named by where it is made.

    Parameters
    ----------
    factory : CalculatorFactory
        Files among its arguments are its weights.
    name : str, optional
        Of the potential; default: made from the name of the class or function.

    Raises
    ------
    InputError
        If the name cannot be one.
    """
    if name is not None and not is_potential_name(name):
        raise InputError(
            f"'{name}' cannot be the name of a potential.",
            where="--name",
            advice=NAME_RULE,
        )
    package = distribution_of(factory.calculator.package)
    shown = factory.calculator.path.rpartition(":")[2]
    label = name or f"{shown} ({package})"
    weights = sorted(_files_among(factory.calculator.arguments))
    return _card(
        name or _free_name(shown, ())[0],
        label,
        package,
        load=partial(_load, factory, label),
        is_installed=factory.is_here,
        weights_sha256=partial(sha256_of_files, weights),
        notes=(_NOTE, *(() if weights else (_NO_WEIGHTS,))),
        calculator=str(factory),
    )


def loaded(card: PotentialCard) -> PotentialCard:
    """Return a card whose potential is loaded already. Raises PotentialUnavailableError where that fails."""
    potential = load_card(card)
    return replace(card, load=lambda: potential)


def _card(name: str, label: str, package: str, **more: Any) -> PotentialCard:
    return PotentialCard(
        name=name,
        label=label,
        family="other",
        queue="",
        version="not known",
        package=package,
        elements=_ALL_ELEMENTS,
        functional=FUNCTIONAL_NOT_STATED,
        training_set="not stated",
        licence="not stated",
        citation="",
        **more,
    )


def _made(given: object) -> object:
    if not callable(given):
        raise InputError(
            f"A {type(given).__name__} is neither the name of a potential nor an ASE calculator.",
            advice="Give a name of `softdash potentials list`, a calculator, or a function that makes one.",
        )
    maker: Callable[[], object] = given
    try:
        made = maker()
    except Exception as error:
        raise PotentialUnavailableError(
            f"Making the calculator ended with {type(error).__name__}.",
            where=getattr(given, "__qualname__", type(given).__name__),
            advice="It is called without arguments: try that alone.",
        ) from error
    if not is_calculator(made):
        raise InputError(
            f"What should make a calculator returned a {type(made).__name__}, which is no ASE calculator.",
            where=getattr(given, "__qualname__", type(given).__name__),
            advice="Return an object with get_potential_energy and get_forces.",
        )
    return made


def _load(factory: CalculatorFactory, label: str) -> Potential:
    calculator = factory()
    return AseCalculatorPotential(label, _ALL_ELEMENTS, lambda: calculator)


def _free_name(shown: str, taken: Collection[str]) -> tuple[str, int]:
    slug = re.sub(r"[^a-z0-9]+", "-", shown.lower()).strip("-")[:40] or "own"
    first = f"{RESERVED_PREFIX}{slug}"
    count = 1
    while (first if count == 1 else f"{first}-{count}") in taken:
        count += 1
    return (first if count == 1 else f"{first}-{count}"), count


def _files_among(value: object) -> Iterator[Path]:
    if isinstance(value, str) and Path(value).is_file():
        yield Path(value).resolve()
    elif isinstance(value, dict):
        for one in value.values():
            yield from _files_among(one)
    elif isinstance(value, list):
        for one in value:
            yield from _files_among(one)
