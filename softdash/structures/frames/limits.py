"""Counting frames and atoms against the settings, before anything of their size is built; and thinning by consent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softdash.errors import Choice, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.materials import MaterialGrouping, materials_of

_OTHER_GROUPINGS: tuple[MaterialGrouping, ...] = ("elements", "together")
_OFFER = "Upload every n-th frame, or let softdash thin them evenly: neighbouring steps of a run say nearly the same."


class FrameBudget:
    """Frames and atoms of one upload so far; shared by all its files.

    Parameters
    ----------
    settings : Settings
        Uses `frames_max`, `atoms_per_frame_max`, `atoms_max`.
    chosen : collection of int, optional
        Numbers (from 0, in the order of counting) of the only frames that are wanted; the limits on frames and atoms
        together then held when they were chosen.

    Attributes
    ----------
    wanted_last : bool
        Whether the frame counted last is wanted.
    """

    def __init__(self, settings: Settings, chosen: Sequence[int] | None = None) -> None:
        self._settings = settings
        self._chosen = None if chosen is None else frozenset(chosen)
        self._frames = 0
        self._atoms = 0
        self.wanted_last = True

    @property
    def atoms_per_frame_max(self) -> int:
        """Most atoms of one frame."""
        return self._settings.atoms_per_frame_max

    def take(self, atom_count: int, where: str) -> bool:
        """Count one more frame of `atom_count` atoms and return whether it is wanted.

        Raises
        ------
        TooLargeError
            If the frame, the number of frames or the sum of atoms is over its limit; the latter two offer ``thin``.
        """
        settings = self._settings
        if atom_count > settings.atoms_per_frame_max:
            raise TooLargeError(
                f"It announces {atom_count:,} atoms; at most {settings.atoms_per_frame_max:,} per frame are read.",
                where=where,
                advice="Use a smaller cell; or correct this number if it is wrong.",
            )
        self._frames += 1
        if self._chosen is not None:
            self.wanted_last = self._frames - 1 in self._chosen
            return self.wanted_last
        self._atoms += atom_count
        if self._frames > settings.frames_max:
            what = f"The upload has more than {settings.frames_max:,} frames."
            raise TooLargeError(what, where=where, advice=_OFFER, offer="thin")
        if self._atoms > settings.atoms_max:
            what = f"The frames up to here have more than {settings.atoms_max:,} atoms together."
            raise TooLargeError(what, where=where, advice=_OFFER, offer="thin")
        return True


class FrameCount(FrameBudget):
    """A budget that wants no frame and only counts: the first of two readings of an upload that may be thinned.

    Attributes
    ----------
    atom_counts : list of int
        Atoms of each frame, in the order of counting.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, chosen=())
        self.atom_counts: list[int] = []

    def take(self, atom_count: int, where: str) -> bool:
        """Count one more frame; False. Raises `TooLargeError` for a frame of too many atoms."""
        self.atom_counts.append(atom_count)
        return super().take(atom_count, where)


def evenly_thinned(atom_counts: Sequence[int], settings: Settings) -> tuple[int, ...]:
    """Return the numbers (from 0) of as many evenly spaced frames as the limits allow, first and last among them.

    Parameters
    ----------
    atom_counts : sequence of int
        Atoms of each frame; none above `atoms_per_frame_max`.
    settings : Settings
        Uses `frames_max` and `atoms_max`.
    """
    atoms = np.asarray(atom_counts, dtype=np.int64)
    most = min(len(atoms), settings.frames_max)
    while most > 0:
        chosen = np.unique(np.rint(np.linspace(0, len(atoms) - 1, most)).astype(np.int64))
        total = int(atoms[chosen].sum())
        if total <= settings.atoms_max:
            return tuple(int(number) for number in chosen)
        most = min(most - 1, max(1, int(most * settings.atoms_max / total)))
    return ()


def check_material_count(formulas: Sequence[str], grouping: MaterialGrouping, settings: Settings) -> None:
    """Refuse more materials than a diagnosis takes.

    Parameters
    ----------
    formulas : sequence of str
        Of the frames, at least one.
    grouping : str
        How they are sorted into materials.
    settings : Settings
        Uses `materials_max`.

    Raises
    ------
    TooLargeError
        If there are too many; it offers the coarser groupings that leave few enough.
    """
    count, most = len(materials_of(formulas, grouping).materials), settings.materials_max
    if count <= most:
        return
    coarser = [(name, len(materials_of(formulas, name).materials)) for name in _OTHER_GROUPINGS]
    labels = {"elements": "By elements: {} materials", "together": "All together, as one material"}
    raise TooLargeError(
        f"The upload has {count:,} materials; at most {most:,} are diagnosed together.",
        advice="Upload fewer, or sort the frames into fewer materials.",
        choices=[
            Choice(labels[name].format(fewer), {"materials": name})
            for name, fewer in coarser
            if fewer <= most and fewer < count
        ],
    )
