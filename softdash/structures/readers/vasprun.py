"""VASP's vasprun.xml: every ionic step is a frame. Own streaming reader.

`ase.io.vasp` keeps the whole tree, eigenvalues included, in memory; pymatgen gives up a run that was killed. Here each
step is taken and forgotten. Numbers agree with both (tests/structures).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import numpy as np
from ase.units import GPa
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import Fixed, FixedAtoms, movable_flags
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.decompression import SourceFile, refuse_binary
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.readers.fractional_coordinates import atoms_from_fractional
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.guarded_xml import BrokenXmlError, elements
from softdash.structures.readers.numbers_in_text import read_elements, read_numbers
from softdash.structures.readers.vasp_functional import (
    is_true,
    vasp_dispersion,
    vasp_functional,
    vasp_hubbard_u,
    vasp_spin,
)

KILOBAR = 0.1 * GPa
"""1 kbar in eV/Å³, as in ASE."""

VASP_KILOBAR = 1e-22 / 1.60217733e-19
"""1 kbar in eV/Å³ with VASP's own constant, by which it added PSTRESS·V to the energy."""

_ADVICE = "Upload the vasprun.xml that VASP wrote."
_HEAVY = frozenset({"eigenvalues", "dos", "projected", "partial", "dynmat", "kpoints", "array"})
_KEPT_ARRAYS = frozenset({"atoms", "atomtypes"})
_CUT_SYMBOLS = {"r": "Zr", "X": "Xe"}  # VASP cuts these two; so does pymatgen mend them


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:  # noqa: ARG001
    """Read all ionic steps of a vasprun.xml.

    The energy is ``e_0_energy`` (extrapolated to zero smearing), taken as ASE does: the last electronic step's
    ``e_0_energy − e_fr_energy`` added to the ionic step's ``e_fr_energy``, less PSTRESS·V. Stress is turned from VASP's
    kbar (positive is pressure) into eV/Å³ with ASE's sign. Forces of atoms fixed by selective dynamics are kept.

    Parameters
    ----------
    source : SourceFile
    settings : Settings
        Not used: the limits come through `budget`.
    budget : FrameBudget

    Returns
    -------
    LabelledFrames
        Unchecked. The complete steps, with a warning, if the file ends too early (a run that was killed).

    Raises
    ------
    InputError
        If it is not a vasprun.xml, has a document type declaration, or not one complete ionic step.
    TooLargeError
    """
    run = _Run(source.name, budget)
    with source.open() as stream:
        refuse_binary(stream.peek(8192)[:8192], source.name)  # type: ignore[attr-defined]
        try:
            for event, element in _light_elements(elements(stream, source.name)):
                run.take(event, element)
        except BrokenXmlError as problem:
            run.broken = str(problem)
    return run.result()


def _light_elements(events: Iterator[tuple[str, Element]]) -> Iterator[tuple[str, Element]]:
    """Pass events on, but not those inside parts that only cost memory (eigenvalues, densities of states)."""
    heavy: Element | None = None
    for event, element in events:
        if heavy is None:
            if event == "start" and element.tag in _HEAVY and element.get("name") not in _KEPT_ARRAYS:
                heavy = element
            else:
                yield event, element
        elif event == "end":
            element.clear()
            if element is heavy:
                heavy = None


