"""All tasks of this installation: softdash's own, and those of the entry points ``softdash.benchmarks``."""

from __future__ import annotations

import logging
import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec

from softdash import benchmarks
from softdash.benchmarks.task import Task
from softdash.catalog.schemas import add_tables

ENTRY_POINT_GROUP = "softdash.benchmarks"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    tasks: tuple[Task, ...]
    skipped: tuple[str, ...]


def tasks() -> tuple[Task, ...]:
    """Return every task, softdash's own first; each after the one that it needs. Its tables are in the catalog then."""
    return _found().tasks


def skipped_plugins() -> tuple[str, ...]:
    """Return a sentence on each plug-in that could not be used."""
    return _found().skipped


@cache
def _found() -> _Found:
    found: dict[str, Task] = {}
    skipped = []
    for module in pkgutil.iter_modules(benchmarks.__path__):
        name = f"{benchmarks.__name__}.{module.name}.task"
        if module.ispkg and find_spec(name) is not None:
            _take(import_module(name).TASKS, found)
    for entry_point in sorted(metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        try:
            _take(entry_point.load(), found)
        except Exception as error:  # a broken plug-in must not take the others with it
            logger.exception("The plug-in %s was skipped", entry_point.name)
            skipped.append(f"the plug-in {entry_point.name} ({entry_point.value}): {type(error).__name__}: {error}")
    return _Found(tuple(_in_order(found)), tuple(skipped))


def _take(offered: object, found: dict[str, Task]) -> None:
    if not isinstance(offered, tuple) or not all(isinstance(one, Task) for one in offered):
        raise TypeError("the entry point must name a tuple of Task")
    names = [one.name for one in offered]
    doubled = sorted({name for name in names if name in found or names.count(name) > 1})
    if doubled:
        raise ValueError(f"the name {doubled[0]!r} is taken already")
    for one in offered:
        add_tables(one.tables)
        found[one.name] = one


def _in_order(found: dict[str, Task]) -> list[Task]:
    ordered: list[Task] = []
    seen: set[str] = set()

    def put(one: Task) -> None:
        if one.name not in seen:
            seen.add(one.name)
            if one.needs in found:
                put(found[one.needs])
            ordered.append(one)

    for one in found.values():
        put(one)
    return ordered
