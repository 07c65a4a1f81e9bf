"""Extended XYZ with one or many frames. A frame that cannot be read costs that frame only."""

from __future__ import annotations

import io
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ase import Atoms

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.decompression import SourceFile, decode, refuse_binary
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.labels_in_xyz import LabelNames, read_labelled_frame

LINE_BYTES_MAX = 1_000_000
STRAY_LINES_MAX = 10_000
_COUNT = re.compile(r"\s*(\d+)\s*$", re.ASCII)
_FRAME_COMMENT = re.compile(r"(Properties|Lattice|pbc|energy)\s*=", re.IGNORECASE)
_ADVICE = (
    "Extended XYZ repeats for each frame: a line with the number of atoms, a line that names the columns, one line per "
    "atom."
)


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:  # noqa: ARG001
    """Read all frames of an extended XYZ file.

    Parameters
    ----------
    source : SourceFile
    settings : Settings
        Not used: the limits come through `budget`.
    budget : FrameBudget
        Counts each frame before its rows are read.

    Returns
    -------
    LabelledFrames
        Unchecked: see `softdash.structures.upload.checks`. Forces are taken in eV/Å, as ASE defines the format,
        unless the comment line states another unit (``units=Ha/bohr``).

    Raises
    ------
    InputError
        If the file does not begin as XYZ, holds a line longer than `LINE_BYTES_MAX`, or more than `STRAY_LINES_MAX`
        lines that belong to no frame.
    TooLargeError
        If a frame announces too many atoms, or there are too many frames.
    """
    with source.open() as stream:
        refuse_binary(stream.peek(8192)[:8192], source.name)  # type: ignore[attr-defined]
        reading = _Reading(source.name, _Lines(stream, source.name), budget)
        while reading.read_next():
            pass
    if source.truncated:
        reading.warnings.append(f"{source.name}: the gzip archive ends too early; frames before its end were read.")
    return reading.result()


