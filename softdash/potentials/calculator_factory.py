"""An ASE calculator that is named by where it is made: ``"package.module:factory"`` and its arguments.

Names and arguments come from the operator's files and from one's own command line, never from a visitor.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pickle import UnpicklingError
from typing import Any

from softdash.errors import PotentialUnavailableError
from softdash.potentials.graph_networks import let_e3nn_read_its_constants
from softdash.settings import get_settings

logger = logging.getLogger(__name__)

PATH_PATTERN = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"
"""Module, a colon, and the class or function; a method of a class follows a dot."""

_ALLOWS_ANY_PICKLE = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"


def is_calculator(candidate: object) -> bool:
    """Whether an object is an ASE calculator, not a class or a function that makes one."""
    methods = ("get_potential_energy", "get_forces")
    return not isinstance(candidate, type) and all(callable(getattr(candidate, name, None)) for name in methods)


def is_here(package: str) -> bool:
    """Whether a top-level package can be imported; it is not imported to find out."""
    try:
        return find_spec(package) is not None
    except ValueError:  # a module without a specification, made by hand: it is in sys.modules
        return package in sys.modules


@dataclass(frozen=True, slots=True)
class Call:
    """A function or class by its path, and the keyword arguments that it gets."""

    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """The top-level package."""
        return re.split(r"[.:]", self.path)[0]

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in sorted(self.arguments.items()))
        return f"{self.path}({shown})"


@dataclass(frozen=True, slots=True)
class CalculatorFactory:
    """What makes a calculator; nothing is imported before it is called.

    Attributes
    ----------
    calculator : Call
        The class or function that returns it.
    loader : Call or None
        Called before; what it returns, each part of a tuple by itself, the calculator takes first.
    device : str or None
        Given as the argument ``device``.
    opens_pickles : bool
        Whether torch may open whole Python objects while the calculator is made, and only then.
    where : str
        For messages: the file, or the option.
    """

    calculator: Call
    loader: Call | None = None
    device: str | None = None
    opens_pickles: bool = False
    where: str = ""

    def __str__(self) -> str:
        loaded = "" if self.loader is None else f" of {self.loader}"
        return f"{self.calculator}{loaded}{'' if self.device is None else f' on {self.device}'}"

    def is_here(self) -> bool:
        """Whether the packages are here, found without importing them."""
        return all(is_here(call.package) for call in (self.calculator, self.loader) if call is not None)

    def __call__(self) -> Any:
        """Make the calculator.

        Raises
        ------
        PotentialUnavailableError
            If a package is missing, the path leads nowhere, an argument is wrong, or the library fails; its own words
            go to the log.
        """
        with _surroundings(opens_pickles=self.opens_pickles):
            loaded = () if self.loader is None else self._call(self.loader, "loader", ())
            made = self._call(self.calculator, "calculator", loaded if isinstance(loaded, tuple) else (loaded,))
        if not is_calculator(made):
            raise PotentialUnavailableError(
                f"{self.calculator.path} returned a {type(made).__name__}, which is no ASE calculator.",
                where=self.where,
                advice="Name the class or function that returns the calculator; what loads the weights is `loader`.",
            )
        return made

    def _call(self, call: Call, key: str, first: tuple[Any, ...]) -> Any:
        function = self._found(call, key)
        arguments = dict(call.arguments)
        if self.device is not None and (key == "calculator" or "device" in (_parameters(function) or ())):
            arguments.setdefault("device", self.device)
        self._check_arguments(call, function, first, arguments)
        try:
            return function(*first, **arguments)
        except Exception as error:
            raise self._failure(error, f"{call.path} ended with {type(error).__name__}") from error

    def _found(self, call: Call, key: str) -> Callable[..., Any]:
        module, _, names = call.path.partition(":")
        if not is_here(call.package):
            raise PotentialUnavailableError(
                f"There is no Python package {call.package} here.",
                where=self.where,
                advice=f"Install it into the environment of this process, or correct `{key}`.",
            )
        try:
            found: Any = _imported(module)
        except Exception as error:
            raise self._failure(error, f"Importing {module} ended with {type(error).__name__}") from error
        for name in names.split("."):
            if not hasattr(found, name):
                alike = difflib.get_close_matches(name, dir(found), n=1)
                raise PotentialUnavailableError(
                    f"There is no {name} in {call.path.rsplit(name, 1)[0].rstrip(':.')}.",
                    where=self.where,
                    advice=f"Is {alike[0]} meant?" if alike else f"Correct `{key}`.",
                )
            found = getattr(found, name)
        if not callable(found):
            raise PotentialUnavailableError(
                f"{call.path} is a {type(found).__name__}, not a class or a function.",
                where=self.where,
                advice=f"Correct `{key}`.",
            )
        return found  # type: ignore[no-any-return]

    def _check_arguments(
        self, call: Call, function: Callable[..., Any], first: tuple[Any, ...], arguments: Mapping[str, Any]
    ) -> None:
        parameters = _parameters(function)
        if parameters is None:
            return
        takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
        unknown = [] if takes_any else sorted(set(arguments) - set(parameters))
        positional = [
            name for name, one in parameters.items() if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}
        ]
        lacking = [
            name
            for name, one in parameters.items()
            if one.default is one.empty
            and one.kind not in {one.VAR_KEYWORD, one.VAR_POSITIONAL}
            and name not in arguments
            and name not in positional[: len(first)]
        ]
        if unknown or lacking:
            wrong = [f"does not take {', '.join(unknown)}"] if unknown else []
            wrong += [f"needs {', '.join(lacking)}"] if lacking else []
            raise PotentialUnavailableError(
                f"{call.path} {' and '.join(wrong)}.",
                where=self.where,
                advice=f"It takes: {', '.join(parameters) or 'no arguments'}.",
            )

    def _failure(self, error: Exception, what: str) -> PotentialUnavailableError:
        logger.error("%s: %s", what, error, exc_info=error)
        return PotentialUnavailableError(
            f"{what}; its own words are in the log.",
            where=self.where,
            advice="Try the same call in Python, in this environment: check versions, arguments and files of weights.",
        )


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except UnpicklingError:
        let_e3nn_read_its_constants()
        return importlib.import_module(module)


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter] | None:
    """Return the parameters; None where Python cannot tell, as for functions written in C."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


@contextlib.contextmanager
def _surroundings(*, opens_pickles: bool) -> Iterator[None]:
    """Keep standard output for results, torch to its threads, and what a library changes for all files to itself."""
    before = os.environ.get(_ALLOWS_ANY_PICKLE)
    if opens_pickles:
        os.environ[_ALLOWS_ANY_PICKLE] = "1"
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if before is None:
            os.environ.pop(_ALLOWS_ANY_PICKLE, None)
        else:
            os.environ[_ALLOWS_ANY_PICKLE] = before
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(get_settings().torch_threads)
