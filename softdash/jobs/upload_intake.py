"""Taking uploads in: files are read in the sandbox, kept by content, and recorded with what was understood."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import UploadedFile, UploadRecord
from softdash.jobs.examples import example, example_text
from softdash.jobs.identifiers import new_identifier
from softdash.jobs.tables import UploadFileRow, UploadRow
from softdash.jobs.wiring import Wiring
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.sandbox import read_upload_in_sandbox


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it came in: the name its owner gave it, and where its bytes lie now."""

    name: str
    path: Path


class UploadIntake:
    """Reads and keeps uploads.

    Parameters
    ----------
    settings : Settings
    wiring : Wiring
        Where uploads are recorded and their files kept.
    reading : threading.BoundedSemaphore
        Held while the sandbox reads: as many at once as the settings allow.
    """

    def __init__(self, settings: Settings, wiring: Wiring, reading: threading.BoundedSemaphore) -> None:
        self._settings = settings
        self._wiring = wiring
        self._reading = reading

    def add(
        self,
        files: Sequence[IncomingFile],
        options: ReadOptions | None = None,
        *,
        example_name: str | None = None,
        example_key: str | None = None,
    ) -> UploadRecord:
        """Read files, keep them, and return what was understood.

        Parameters
        ----------
        files : sequence of IncomingFile
        options : ReadOptions, optional
        example_name : str, optional
            The shipped example that these files are.
        example_key : str, optional
            Key under which the upload of an example is shared by all.

        Raises
        ------
        InputError
            If nothing usable is in the files.
        sqlalchemy.exc.IntegrityError
            If there is an upload with this `example_key` already.
        """
        with tempfile.TemporaryDirectory(dir=self._settings.incoming_dir) as folder:
            frames_file = Path(folder) / "frames.npz"
            with self._reading:
                summary = read_upload_in_sandbox(
                    [file.path for file in files],
                    self._settings,
                    names=[file.name for file in files],
                    frames_file=frames_file,
                    options=options,
                )
            store = self._wiring.files
            with self._wiring.database.write() as session:
                record = UploadRecord(
                    id=new_identifier(),
                    created_at=utc_now(),
                    files=tuple(
                        UploadedFile(
                            name=file.name, sha256=store.add_file(file.path), byte_count=file.path.stat().st_size
                        )
                        for file in files
                    ),
                    frames_sha256=store.add_file(frames_file),
                    understanding=summary,
                    example=example_name,
                )
                session.add(
                    UploadRow(
                        id=record.id,
                        created_at=record.created_at,
                        frames_sha256=record.frames_sha256,
                        example_key=example_key,
                        record=record.model_dump_json(),
                        files=[UploadFileRow(sha256=sha256) for sha256 in {file.sha256 for file in record.files}],
                    )
                )
        return record

    def add_example(self, name: str) -> UploadRecord:
        """Return the upload of a shipped example; it is read once and shared by all. Raises NotFoundError."""
        chosen = example(name)
        text = example_text(chosen, self._settings)
        key = f"{name}:{hashlib.sha256(text.encode()).hexdigest()}"
        known = self._known_example(key)
        if known is not None:
            return known
        with tempfile.TemporaryDirectory(dir=self._settings.incoming_dir) as folder:
            path = Path(folder) / chosen.file_name
            path.write_text(text, encoding="utf-8")
            try:
                return self.add([IncomingFile(chosen.file_name, path)], example_name=name, example_key=key)
            except IntegrityError:  # somebody else added it at the same moment
                return self.add_example(name)

    def _known_example(self, key: str) -> UploadRecord | None:
        with self._wiring.database.read() as session:
            record = session.scalar(select(UploadRow.record).where(UploadRow.example_key == key))
        return None if record is None else UploadRecord.model_validate_json(record)