@dataclass
class _Run:
    """What has been read of one run."""

    name: str
    budget: FrameBudget
    frames: list[LabelledFrame] = field(default_factory=list)
    refused: list[RefusedFrame] = field(default_factory=list)
    unconverged: list[int] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    numbers: NDArray[np.int64] | None = None
    pseudopotentials: list[str] = field(default_factory=list)
    selective: Fixed | None = None
    fixed: FixedAtoms = field(default_factory=FixedAtoms)
    version: str | None = None
    step_count: int = 0
    root_seen: bool = False
    broken: str | None = None

    def take(self, event: str, element: Element) -> None:
        """Take one event of the XML stream."""
        if event == "start":
            if not self.root_seen and element.tag != "modeling":
                raise InputError(
                    f"It is XML, but no vasprun.xml: it begins with <{element.tag[:40]}>, not <modeling>.",
                    where=self.name,
                    advice=_ADVICE,
                )
            self.root_seen = True
            return
        if element.tag == "generator":
            self.version = _text(element.find("i[@name='version']"))
        elif element.tag in ("incar", "parameters"):
            self._take_tags(element)
        elif element.tag == "atominfo":
            self._take_species(element)
        elif element.tag == "structure" and element.get("name") == "initialpos":
            self._take_selective_dynamics(element)
        elif element.tag == "calculation":
            self._take_step(element)
            element.clear()

    def _take_tags(self, element: Element) -> None:
        for item in element.iter():
            name = item.get("name")
            if item.tag in ("i", "v") and name is not None:
                text = _text(item) or ""
                unset_later = name.upper() in self.tags and not text
                if not unset_later:
                    self.tags[name.upper()] = text

    def _take_species(self, element: Element) -> None:
        rows = element.findall("array[@name='atoms']/set/rc")
        words = [(_text(row.find("c")) or "").split("_")[0].split("/")[0] for row in rows]
        if not words:
            raise InputError("It has no list of atoms (atominfo).", where=self.name, advice=_ADVICE)
        try:
            self.numbers = read_elements([_CUT_SYMBOLS.get(word, word) for word in words])
        except FrameProblem as problem:
            raise InputError(str(problem), where=self.name, advice=_ADVICE) from None
        types = element.findall("array[@name='atomtypes']/set/rc")
        self.pseudopotentials = [_text(row[-1]) or "" for row in types if len(row)]

    def _take_selective_dynamics(self, element: Element) -> None:
        flags = [(_text(row) or "").split() for row in element.findall("varray[@name='selective']/v")]
        self.selective = movable_flags([[is_true(word) for word in row] for row in flags])

    def _take_step(self, element: Element) -> None:
        self.step_count += 1
        origin = f"{self.name}, frame {self.step_count}"
        if self.numbers is None:
            what = "It has no list of atoms (atominfo) before its first step."
            raise InputError(what, where=self.name, advice=_ADVICE)
        if not self.budget.take(len(self.numbers), origin):
            return
        try:
            self.frames.append(self._frame(element, origin))
        except FrameProblem as problem:
            self.refused.append(RefusedFrame(origin, str(problem), problem.advice))

    def _frame(self, element: Element, origin: str) -> LabelledFrame:
        assert self.numbers is not None  # noqa: S101 - told by _take_step
        electronic = element.findall("scstep")
        if not electronic and is_true(self.tags.get("ML_LMLFF")):
            raise FrameProblem("Its forces come from VASP's machine-learned force field, not from DFT.")
        count = len(self.numbers)
        cell = _vectors(element.find("structure/crystal/varray[@name='basis']"), 3, "cell vectors")
        scaled = _vectors(element.find("structure/varray[@name='positions']"), count, "positions")
        forces = _vectors(element.find("varray[@name='forces']"), count, "forces")
        if len(electronic) >= self._electronic_steps_max():
            self.unconverged.append(self.step_count)
        self.fixed.note(self.selective, forces)
        return LabelledFrame(
            atoms=atoms_from_fractional(self.numbers, scaled, cell),
            reference_forces=forces,
            origin=origin,
            reference_energy=self._energy(element, electronic, abs(float(np.linalg.det(cell)))),
            reference_stress=_stress(element),
        )

    def _electronic_steps_max(self) -> float:
        steps = _number(self.tags.get("NELM"))
        return steps if steps is not None and steps > 1 else float("inf")

    def _energy(self, element: Element, electronic: list[Element], volume: float) -> float | None:
        free = _number(_text(element.find("energy/i[@name='e_fr_energy']")))
        if free is None:
            return None
        pressure = _number(self.tags.get("PSTRESS")) or 0.0
        free -= pressure * VASP_KILOBAR * volume
        last = electronic[-1].find("energy") if electronic else None
        if last is None:
            return free
        zero = _number(_text(last.find("i[@name='e_0_energy']")))
        smeared = _number(_text(last.find("i[@name='e_fr_energy']")))
        return free if zero is None or smeared is None else free + (zero - smeared)

    def result(self) -> LabelledFrames:
        """Return what was read; `InputError` if that is nothing."""
        if self.step_count == 0:
            if self.broken is not None:
                what = f"It is damaged ({self.broken}) before the first ionic step is complete."
            else:
                what = "It holds no ionic step (<calculation>)."
            raise InputError(what, where=self.name, advice="Upload the vasprun.xml of a finished run.")
        return LabelledFrames(
            frames=tuple(self.frames),
            refused=tuple(self.refused),
            file_format="VASP vasprun.xml",
            functional=vasp_functional(self.tags, self.pseudopotentials),
            code=f"VASP {self.version}" if self.version else "VASP",
            force_unit="eV/Å (VASP's unit)",
            force_unit_is_stated=True,
            spin=vasp_spin(self.tags),
            hubbard_u=vasp_hubbard_u(self.tags, self.pseudopotentials),
            dispersion=vasp_dispersion(self.tags),
            warnings=tuple(self._warnings()),
        )

    def _warnings(self) -> Iterator[str]:
        if self.broken is not None:
            yield (
                f"{self.name}: the file ends too early or is damaged ({self.broken}); the {self.step_count} complete "
                "ionic steps before that place were read."
            )
        if self.unconverged:
            shown = ", ".join(map(str, self.unconverged[:10])) + (" …" if len(self.unconverged) > 10 else "")
            yield (
                f"{self.name}: {len(self.unconverged)} of {self.step_count} ionic steps used all NELM = "
                f"{self.tags.get('NELM')} electronic steps and may not be converged (frames {shown})."
            )
        yield from self.fixed.warnings(self.name)


def _text(element: Element | None) -> str | None:
    return element.text.strip() if element is not None and element.text else None


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").split()[0])
    except (ValueError, IndexError):
        return None


def _vectors(element: Element | None, count: int, what: str) -> NDArray[np.float64]:
    """Return a varray of `count` vectors, (count, 3); `FrameProblem` if it is missing, short or unreadable."""
    if element is None:
        raise FrameProblem(f"It has no {what}.")
    rows = [(row.text or "").split() for row in element.findall("v")]
    if len(rows) != count:
        raise FrameProblem(f"It has {what} for {len(rows)} of {count} atoms." if count != 3 else f"Its {what} are bad.")
    if any(len(row) != 3 for row in rows):
        raise FrameProblem(f"Its {what} are not three numbers per line.")
    return read_numbers(rows, what.capitalize())


def _stress(element: Element) -> NDArray[np.float64] | None:
    varray = element.find("varray[@name='stress']")
    if varray is None:
        return None
    try:
        stress: NDArray[np.float64] = -KILOBAR * _vectors(varray, 3, "stress")
    except FrameProblem:
        return None
    return stress


FORMAT = FramesFormat(
    name="VASP vasprun.xml",
    suffixes=(".xml",),
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
)
