"""What a route of the API takes and answers: one declaration beside its function, read by the OpenAPI document.

The same models check requests (`read_json`, `read_query`), so the document cannot promise another form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from softdash.errors import SoftdashError

_View = TypeVar("_View", bound=Callable[..., Any])
_ATTRIBUTE = "softdash_operation"

JSON, CSV, HTML = "application/json", "text/csv", "text/html"


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a request may carry, or an answer has."""

    name: str
    description: str
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no error.

    Attributes
    ----------
    description : str
    kind : type or None
        What its JSON holds, as pydantic knows it; None for other forms.
    media_types : tuple of str
        Empty for an answer without a body. All but JSON are described as text.
    headers : tuple of Header
    """

    description: str
    kind: Any = None
    media_types: tuple[str, ...] = (JSON,)
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One route.

    Attributes
    ----------
    topic : str
        Under which heading it stands.
    answers : dict of int to Answer
    errors : tuple of SoftdashError classes
        Each stands in the document with its status.
    query : BaseModel class or None
        Model of the query string.
    body : BaseModel class or None
        Model of the request's JSON.
    form : BaseModel class or None
        Model of the fields beside the files of a multipart form.
    headers : tuple of Header
        Optional headers of the request.
    is_conditional : bool
        Whether the answer has an ETag and may be 304.
    """

    topic: str
    answers: dict[int, Answer]
    errors: tuple[type[SoftdashError], ...] = ()
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    headers: tuple[Header, ...] = ()
    is_conditional: bool = False


def operation(topic: str, answers: dict[int, Answer], **details: Any) -> Callable[[_View], _View]:
    """Declare what a view function takes and answers (`Operation`); its docstring is the description."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, Operation(topic, answers, **details))
        return view

    return declare


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """Return a view function's declaration; None for functions that are not part of the API."""
    declared: Operation | None = getattr(view, _ATTRIBUTE, None)
    return declared
