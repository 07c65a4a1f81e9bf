"""Lines of a program's output, one at a time, and the frames that are gathered from it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError, TooLargeError
from softdash.structures.frames.labelled_frame import LabelledFrame, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.decompression import SourceFile, refuse_binary
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import read_numbers

LINE_BYTES_MAX = 100_000
LINES_MAX = 8_000_000
_GLUED = re.compile(r"(?<=\d)-(?=\d)")  # Fortran leaves no blank between wide numbers


class LogLines:
    """Lines of a text file with their numbers (from 1); never a line longer than `LINE_BYTES_MAX`."""

    def __init__(self, stream: BinaryIO, source: SourceFile) -> None:
        refuse_binary(stream.peek(8192)[:8192], source.name)  # type: ignore[attr-defined]
        self._stream, self._source = stream, source
        self._back: str | None = None
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while (line := self.next()) is not None:
            yield line

    def next(self) -> str | None:
        """Return the next line without its end; None behind the last one."""
        self.number += 1
        if self._back is not None:
            line, self._back = self._back, None
            return line
        raw = self._stream.readline(LINE_BYTES_MAX + 1)
        if self.number > LINES_MAX:
            what = f"It has more than {LINES_MAX:,} lines."
            raise TooLargeError(what, where=self._source.name, advice="Upload fewer steps.")
        if len(raw) > LINE_BYTES_MAX:
            what = f"The line is longer than {LINE_BYTES_MAX:,} characters; no program writes such output."
            where = f"{self._source.name}, line {self.number}"
            raise InputError(what, where=where, advice="Upload the file that the program wrote.")
        return raw.decode("utf-8", "replace").rstrip("\r\n") if raw else None

    def put_back(self, line: str) -> None:
        """Let `next` return this line, the one just read, once more."""
        self.number -= 1
        self._back = line

    def vectors(self, count: int, first: int, what: str, width: int = 3) -> NDArray[np.float64]:
        """Return `width` words of each of the next `count` lines, from word `first` on, as numbers (count, width).

        Raises
        ------
        FrameProblem
            Naming the atom whose line is short or no numbers, or if the file ends.
        """
        rows = []
        for index in range(count):
            line = self.next()
            if line is None:
                raise FrameProblem(f"The file ends within its {what}s, after {index} of {count}.")
            words = _GLUED.sub(" -", line).split()[first : first + width]
            if len(words) < width:
                raise FrameProblem(f"{what.capitalize()} {index + 1} of {count} is not {width} numbers: {line[:60]!r}.")
            rows.append(words)
        return read_numbers(rows, what.capitalize())


@dataclass
class ProgramLog(ABC):
    """A program's output that is read line by line: each of its readers takes lines, and makes frames of them.

    Attributes
    ----------
    name : str
        The visitor's name of the file.
    lines : LogLines
    gathered : GatheredFrames
    """

    name: str
    lines: LogLines
    gathered: GatheredFrames

    @classmethod
    def read(cls, source: SourceFile, budget: FrameBudget) -> Self:
        """Read a whole file."""
        with source.open() as stream:
            log = cls(source.name, LogLines(stream, source), GatheredFrames(source.name, budget))
            log.take_header()
            for line in log.lines:
                log.take(line)
            log.finish_frame()
        return log

    def take_header(self) -> None:  # noqa: B027 - most programs have none
        """Take lines that stand before all others, where a program writes such."""

    @abstractmethod
    def take(self, line: str) -> None:
        """Take one line."""

    @abstractmethod
    def finish_frame(self) -> None:
        """Keep the frame whose parts were read, if there is one."""


@dataclass
class GatheredFrames:
    """Frames of one run so far, and those that could not be read."""

    name: str
    budget: FrameBudget
    frames: list[LabelledFrame] = field(default_factory=list)
    refused: list[RefusedFrame] = field(default_factory=list)
    unconverged: list[int] = field(default_factory=list)
    count: int = 0

    def next_is_wanted(self, atom_count: int) -> bool:
        """Count one more frame and return whether the budget wants it."""
        self.count += 1
        return self.budget.take(atom_count, self.origin)

    @property
    def origin(self) -> str:
        """Name of the frame counted last."""
        return f"{self.name}, frame {self.count}"

    def refuse(self, reason: str) -> None:
        """Leave the frame counted last out."""
        self.refused.append(RefusedFrame(self.origin, reason))

    def convergence_warnings(self, criterion: str) -> list[str]:
        """Return a sentence about unconverged frames; `criterion` tells how they were known."""
        if not self.unconverged:
            return []
        shown = ", ".join(map(str, self.unconverged[:10])) + (" …" if len(self.unconverged) > 10 else "")
        steps = f"{len(self.unconverged)} of {self.count} steps"
        return [f"{self.name}: {steps} {criterion} and may not be converged (frames {shown})."]
