"""What holds for every format: readings that go without saying, and what the visitor decided about the forces.

The visitor may decide the order of rows, the orientation, and a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from softdash.errors import InputError
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.matching.orientation import with_orientation


def with_plain_readings(frames: LabelledFrames) -> LabelledFrames:
    """Return frames with readings of unit, order and orientation, where their format did not have to give any."""
    told = {reading.topic for reading in frames.readings}
    plain: list[Reading] = []
    if "unit" not in told and frames.force_unit:
        plain.append(_unit_reading(frames))
    together = "The file has position and force of each atom side by side."
    if "order" not in told and frames.order_is_known:
        plain.append(Reading("order", "as in the file", "stated", together))
    if "orientation" not in told and frames.orientation_is_known:
        plain.append(Reading("orientation", "as in the file", "stated", together))
    return replace(frames, readings=(*plain, *frames.readings))


def _unit_reading(frames: LabelledFrames) -> Reading:
    value, _, how = frames.force_unit.partition(" (")
    if "(chosen)" in frames.force_unit:
        return Reading("unit", value, "chosen", "The unit that you chose.")
    if frames.force_unit_is_stated:
        return Reading("unit", value, "stated", f"Known from the files: {how.rstrip(')')}." if how else _OWN_UNIT)
    return Reading("unit", value, "assumed", "The files do not say the unit of their forces; eV/Å is the usual one.")


_OWN_UNIT = "The unit of this format."


def as_chosen(frames: LabelledFrames, options: ReadOptions, where: str) -> LabelledFrames:
    """Return frames with their forces re-ordered, turned and multiplied as `options` say.

    Parameters
    ----------
    frames : LabelledFrames
        As the files were read, in eV/Å.
    options : ReadOptions
        Uses `row_order`, `orientation`, `force_factor` and `materials`.
    where : str
        Name of the upload, for messages.

    Raises
    ------
    InputError
        If no frame has as many atoms as `row_order` has rows, or a frame has no cell of that orientation.
    """
    frames = replace(frames, grouping=options.materials)
    if options.row_order is not None:
        frames = _in_row_order(frames, options.row_order, where)
    frames = with_orientation(frames, options.orientation, where)
    if options.force_factor == 1:
        return frames
    from softdash.structures.frames.force_units import with_chosen_factor

    return with_chosen_factor(frames, options.force_factor, where)


def _in_row_order(frames: LabelledFrames, rows: Sequence[int], where: str) -> LabelledFrames:
    order = np.array(rows, dtype=np.intp) - 1
    fits = [len(frame.atoms) == len(order) for frame in frames.frames]
    if not any(fits):
        raise InputError(
            f"The chosen order has {len(order)} rows; no frame has as many atoms.",
            where=where,
            advice="Leave the order as listed, or give one row for each atom.",
        )
    moved = int(np.count_nonzero(order != np.arange(len(order))))
    reading = Reading(
        "order", f"{moved} of {len(order)} rows moved", "chosen", "Rows were given to atoms as you chose."
    )
    return replace(
        frames,
        frames=tuple(
            replace(frame, reference_forces=frame.reference_forces[order]) if fit else frame
            for frame, fit in zip(frames.frames, fits, strict=True)
        ),
        readings=(*(one for one in frames.readings if one.topic != "order"), reading),
        order_is_known=True,
        was_reordered=True,
    )
