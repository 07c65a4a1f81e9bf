"""The service behind "upload and diagnose": what the pages, the API and the command line call.

Free of torch and of structure parsers: reading an upload happens in a child process with limits, computing in a worker.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import (
    DiagnosisRecord,
    DiagnosisState,
    Report,
    UploadRecord,
)
from softdash.diagnosis.reports import ForcePoints
from softdash.diagnosis.suitability import checked_note, checked_title, choose_cards, notices_about, tidy_title
from softdash.jobs.availability import PotentialAvailability, availability, why_waiting
from softdash.jobs.creation_keys import CreationKey, creation_key
from softdash.jobs.delete_tokens import check_token, new_token, token_sha256
from softdash.jobs.examples import EXAMPLES, ShippedExample
from softdash.jobs.file_store import remove_left_over
from softdash.jobs.identifiers import new_identifier
from softdash.jobs.job import QUEUED, refuse_when_full
from softdash.jobs.sampling_service import SamplingService
from softdash.jobs.tables import DiagnosisRow, JobKind, JobRow
from softdash.jobs.upload_intake import IncomingFile, UploadIntake
from softdash.jobs.wiring import wire
from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import card, cards, ready_cards
from softdash.settings import Settings
from softdash.softening.statistics import Notice
from softdash.structures.frames.frame_geometry import FrameGeometry, load_frame_geometry
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.read_options import ReadOptions

__all__ = [
    "CreatedDiagnosis",
    "DiagnosisService",
    "ForcePoints",
    "IncomingFile",
    "PotentialAvailability",
    "ShippedExample",
]

# Seconds per atom of a warm worker, until this installation has runs of its own to go by.
_FIRST_GUESS = {True: 0.005, False: 0.0003}
_PAST_RUNS = 20
_WHEN_FULL = "Your upload is kept: start the diagnosis again in a few minutes."


@dataclass(frozen=True, slots=True)
class CreatedDiagnosis:
    """A new diagnosis, and the token that deletes it (shown once; only its hash is kept)."""

    record: DiagnosisRecord
    delete_token: str


class DiagnosisService:
    """Everything one can do with uploads and diagnoses.

    Parameters
    ----------
    settings : Settings
        Where the state lies, and all limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wiring = wire(settings)
        settings.incoming_dir.mkdir(parents=True, exist_ok=True)
        remove_left_over(settings.incoming_dir)
        self._reading = threading.BoundedSemaphore(settings.parsers_at_once)
        self._intake = UploadIntake(settings, self._wiring, self._reading)
        self._reaping = threading.Lock()
        self._next_reaping = 0.0
        self.samplings = SamplingService(
            settings,
            self._wiring,
            self._reading,
            potentials=self.online_potentials,
            seconds_per_atom=self._seconds_per_atom,
            reap=self._reap_when_due,
        )

    # Uploads

    def add_upload(self, files: Sequence[IncomingFile], options: ReadOptions | None = None) -> UploadRecord:
        """Read files in the sandbox, keep them, and return what was understood.

        Parameters
        ----------
        files : sequence of IncomingFile
        options : ReadOptions, optional
            The visitor's choice of unit, and consent to re-ordering and thinning.

        Raises
        ------
        InputError
            If nothing usable is in the files (or one of its kinds: too large, unsupported format, refused). Its `offer`
            names the option that would mend it.
        """
        return self._intake.add(files, options)

    def upload(self, upload_id: str) -> UploadRecord:
        """Return an upload. Raises NotFoundError."""
        return self._wiring.store.upload(upload_id)

    def read_again(self, upload_id: str, options: ReadOptions) -> UploadRecord:
        """Read the stored files of an upload with other options, as a new upload.

        Raises
        ------
        NotFoundError
            If the upload is unknown.
        InputError
            As `add_upload`.
        """
        known = self.upload(upload_id)
        if known.understanding.options == options:
            return known
        files = [IncomingFile(file.name, self._wiring.files.path(file.sha256)) for file in known.files]
        return self._intake.add(files, options, example_name=known.example)

    def frame_geometry(self, upload_id: str, position: int) -> FrameGeometry:
        """Return one frame of an upload as arrays, for drawing. Raises NotFoundError, ReferenceDataError."""
        return load_frame_geometry(self._wiring.files.path(self.upload(upload_id).frames_sha256), position)

    def examples(self) -> tuple[ShippedExample, ...]:
        """Return the shipped examples."""
        return EXAMPLES

    def add_example(self, name: str) -> UploadRecord:
        """Return the upload of a shipped example; it is read once and shared by all. Raises NotFoundError."""
        return self._intake.add_example(name)

    # Potentials

    def workers(self) -> tuple[WorkerStatus, ...]:
        """Return the living workers."""
        return self._wiring.workers.living()

    def online_potentials(self) -> dict[str, PotentialAvailability]:
        """Return every known potential by name, and whether it can be run now.

        A card that waits for its library is among them where a worker of another environment has it.
        """
        workers = self.workers()
        held = {name for worker in workers for name in (*worker.potentials, *worker.problems)}
        known = (*cards(), *(one for one in ready_cards() if one.name in held))
        return {one.name: availability(one, workers) for one in known}

    def notices(self, upload_id: str, potential: str) -> tuple[Notice, ...]:
        """Return the warnings about running `potential` on an upload (functional, elements), before running.

        Raises
        ------
        NotFoundError
            If the upload is unknown.
        PotentialUnavailableError
            If the potential is unknown.
        PredictionError
            If the potential does not know an element of any frame.
        """
        understanding = self.upload(upload_id).understanding
        return notices_about(card(potential), understanding.elements_by_frame, understanding.functional)

    def estimated_seconds(self, upload: UploadRecord, potential: str) -> float:
        """Return how long a warm worker is likely to take, from past runs on this machine."""
        per_atom = self._seconds_per_atom(potential)
        if per_atom is None:
            per_atom = _FIRST_GUESS[card(potential).is_universal]
        return per_atom * upload.understanding.atom_count

    def _seconds_per_atom(self, potential: str) -> float | None:
        """Return how long past runs on this machine took; None without one."""
        with self._wiring.database.read() as session:
            past = session.execute(
                select(JobRow.seconds, JobRow.atom_count)
                .where(JobRow.kind == JobKind.DIAGNOSIS, JobRow.potential == potential, JobRow.seconds.is_not(None))
                .order_by(JobRow.id.desc())
                .limit(_PAST_RUNS)
            ).all()
        return sum(seconds or 0.0 for seconds, _ in past) / sum(atoms for _, atoms in past) if past else None

    # Diagnoses

    def create(
        self,
        upload_id: str,
        potentials: Sequence[str],
        title: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> CreatedDiagnosis:
        """Record a diagnosis and put one run per potential into the queues.

        With an `idempotency_key`, the same request again returns the diagnosis that the first one created.

        Raises
        ------
        NotFoundError
            If the upload is unknown.
        PotentialUnavailableError
            If a potential is unknown, or neither installed here nor served by a worker.
        InputError
            If no potential is named, one is named twice, or the key is unusable.
        PredictionError
            If a potential can compute none of the frames, for it does not know their elements.
        ConflictError
            If the key was used for another request.
        BusyError
            If too many diagnoses wait already.
        """
        upload = self.upload(upload_id)
        key = None if idempotency_key is None else creation_key(idempotency_key, upload_id, potentials, title)
        if key is not None and (known := self._created_before(key)):
            return known
        served = {name for worker in self.workers() for name in worker.potentials}
        chosen = choose_cards(potentials, served)
        for one in chosen:
            notices_about(one, upload.understanding.elements_by_frame, upload.understanding.functional)
        identifier = new_identifier()
        token = new_token() if key is None else key.delete_token(identifier)
        now = utc_now()
        days = self._settings.report_days
        row = DiagnosisRow(
            id=identifier,
            upload_id=upload_id,
            title=tidy_title(title, upload.understanding.materials.name, chosen),
            created_at=now,
            expires_at=None if days is None else now + timedelta(days=days),
            delete_token_sha256=token_sha256(token),
            creation_key_sha256=None if key is None else key.sha256,
            creation_request_sha256=None if key is None else key.request_sha256,
            jobs=[_new_job(position, one, upload) for position, one in enumerate(chosen)],
        )
        try:
            with self._wiring.database.write() as session:
                refuse_when_full(session, JobKind.DIAGNOSIS, self._settings.queue_capacity, _WHEN_FULL)
                session.add(row)
        except IntegrityError:  # the same key at the same moment
            if key is None or (known := self._created_before(key)) is None:
                raise
            return known
        # The record stands before the queue hears of it: should this process die here, the reaper puts the entries in.
        for job in row.jobs:
            self._wiring.queues.put(job.queue, job.id)
        return CreatedDiagnosis(self._wiring.store.diagnosis(row.id), token)

    def _created_before(self, key: CreationKey) -> CreatedDiagnosis | None:
        with self._wiring.database.read() as session:
            known = key.created(session)
        return None if known is None else CreatedDiagnosis(self._wiring.store.diagnosis(known), key.delete_token(known))

    def diagnosis(self, diagnosis_id: str) -> DiagnosisRecord:
        """Return the present state of a diagnosis. Raises NotFoundError."""
        record = self._wiring.store.diagnosis(diagnosis_id)
        if record.state.is_final:
            return record
        if self._reap_when_due():
            record = self._wiring.store.diagnosis(diagnosis_id)
        message = self._why_waiting(record)
        return record if message is None else record.model_copy(update={"message": message})

    def _why_waiting(self, record: DiagnosisRecord) -> str | None:
        waiting = [run for run in record.runs if run.state is DiagnosisState.QUEUED]
        if not waiting or any(run.state is DiagnosisState.RUNNING for run in record.runs):
            return None
        return why_waiting(self.online_potentials().get(waiting[0].potential), "diagnosis")

    def _reap_when_due(self) -> bool:
        # Workers call the reaper too; this one is for the case that none is left.
        if time.monotonic() < self._next_reaping or not self._reaping.acquire(blocking=False):
            return False
        try:
            self._wiring.reaper.reap()
            self._next_reaping = time.monotonic() + self._settings.heartbeat_seconds
        finally:
            self._reaping.release()
        return True

    def cancel(self, diagnosis_id: str) -> DiagnosisRecord:
        """Cancel what has not ended; runs that are done keep their result. Raises NotFoundError."""
        self._wiring.store.diagnosis(diagnosis_id)
        self._wiring.jobs.cancel(diagnosis_id)
        self._wiring.store.assemble(diagnosis_id)
        return self._wiring.store.diagnosis(diagnosis_id)

    def edit(self, diagnosis_id: str, token: str, title: str, note: str) -> DiagnosisRecord:
        """Set title and note of a diagnosis; its results stay as they are.

        Raises
        ------
        NotFoundError
        ForbiddenError
            If the token is not the one that was handed out at its creation.
        InputError
            If the title is empty, or one of both too long.
        """
        self._check_token(diagnosis_id, token)
        self._wiring.store.edit(diagnosis_id, checked_title(title), checked_note(note))
        return self._wiring.store.diagnosis(diagnosis_id)

    def delete(self, diagnosis_id: str, token: str) -> None:
        """Delete a diagnosis and its report. Raises NotFoundError, ForbiddenError."""
        self._check_token(diagnosis_id, token)
        self._wiring.store.delete(diagnosis_id)

    def _check_token(self, diagnosis_id: str, token: str) -> None:
        self._wiring.store.diagnosis(diagnosis_id)
        with self._wiring.database.read() as session:
            expected = session.scalar(select(DiagnosisRow.delete_token_sha256).where(DiagnosisRow.id == diagnosis_id))
        check_token(token, expected, diagnosis_id, "diagnosis")

    def report(self, diagnosis_id: str) -> Report:
        """Return the report of a finished diagnosis.

        Raises
        ------
        NotFoundError
            If there is no such diagnosis.
        ConflictError
            If it has not finished, or ended without a result; the message says which.
        """
        return self._wiring.store.report(diagnosis_id)

    def points(self, diagnosis_id: str) -> ForcePoints:
        """Return the forces, energies and stresses behind a report. Raises as `report`."""
        return self._wiring.store.points(diagnosis_id)

    def frames(self, diagnosis_id: str) -> LabelledFrames:
        """Return the frames of a diagnosis, in the order of ``understanding.frames``. Raises NotFoundError."""
        return self._wiring.store.frames_of(diagnosis_id)

    def close(self) -> None:
        """Close the database."""
        self._wiring.database.close()


def _new_job(position: int, one: PotentialCard, upload: UploadRecord) -> JobRow:
    return JobRow(
        kind=JobKind.DIAGNOSIS,
        position=position,
        potential=one.name,
        label=one.label,
        queue=one.queue,
        state=QUEUED,
        total=len(upload.understanding.frames),
        atom_count=upload.understanding.atom_count,
    )
