"""How the command ``softdash`` ends: one code for each kind of end, the same for all its commands."""

from __future__ import annotations

from enum import IntEnum
from typing import Self

from softdash.errors import (
    BusyError,
    PotentialUnavailableError,
    PredictionError,
    ServerUnavailableError,
    SettingError,
    SoftdashError,
)


class ExitCode(IntEnum):
    """An exit code, and in `meaning` the words for it in ``--help`` and in the documentation."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Make a member from its number and its words."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    DONE = 0, "All went well."
    UNEXPECTED = 1, "An error that softdash has no words for; please report it."
    COMMAND_LINE = 2, "The command line or a setting is wrong, or the port is taken."
    INPUT = 3, "Files, names or identifiers cannot be used."
    POTENTIAL = 4, "A potential is unknown, not installed, or failed its own check."
    NO_RESULT = 5, "No result from at least one potential, or at least one case failed."
    SERVER = 6, "The server at --url cannot be reached, is busy, or failed."
    NOT_CONFIRMED = 7, "`report verify` found that the report does not hold."
    INTERRUPTED = 130, "Interrupted by Ctrl-C."


def exit_code(error: SoftdashError) -> ExitCode:
    """Return the exit code for an error."""
    if isinstance(error, SettingError):
        return ExitCode.COMMAND_LINE
    if isinstance(error, ServerUnavailableError | BusyError):
        return ExitCode.SERVER
    if isinstance(error, PotentialUnavailableError):
        return ExitCode.POTENTIAL
    return ExitCode.NO_RESULT if isinstance(error, PredictionError) else ExitCode.INPUT


def exit_codes_text() -> str:
    """Return all codes with their words for ``--help``; the first line keeps click from joining lines."""
    lines = [f"  {code.value:>3}  {code.meaning.replace('`', '')}" for code in ExitCode]
    return "\n".join(["\b", "Exit codes:", *lines])
