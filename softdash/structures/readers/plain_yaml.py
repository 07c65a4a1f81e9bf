"""YAML as plain lists, dictionaries and texts: no tags, no anchors, no objects, no deep nesting, no repeated keys."""

from __future__ import annotations

from typing import Any

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.readers.decompression import SourceFile

DEPTH_MAX = 30
_ADVICE = "Upload the file as phonopy wrote it."


def load_yaml(source: SourceFile, settings: Settings) -> Any:
    """Return the first document of a YAML file; every scalar stays a text.

    The tree is built here from the parser's events: PyYAML's own constructors recurse, and know tags and aliases, which
    YAML bombs are made of.

    Raises
    ------
    InputError
        If it is not YAML, has anchors, aliases or tags, or is nested too deeply.
    TooLargeError
        Above `document_max_bytes`.
    """
    import yaml  # type: ignore[import-untyped]

    text = source.read_text(settings.document_max_bytes)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(source.name)
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.events.DocumentEndEvent):
                break
            line = event.start_mark.line + 1
            if isinstance(event, yaml.events.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise builder.refused("an anchor or alias (& or *)", line)
            if getattr(event, "tag", None) not in (None, "!"):
                raise builder.refused("a tag (!)", line)
            if isinstance(event, yaml.events.ScalarEvent):
                builder.add(event.value, line)
            elif isinstance(event, yaml.events.SequenceStartEvent):
                builder.open([], line)
            elif isinstance(event, yaml.events.MappingStartEvent):
                builder.open({}, line)
            elif isinstance(event, yaml.events.SequenceEndEvent | yaml.events.MappingEndEvent):
                builder.close()
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = source.name if mark is None else f"{source.name}, line {mark.line + 1}"
        raise InputError("It is not readable as YAML.", where=where, advice=_ADVICE) from None
    return builder.root


class _Builder:
    """Puts nodes where they belong; keys wait until their value comes."""

    def __init__(self, name: str) -> None:
        self.root: Any = None
        self._name = name
        self._open: list[list[Any] | dict[str, Any]] = []
        self._keys: list[str | None] = []

    def add(self, node: Any, line: int) -> None:
        """Put a finished or opened node into the innermost open one."""
        if not self._open:
            self.root = node
            return
        inner = self._open[-1]
        if isinstance(inner, list):
            inner.append(node)
        elif self._keys[-1] is None:
            if not isinstance(node, str):
                raise self.refused("a key that is no text", line)
            self._keys[-1] = node
        else:
            inner[self._keys[-1]] = node
            self._keys[-1] = None

    def open(self, node: list[Any] | dict[str, Any], line: int) -> None:
        """Begin a list or dictionary."""
        if len(self._open) >= DEPTH_MAX:
            raise self.refused(f"more than {DEPTH_MAX} levels", line)
        self.add(node, line)
        self._open.append(node)
        self._keys.append(None)

    def close(self) -> None:
        """End the innermost open node."""
        self._open.pop()
        self._keys.pop()

    def refused(self, what: str, line: int) -> InputError:
        """Return the error about something that phonopy never writes."""
        return InputError(
            f"Its YAML has {what}; phonopy writes none.",
            where=f"{self._name}, line {line}",
            advice=_ADVICE,
        )
