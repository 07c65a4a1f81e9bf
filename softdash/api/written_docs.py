"""Docstrings as they are written: the web process runs without them (``python -OO``), its documentation needs them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

_ATTRIBUTES = re.compile(r"^Attributes\n-+\n", re.MULTILINE)
_NAMES = re.compile(r"(?P<names>[a-z_][\w]*(?:, [a-z_][\w]*)*)(?: : .*)?")
_Scope = ast.Module | ast.ClassDef | ast.FunctionDef


def written_docstring(described: type | Callable[..., Any]) -> str:
    """Return the docstring of a class or function from its source file; empty where there is none."""
    module = sys.modules.get(described.__module__)
    file = getattr(module, "__file__", None)
    return _docstrings(file).get(described.__qualname__, "") if file else ""


@cache
def _docstrings(file: str) -> dict[str, str]:
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError):  # installed without its source
        return {}
    return dict(_documented(tree, ""))


def _documented(scope: _Scope, prefix: str) -> Iterator[tuple[str, str]]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            name = f"{prefix}{node.name}"
            yield name, ast.get_docstring(node) or ""
            yield from _documented(node, f"{name}." if isinstance(node, ast.ClassDef) else f"{name}.<locals>.")


def split_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Return a class docstring without its section of attributes, and each attribute's description.

    The section is that of numpydoc; attributes that share a description each get it.
    """
    parts = _ATTRIBUTES.split(text, maxsplit=1)
    described: dict[str, str] = {}
    if len(parts) == 2:
        names: list[str] = []
        for line in parts[1].splitlines():
            header = None if line.startswith(" ") else _NAMES.fullmatch(line)
            if header:
                names = header["names"].split(", ")
            for name in names if not header else ():
                described[name] = f"{described.get(name, '')} {line.strip()}".strip()
    return one_line(parts[0]), {name: one_line(words) for name, words in described.items()}


def one_line(text: str) -> str:
    """Return a text without its line breaks and the marks of literals."""
    return " ".join(text.replace("``", "`").split())
