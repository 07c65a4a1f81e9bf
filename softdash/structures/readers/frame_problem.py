"""The reason why one frame cannot be read, while the others can."""

from __future__ import annotations


class FrameProblem(Exception):  # noqa: N818 - not an error of the upload: it costs one frame
    """One frame cannot be used; the text goes to `RefusedFrame.reason`."""
