"""What was understood of an upload, as plain records without arrays: what the sandbox hands to its parent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from softdash.structures.frames.materials import Materials, materials_of, reading_of_materials
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading

if TYPE_CHECKING:
    from softdash.structures.frames.labelled_frame import LabelledFrames


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FrameRecord(_Record):
    """One frame that can be used.

    `functional` is what made its forces, where the frames of an upload differ (empty: its file does not say it).
    """

    origin: str
    formula: str
    atom_count: int
    has_energy: bool
    has_stress: bool
    functional: str | None = None


class RefusedFrameRecord(_Record):
    """One frame that was left out, and why."""

    origin: str
    reason: str


class Understanding(_Record):
    """What softdash understood of an upload, shown before anything is computed: the frames without their arrays.

    Attributes
    ----------
    atom_count, component_count : int
        Over all frames; three force components per atom.
    reference_max, reference_rms : float
        Largest absolute value and root mean square of the reference force components, eV/Å.
    force_unit : str
        Unit of the forces in the files, and how it is known: ``"eV/Å (assumed)"``, ``"Ry/bohr (Quantum ESPRESSO's
        unit)"``. The numbers kept are always in eV/Å.
    force_unit_is_stated : bool
        Whether every file says its unit itself; otherwise a page should offer the choice of `ReadOptions.force_unit`.
    spin, hubbard_u, dispersion : str or None
        ``"spin-polarised"`` or ``"not spin-polarised"``; ``"Ni 6.2 eV"``; ``"D3(BJ)"``: as far as the files tell.
    frames_found : int or None
        Number of frames in the files, where only some of them were read because the visitor let them be thinned.
    was_reordered : bool
        Whether forces were re-ordered to fit their structure; a warning says how.
    options : ReadOptions
        What the visitor had chosen.
    readings : tuple of Reading
        What was understood beside the numbers (unit, columns, order, orientation …), each with its ground. Empty in
        reports of versions 1 and 2.
    orientation_is_known, order_is_known : bool
        Whether something says how the cells lie in the axes of the forces, and which row of forces is which atom.
    """

    file_format: str
    formula: str
    formulas: tuple[str, ...]
    elements: tuple[str, ...]
    functional: str | None
    code: str | None
    force_unit: str
    frames: tuple[FrameRecord, ...]
    refused: tuple[RefusedFrameRecord, ...]
    atom_count: int
    component_count: int
    reference_max: float
    reference_rms: float
    warnings: tuple[str, ...]
    force_unit_is_stated: bool = False
    spin: str | None = None
    hubbard_u: str | None = None
    dispersion: str | None = None
    frames_found: int | None = None
    was_reordered: bool = False
    options: ReadOptions = ReadOptions()
    readings: tuple[Reading, ...] = ()
    orientation_is_known: bool = True
    order_is_known: bool = True

    @property
    def elements_by_frame(self) -> tuple[frozenset[str], ...]:
        """Chemical symbols in each frame."""
        return tuple(frozenset(re.findall("[A-Z][a-z]?", frame.formula)) for frame in self.frames)

    @property
    def materials(self) -> Materials:
        """Which frames are one material."""
        return materials_of([frame.formula for frame in self.frames], self.options.materials)


def summarise(frames: LabelledFrames, options: ReadOptions = ReadOptions()) -> Understanding:  # noqa: B008 - frozen
    """Return the summary of `frames`, which must hold at least one frame, as read with `options`."""
    import numpy as np
    from ase.data import chemical_symbols

    materials = reading_of_materials(frames.frame_formulas, frames.grouping)
    components = np.concatenate([frame.reference_forces.ravel() for frame in frames.frames])
    return Understanding(
        file_format=frames.file_format,
        formula=frames.formula,
        formulas=frames.formulas,
        elements=tuple(chemical_symbols[number] for number in frames.atomic_numbers),
        functional=frames.functional,
        code=frames.code,
        force_unit=frames.force_unit,
        frames=tuple(
            FrameRecord(
                origin=frame.origin,
                formula=formula,
                atom_count=len(frame.atoms),
                has_energy=frame.reference_energy is not None,
                has_stress=frame.reference_stress is not None,
                functional=frame.functional,
            )
            for frame, formula in zip(frames.frames, frames.frame_formulas, strict=True)
        ),
        refused=tuple(RefusedFrameRecord(origin=r.origin, reason=r.reason) for r in frames.refused),
        atom_count=components.size // 3,
        component_count=components.size,
        reference_max=float(np.abs(components).max()),
        reference_rms=float(np.sqrt(np.mean(components**2))),
        warnings=frames.warnings,
        force_unit_is_stated=frames.force_unit_is_stated,
        spin=frames.spin,
        hubbard_u=frames.hubbard_u,
        dispersion=frames.dispersion,
        frames_found=frames.frames_found,
        was_reordered=frames.was_reordered,
        options=options,
        readings=frames.readings if materials is None else (*frames.readings, materials),
        orientation_is_known=frames.orientation_is_known,
        order_is_known=frames.order_is_known,
    )
