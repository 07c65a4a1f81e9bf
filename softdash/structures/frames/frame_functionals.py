"""Which functional made the forces of which frames, where the frames of an upload differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames

NOT_SAID = ""
"""Functional of a frame whose file does not say it, beside frames whose files do."""


def with_that_of_file(part: LabelledFrames) -> tuple[LabelledFrame, ...]:
    """Return the frames of one file, with its functional where the file says one for all."""
    if any(frame.functional for frame in part.frames):
        return part.frames
    return tuple(replace(frame, functional=part.functional) for frame in part.frames)


def told_apart(frames: Sequence[LabelledFrame]) -> tuple[LabelledFrame, ...]:
    """Return frames that have a functional of their own only where they differ in it."""
    if len({frame.functional for frame in frames}) > 1:
        return tuple(replace(frame, functional=frame.functional or NOT_SAID) for frame in frames)
    return tuple(frame if frame.functional is None else replace(frame, functional=None) for frame in frames)


def functional_of(own: Iterable[str | None], of_upload: str | None) -> str | None:
    """Return the functional of some frames: their own, in order, or that of the upload.

    Parameters
    ----------
    own : iterable of str or None
        `LabelledFrame.functional` of these frames.
    of_upload : str or None
    """
    found = dict.fromkeys(own)
    if None in found:  # then the frames of the upload do not differ
        return of_upload
    return ", ".join(functional for functional in found if functional) or None


def of_frames(frames: LabelledFrames, positions: Iterable[int]) -> LabelledFrames:
    """Return the upload with the functional of some of its frames in the place of its own."""
    own = [frames.frames[position].functional for position in positions]
    return replace(frames, functional=functional_of(own, frames.functional))
