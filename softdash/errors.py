"""The one family of exceptions that softdash shows to people.

Each error says what was wrong, where (file, frame, line) and what to do. The page, the API and the
command line show the same words; the API shows them in one JSON shape (`SoftdashError.as_json`).
"""

from __future__ import annotations

from typing import Any, ClassVar


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
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 400

    def __init__(
        self, what: str, *, where: str | None = None, advice: str | None = None, offer: str | None = None
    ) -> None:
        self.what = what
        self.where = where
        self.advice = advice
        self.offer = offer
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{place}{self.what}{advice}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.what, self.where, self.advice, self.offer)

    def as_json(self) -> dict[str, dict[str, str | None]]:
        """Return the error in the one JSON shape of the API; the key ``offer`` is there only if there is an offer."""
        content = {"code": self.code, "message": self.what, "where": self.where, "advice": self.advice}
        return {"error": content if self.offer is None else {**content, "offer": self.offer}}


def _rebuild(
    kind: type[SoftdashError], what: str, where: str | None, advice: str | None, offer: str | None
) -> SoftdashError:
    return kind(what, where=where, advice=advice, offer=offer)


class InputError(SoftdashError):
    """An upload or a request that softdash cannot use."""

    code = "unusable_input"
    http_status = 422


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
