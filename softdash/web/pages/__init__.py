"""Pages: a folder each, whose module ``page`` has ``register(app)``, which names its address and adds its callbacks.

A page in the menu of benchmarks says so by `MENU`, a `softdash.web.parts.menu.MenuEntry`. A page whose address names a
record registers ``is_found(**path_variables) -> bool``: false answers with status 404. Its layout function takes the
path variables and the query string as keyword arguments (all optional, all text).

Beside ``page`` stands, where it would be long otherwise, ``callbacks``: what answers the callbacks that ``register``
adds, and the outputs that it fills by name; ``layout`` where both need its parts.
"""

from __future__ import annotations

import logging
import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from softdash.benchmarks.registry import tasks
from softdash.web.parts import not_found as not_found_404
from softdash.web.parts.menu import MenuEntry

logger = logging.getLogger(__name__)


@cache
def pages() -> tuple[ModuleType, ...]:
    """Return the modules of all pages: the folders here, and those that the tasks of plug-ins name."""
    own = [f"{__name__}.{folder.name}.page" for folder in pkgutil.iter_modules(__path__) if folder.ispkg]
    found = [not_found_404, *map(import_module, own)]
    for name in dict.fromkeys(task.page for task in tasks() if task.page and task.page not in own):
        try:
            found.append(import_module(name))
        except Exception:  # a broken plug-in must not take the server with it
            logger.exception("The page %s was skipped", name)
    return tuple(found)


def menu() -> list[MenuEntry]:
    """Return the menu of benchmarks, in its order."""
    entries = [page.MENU for page in pages() if hasattr(page, "MENU")]
    return sorted(entries, key=lambda entry: (entry.position, entry.name))
