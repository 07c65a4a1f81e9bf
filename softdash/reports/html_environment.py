"""The one way in which templates become HTML here: escaped, and an unknown name is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def html_environment(package: str, **filters: Callable[..., Any]) -> Environment:
    """Return the environment of the templates of a package.

    Parameters
    ----------
    package : str
        ``"softdash.reports"``; its templates are in the folder ``templates``.
    **filters : callable
        By the names that templates use.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment
