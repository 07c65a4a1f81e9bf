"""XML as a stream of elements, refusing document type declarations: they are what entity bombs and XXE are made of.

In XML a declaration can only stand before the root element, and without one no entity can be declared. So expat looks
at the beginning, and the fast parser of the standard library does the rest. (`defusedxml` would parse in Python alone.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from softdash.errors import InputError

DEPTH_MAX = 100
_CHUNK = 1 << 18
_ADVICE = "Upload the vasprun.xml as VASP wrote it."


class BrokenXmlError(Exception):
    """The XML ends too early or is not well-formed; its text is the place. Elements before it were delivered."""


def elements(stream: BinaryIO, name: str) -> Iterator[tuple[str, Element]]:
    """Yield ``("start" or "end", element)`` in the order of the file.

    Parameters
    ----------
    stream : binary stream
    name : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If the file has a document type declaration, or elements nested deeper than `DEPTH_MAX`.
    BrokenXmlError
        If it is not well-formed, or ends before its root element does.
    """
    prolog: _Prolog | None = _Prolog(name)
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    depth = 0
    try:
        while chunk := stream.read(_CHUNK):
            if prolog is not None and prolog.passed(chunk):
                prolog = None
            parser.feed(chunk)
            for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
                depth += 1 if event == "start" else -1
                if depth > DEPTH_MAX:
                    what = "Its parts are nested too deeply; VASP writes no such file."
                    raise InputError(what, where=name, advice=_ADVICE)
                yield event, element
        parser.close()
    except (ParseError, expat.ExpatError, LookupError, ValueError) as problem:  # the latter two: of an odd encoding
        line = problem.position[0] if isinstance(problem, ParseError) else getattr(problem, "lineno", None)
        raise BrokenXmlError("its encoding is unknown" if line is None else f"at line {line:,}") from None


class _Prolog:
    """Looks at what stands before the root element."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._root_seen = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._root

    def passed(self, chunk: bytes) -> bool:
        """Feed the next chunk and return whether the root element has begun."""
        self._parser.Parse(chunk, False)
        return self._root_seen

    def _root(self, _tag: str, _attributes: object) -> None:
        self._root_seen = True
        self._parser.StartElementHandler = None

    def _refuse(self, *_: object) -> None:
        raise InputError(
            "It has a declaration <!DOCTYPE …>. VASP writes none, and such declarations can be used for attacks.",
            where=self._name,
            advice=_ADVICE,
        )
