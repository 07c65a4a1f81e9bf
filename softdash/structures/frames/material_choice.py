"""The frames of one material of an upload: what a factor is fitted to."""

from __future__ import annotations

from dataclasses import replace

from softdash.errors import InputError
from softdash.structures.frames.frame_functionals import of_frames, told_apart
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.materials import Material, MaterialGrouping, materials_of


def frames_of_one(frames: LabelledFrames, name: str | None) -> LabelledFrames:
    """Return the frames of one material.

    Parameters
    ----------
    frames : LabelledFrames
    name : str or None
        Of the material; not needed where there is one.

    Raises
    ------
    InputError
        If there are several and none is named, or there is none of that name.
    """
    found = frames.materials
    names = ", ".join(one.name for one in found.materials)
    if name is None and not found.are_several:
        return frames
    if name is None:
        raise InputError(
            f"These are {len(found.materials)} materials, and each has a correction of its own.",
            advice=f"Name the material: {names}.",
        )
    chosen = next((one for one in found.materials if one.name == name), None)
    if chosen is None:
        raise InputError(f"There is no material '{name}' in these files.", advice=f"There is: {names}.")
    own = of_frames(frames, chosen.frames)
    # What was one material among several is one by itself, too, however frames are grouped.
    return replace(
        own, frames=told_apart([frames.frames[position] for position in chosen.frames]), grouping=_as_one(own, chosen)
    )


def _as_one(frames: LabelledFrames, material: Material) -> MaterialGrouping:
    formulas = [frames.frame_formulas[position] for position in material.frames]
    return frames.grouping if not materials_of(formulas, frames.grouping).are_several else frames.materials.grouped_by
