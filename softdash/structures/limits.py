"""Counting frames and atoms against the settings, before anything of their size is built."""

from __future__ import annotations

from softdash.errors import TooLargeError
from softdash.settings import Settings


class FrameBudget:
    """Frames and atoms of one upload so far; shared by all its files.

    Parameters
    ----------
    settings : Settings
        Uses `frames_max`, `atoms_per_frame_max`, `atoms_max`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._frames = 0
        self._atoms = 0

    def take(self, atom_count: int, where: str) -> None:
        """Count one more frame of `atom_count` atoms.

        Raises
        ------
        TooLargeError
            If the frame, the number of frames or the sum of atoms is over its limit.
        """
        settings = self._settings
        if atom_count > settings.atoms_per_frame_max:
            raise TooLargeError(
                f"The frame says it has {atom_count:,} atoms; at most {settings.atoms_per_frame_max:,} are read.",
                where=where,
                advice="Use a smaller cell.",
            )
        self._frames += 1
        self._atoms += atom_count
        if self._frames > settings.frames_max:
            raise TooLargeError(
                f"The upload has more than {settings.frames_max:,} frames.",
                where=where,
                advice="Upload every n-th frame: neighbouring steps of a run say nearly the same.",
            )
        if self._atoms > settings.atoms_max:
            raise TooLargeError(
                f"The frames up to here have more than {settings.atoms_max:,} atoms together.",
                where=where,
                advice="Upload fewer frames.",
            )
