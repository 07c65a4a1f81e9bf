"""The format of tables of forces; what reads them takes 0.1 s to import, and waits until a table comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softdash.structures.readers.file_format import ForcesFormat

if TYPE_CHECKING:
    from softdash.settings import Settings
    from softdash.structures.frames.read_options import ReadOptions
    from softdash.structures.readers.decompression import SourceFile
    from softdash.structures.readers.tables.forces_table import ForcesTable


def _read(source: SourceFile, settings: Settings, options: ReadOptions) -> ForcesTable:
    from softdash.structures.readers.tables.forces_file import read

    return read(source, settings, options)


def _read_frames(source: SourceFile, settings: Settings, options: ReadOptions) -> tuple[ForcesTable, ...]:
    from softdash.structures.readers.tables.frames_of_forces import read_frames

    return read_frames(source, settings, options)


FORMAT = ForcesFormat(
    name="forces table",
    suffixes=(".csv", ".tsv", ".txt", ".dat", ".fa", ".json", ".npy", ".npz", ".xlsx"),
    holds=("forces",),
    read=_read,
    read_frames=_read_frames,
)
