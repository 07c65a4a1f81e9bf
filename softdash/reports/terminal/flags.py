"""Choices of how files are read, as they are typed on a command line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any


def options_as_flags(options: Mapping[str, Any]) -> str:
    """Return fields of `ReadOptions` as they are typed on a command line: ``--force-unit Ha/bohr --reorder``."""
    flags: list[str] = []
    for name, value in options.items():
        if name == "force_unit":
            value = str(value).replace("Å", "A")  # not every keyboard has an Å
        if value is None or value is False or value == "false":
            continue
        if value is True or value == "true":
            flags.append(flag_of(name))
        elif isinstance(value, str | int | float):
            flags += [flag_of(name), shlex.quote(f"{value:.12g}" if isinstance(value, float) else str(value))]
        else:
            flags += [flag_of(name), shlex.quote(",".join(map(str, value)))]
    return " ".join(flags)


def flag_of(name: str) -> str:
    """Return the flag of an option: ``force_unit`` is ``--force-unit``."""
    return "--" + name.replace("_", "-")
