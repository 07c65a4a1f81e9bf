"""The reason why one frame cannot be read, while the others can."""

from __future__ import annotations


class FrameProblem(Exception):  # noqa: N818 - not an error of the upload: it costs one frame
    """One frame cannot be used; the text goes to `RefusedFrame.reason`.

    Parameters
    ----------
    reason : str
        Sentences about the frame.
    advice : str, optional
        What its owner can do, where that is more than to correct the file.

    Attributes
    ----------
    lacks_forces : bool
        Whether there is a structure, and only its forces are missing.
    """

    lacks_forces = False

    def __init__(self, reason: str, advice: str | None = None) -> None:
        super().__init__(reason)
        self.advice = advice


class ForcesAbsent(FrameProblem):
    """The frame is a structure without forces."""

    lacks_forces = True