class _Lines:
    """Lines of a file with their numbers (from 1), and a look ahead."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._ahead: deque[str] = deque()
        self.number = 0

    def next(self) -> str | None:
        """Return the next line without its end; None behind the last one."""
        line = self.look_ahead(1)
        if line is not None:
            self._ahead.popleft()
            self.number += 1
        return line

    def look_ahead(self, distance: int) -> str | None:
        """Return the line `distance` lines ahead (1: the next one) without moving."""
        while len(self._ahead) < distance:
            raw = self._stream.readline(LINE_BYTES_MAX + 1)
            if not raw:
                return None
            if len(raw) > LINE_BYTES_MAX:
                number = self.number + len(self._ahead) + 1
                raise InputError(
                    f"The line is longer than {LINE_BYTES_MAX:,} characters; no frame of atoms is like this.",
                    where=f"{self._name}, line {number}",
                    advice=_ADVICE,
                )
            self._ahead.append(decode(raw).rstrip("\n"))
        return self._ahead[distance - 1]

    def at_frame_start(self) -> bool:
        """Whether the next two lines look like a number of atoms and a comment line of extended XYZ."""
        count, comment = self.look_ahead(1), self.look_ahead(2)
        return bool(count and comment and _COUNT.match(count) and _FRAME_COMMENT.search(comment))


@dataclass
class _Reading:
    """The state of reading one file."""

    name: str
    lines: _Lines
    budget: FrameBudget
    frames: list[LabelledFrame] = field(default_factory=list)
    refused: list[RefusedFrame] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    label_names: LabelNames = field(default_factory=LabelNames)
    frame_count: int = 0
    last_row_width: int = 0
    stray_lines: int = 0

    def read_next(self) -> bool:
        """Read one frame, or skip what is none; False at the end of the file."""
        line = self.lines.next()
        if line is None:
            return False
        if not line.strip():
            self._count_stray_line()
            return True
        count = _COUNT.match(line)
        if count is None:
            self._skip_stray_lines(line)
            return True
        self.frame_count += 1
        origin = f"{self.name}, frame {self.frame_count}"
        atom_count = int(count[1][:15])
        wanted = self.budget.take(atom_count, f"{origin}, line {self.lines.number}")
        try:
            comment, rows = self._frame_lines(atom_count)
            self.last_row_width = len(rows[-1])
            if not wanted:
                return True
            self.frames.append(read_labelled_frame(comment, rows, origin, self.label_names))
        except FrameProblem as problem:
            if wanted:
                self.refused.append(RefusedFrame(origin, str(problem), problem.advice, problem.lacks_forces))
        return True

    def _frame_lines(self, atom_count: int) -> tuple[str, list[list[str]]]:
        """Return the comment line and the words of the rows; stops early where the next frame begins."""
        comment = self.lines.next()
        if comment is None:
            raise FrameProblem("The file ends after the number of atoms.")
        if atom_count == 0:
            raise FrameProblem("It has 0 atoms.")
        rows: list[list[str]] = []
        while len(rows) < atom_count:
            if self.lines.at_frame_start():
                raise FrameProblem(f"It has {len(rows)} rows, its first line says {atom_count} atoms.")
            line = self.lines.next()
            if line is None:
                raise FrameProblem(f"The file ends after {len(rows)} of {atom_count} atoms.")
            rows.append(line.split())
        return comment, rows

    def _skip_stray_lines(self, line: str) -> None:
        """Pass over lines that belong to no frame; rows too many mean that the frame before them is wrong."""
        first = self.lines.number
        if self.frame_count == 0:
            raise InputError(
                f"The first line must be the number of atoms, but is {line.strip()[:60]!r}.",
                where=f"{self.name}, line {first}",
                advice=_ADVICE,
            )
        follows_frame = bool(self.frames) and self.frames[-1].origin.endswith(f", frame {self.frame_count}")
        if follows_frame and len(line.split()) == self.last_row_width:
            frame = self.frames.pop()
            reason = f"It has more rows than its first line says ({len(frame.atoms)} atoms); see line {first}."
            self.refused.append(RefusedFrame(frame.origin, reason))
        while self.lines.look_ahead(1) is not None and not self.lines.at_frame_start():
            self.lines.next()
            self._count_stray_line()
        last = self.lines.number
        place = f"line {first}" if last == first else f"lines {first} to {last}"
        self.warnings.append(
            f"{self.name}, {place}: skipped, for no frame begins there (a frame begins with its number of atoms)."
        )

    def _count_stray_line(self) -> None:
        self.stray_lines += 1
        if self.stray_lines > STRAY_LINES_MAX:
            raise InputError(
                f"More than {STRAY_LINES_MAX:,} lines are empty or belong to no frame.",
                where=f"{self.name}, line {self.lines.number}",
                advice=_ADVICE,
            )

    def result(self) -> LabelledFrames:
        """Return what was read."""
        if self.frame_count == 0:
            raise InputError("The file holds no frame.", where=self.name, advice=_ADVICE)
        stated = self.label_names.stated_unit
        return LabelledFrames(
            frames=tuple(self.frames),
            refused=tuple(self.refused),
            file_format="extended XYZ",
            functional=self.label_names.joined("functional"),
            code=self.label_names.joined("code"),
            force_unit="eV/Å (the convention of extended XYZ)" if stated is None else f"{stated} (as the file says)",
            force_unit_is_stated=stated is not None,
            warnings=(*self.warnings, *self.label_names.warnings(self.name)),
        )


def last_structure(source: SourceFile, settings: Settings, budget: FrameBudget) -> tuple[Atoms, int]:
    """Return the structure of the last frame, with forces or without, and the number of frames.

    Raises
    ------
    InputError
        If it cannot be read.
    TooLargeError
    """
    from ase.io import read as read_by_ase

    with source.open() as stream:
        content = stream.read(settings.structure_file_max_bytes + 1)
    if len(content) > settings.structure_file_max_bytes:
        raise InputError("It is too large for one structure.", where=source.name, advice="Keep one frame of it.")
    try:
        frames: Any = read_by_ase(io.StringIO(content.decode("utf-8")), index=":", format="extxyz")
        found = frames[-1]
    except Exception:  # ASE's readers raise whatever they meet
        what = "It is no extended XYZ, or is damaged: no structure can be read from it."
        raise InputError(what, where=source.name) from None
    budget.take(len(found), source.name)
    return found, len(frames)


FORMAT = FramesFormat(
    name="extended XYZ",
    suffixes=(".extxyz", ".xyz"),
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
    last_structure=last_structure,
)
