"""The one family of exceptions that softdash shows to people.

Each error says what was wrong, where (file, frame, line) and what to do. The page, the API and the
command line show the same words; the API shows them in one JSON shape (`SoftdashError.as_json`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to mend an error: what it does, and the options with which the same request then succeeds.

    Attributes
    ----------
    label : str
        What a button says: ``"Take the columns called DFT"``.
    options : mapping
        Fields of `softdash.structures.frames.read_options.ReadOptions` and their values.
    """

    label: str
    options: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the choice as plain JSON."""
        return {"label": self.label, "options": dict(self.options)}


class SoftdashError(Exception):
    """Base of all errors that carry a message for the person in front of the screen.

    Parameters
    ----------
    what : str
        What was wrong, one sentence.
    where : str, optional
        The place: file, frame, line or setting.
    advice : str, optional
        What the reader can do about it, one sentence.
    offer : str, optional
        What mends it: an option to be set to true when the same request is made again (``"reorder"``, ``"thin"``), or
        ``"sample"``: states of the structure can be sampled, to be labelled by DFT.
    choices : sequence of Choice, optional
        Where the files leave several readings: each of them, with the options that take it.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 400

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        advice: str | None = None,
        offer: str | None = None,
        choices: Sequence[Choice] = (),
    ) -> None:
        self.what = what
        self.where = where
        self.advice = advice
        self.offer = offer
        self.choices = tuple(choices)
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{place}{self.what}{advice}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.what, self.where, self.advice, self.offer, self.choices)

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Return the error in the one JSON shape of the API; ``offer`` and ``choices`` are there only if it has any."""
        content: dict[str, Any] = {
            "code": self.code,
            "message": self.what,
            "where": self.where,
            "advice": self.advice,
        }
        if self.offer is not None:
            content["offer"] = self.offer
        if self.choices:
            content["choices"] = [choice.as_json() for choice in self.choices]
        return {"error": content}


def _rebuild(
    kind: type[SoftdashError],
    what: str,
    where: str | None,
    advice: str | None,
    offer: str | None,
    choices: tuple[Choice, ...],
) -> SoftdashError:
    return kind(what, where=where, advice=advice, offer=offer, choices=choices)


def choices_from_json(given: Any) -> tuple[Choice, ...]:
    """Return the choices of an error in JSON form; what is malformed is passed over."""
    rows = given if isinstance(given, list) else []
    return tuple(
        Choice(str(row["label"]), dict(row["options"]))
        for row in rows
        if isinstance(row, dict) and "label" in row and isinstance(row.get("options"), dict)
    )


class InputError(SoftdashError):
    """An upload or a request that softdash cannot use."""

    code = "unusable_input"
    http_status = 422


class SettingError(SoftdashError):
    """A setting whose value cannot be used, or that does not exist."""

    code = "bad_setting"
    http_status = 500


class TooLargeError(InputError):
    """An upload over one of the limits in the settings."""

    code = "too_large"
    http_status = 413


class UnsupportedFormatError(InputError):
    """A file of a kind that softdash does not read."""

    code = "unsupported_format"
    http_status = 415


class ForcesMissingError(InputError):
    """A structure that came without forces: softdash can sample states of it, to be labelled by DFT."""

    code = "forces_missing"
    http_status = 422


class RefusalError(InputError):
    """Data from which a softening scale would be a meaningless number."""

    code = "refused"
    http_status = 422


class NotFoundError(SoftdashError):
    """A record, a page or a table that does not exist."""

    code = "not_found"
    http_status = 404


class ForbiddenError(SoftdashError):
    """A request without the right token."""

    code = "forbidden"
    http_status = 403


class ConflictError(SoftdashError):
    """A request that does not fit the present state of a record."""

    code = "conflict"
    http_status = 409


class BusyError(SoftdashError):
    """A request that has to wait because too many are waiting already."""

    code = "busy"
    http_status = 503


class ServerUnavailableError(SoftdashError):
    """A softdash server on another machine that cannot be reached, or whose answer cannot be understood."""

    code = "server_unavailable"
    http_status = 502


class PotentialUnavailableError(SoftdashError):
    """A potential that is unknown, not installed, or failed its own check."""

    code = "potential_unavailable"
    http_status = 422


class PredictionError(SoftdashError):
    """A potential that failed on the given frames."""

    code = "prediction_failed"
    http_status = 422


class ReferenceDataError(SoftdashError):
    """Reference data that is missing, damaged or not of the expected form."""

    code = "reference_data"
    http_status = 500
