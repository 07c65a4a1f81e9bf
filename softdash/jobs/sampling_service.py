"""The service behind "No DFT yet?": from a structure without forces to frames with ready DFT inputs."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from softdash.benchmarks.sampling.sampling_protocol import SamplingSchedule, SamplingSettings
from softdash.catalog import Catalog
from softdash.diagnosis.expectation import expected_softening
from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import DiagnosisState
from softdash.diagnosis.suitability import checked_title, choose_cards, notices_about
from softdash.errors import ConflictError, InputError, PotentialUnavailableError
from softdash.jobs.availability import PotentialAvailability, why_waiting
from softdash.jobs.delete_tokens import check_token, new_token, token_sha256
from softdash.jobs.identifiers import new_identifier
from softdash.jobs.job import QUEUED, refuse_when_full
from softdash.jobs.sampling_records import (
    SamplingOffer,
    SamplingOrigin,
    SamplingPlan,
    SamplingPreview,
    SamplingRecord,
)
from softdash.jobs.sampling_store import OVERHEAD_ATOMS, standard_title
from softdash.jobs.tables import JobKind, JobRow, SamplingRow
from softdash.jobs.upload_intake import IncomingFile
from softdash.jobs.wiring import Wiring
from softdash.potentials.elements import refuse_what_the_card_lacks, unknown_elements
from softdash.potentials.interface import PotentialCard
from softdash.settings import Settings
from softdash.structures.frames.frame_geometry import FrameGeometry, load_frame_geometry
from softdash.structures.upload.sandbox import StructureSummary, read_structure_in_sandbox

_ABOUT_LABELS = {"functional_unknown", "functional_mismatch", "hubbard_u_unknown"}
_READY_FIRST = ("online", "loading", "offline")
# Seconds per atom and step of a warm worker, until this installation has samplings or runs of its own to go by: between
# the 0.0015 of silicon and the 0.004 of MgO, whose atoms have more neighbours, with CHGNet on one core.
_FIRST_GUESS = {True: 0.0025, False: 0.0001}
_HYDROGEN = "H"


@dataclass(frozen=True, slots=True)
class SamplingChoice:
    """What a visitor may choose; None stands for the standard.

    Attributes
    ----------
    potential : str or None
        Standard: a universal potential that is ready.
    temperature : float or None
        K.
    frame_count : int or None
    time_ps : float or None
        Standard: as much for each state as the settings have.
    title : str or None
    """

    potential: str | None = None
    temperature: float | None = None
    frame_count: int | None = None
    time_ps: float | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedSampling:
    """A new sampling, and the token that deletes it (shown once; only its hash is kept)."""

    record: SamplingRecord
    delete_token: str


class SamplingService:
    """Everything one can do with samplings.

    Parameters
    ----------
    settings : Settings
    wiring : Wiring
    reading : threading.BoundedSemaphore
        Limits how many files are read at once.
    potentials : callable
        Every known potential by name, and whether it can be run now.
    seconds_per_atom : callable
        How long a potential took for an atom of past diagnoses here; None without one.
    reap : callable
        Repairs what a dead worker left, when that is due.
    """

    def __init__(
        self,
        settings: Settings,
        wiring: Wiring,
        reading: threading.BoundedSemaphore,
        *,
        potentials: Callable[[], dict[str, PotentialAvailability]],
        seconds_per_atom: Callable[[str], float | None],
        reap: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._wiring = wiring
        self._reading = reading
        self._potentials = potentials
        self._seconds_per_atom = seconds_per_atom
        self._reap = reap

    def preview(self, files: Sequence[IncomingFile], choice: SamplingChoice | None = None) -> SamplingPreview:
        """Read a structure in the sandbox, and say what would be sampled, with what, and how long it takes.

        Raises
        ------
        InputError
            If the structure cannot be used, or a choice is out of bounds.
        PredictionError
            If no potential knows all its elements; one that does not know them is not offered.
        """
        plan = self._plan(choice or SamplingChoice())
        with self._read(files) as (structure, _):
            pass
        known = [one for state in _READY_FIRST for one in self._potentials().values() if one.state == state]
        able = [one for one in known if not unknown_elements(one.card.computable_elements, structure.elements)]
        if known and not able:  # of the first one, a universal one if there is any
            refuse_what_the_card_lacks(min(known, key=lambda one: not one.card.is_universal).card, structure.elements)
        offers = [self._offer(one, structure, plan) for one in able]
        return SamplingPreview(
            structure=structure,
            potentials=tuple(sorted(offers, key=lambda offer: not offer.is_universal)),
            plan=plan,
            frame_count_max=self._settings.sampling_frames_max,
            temperature_max=self._settings.sampling_temperature_max,
            seconds_max=self._settings.job_seconds,
        )

    def create(self, files: Sequence[IncomingFile], choice: SamplingChoice | None = None) -> CreatedSampling:
        """Read a structure in the sandbox, record a sampling of it, and put it into the queue of its potential.

        Parameters
        ----------
        files : sequence of IncomingFile
            One of them, or of those in an archive, is sampled; the record says which.
        choice : SamplingChoice, optional

        Raises
        ------
        InputError
            If the structure cannot be used, or a choice is out of bounds.
        PredictionError
            If the potential does not know an element.
        PotentialUnavailableError
            If the potential is unknown, or neither installed here nor served by a worker.
        BusyError
            If too many samplings wait already.
        """
        choice = choice or SamplingChoice()
        settings, plan, token = self._settings, self._plan(choice), new_token()
        available = self._potentials()
        served = {name for name, one in available.items() if one.state == "online"}
        (chosen,) = choose_cards([choice.potential or _standard(available)], served)
        with self._read(files) as (structure, stored):
            origin = SamplingOrigin(
                file_name=structure.source or files[0].name,
                structure=structure,
                potential=chosen.name,
                label=chosen.label,
                functional=chosen.functional,
                plan=plan,
                expectation=expected_softening(Catalog(settings.precomputed_dir), chosen, structure.elements),
                warnings=_warnings(chosen, structure),
                estimated_seconds=sum(self._seconds(chosen, structure, plan)),
            )
            title = standard_title(structure.formula, chosen.label)
            if choice.title and choice.title.strip():
                title = checked_title(choice.title)
            now, days = utc_now(), settings.report_days
            job = JobRow(
                kind=JobKind.SAMPLING,
                potential=chosen.name,
                label=chosen.label,
                queue=chosen.queue,
                state=QUEUED,
                total=self._schedule(structure, plan).step_count,
                atom_count=structure.atom_count,
            )
            with self._wiring.database.write() as session:
                refuse_when_full(session, JobKind.SAMPLING, settings.queue_capacity, "Try again in a few minutes.")
                row = SamplingRow(
                    id=new_identifier(),
                    title=title,
                    created_at=now,
                    expires_at=None if days is None else now + timedelta(days=days),
                    delete_token_sha256=token_sha256(token),
                    origin=origin.model_dump_json(),
                    structure_sha256=self._wiring.files.add_file(stored),
                    job=job,
                )
                session.add(row)
        self._wiring.queues.put(job.queue, job.id)
        return CreatedSampling(self._wiring.samplings.record(row.id), token)

    @contextmanager
    def _read(self, files: Sequence[IncomingFile]) -> Iterator[tuple[StructureSummary, Path]]:
        """Yield what was understood of a structure, and the file that holds it meanwhile."""
        with tempfile.TemporaryDirectory(dir=self._settings.incoming_dir) as folder:
            stored = Path(folder) / "structure.npz"
            with self._reading:
                structure = read_structure_in_sandbox(
                    [file.path for file in files],
                    self._settings,
                    names=[file.name for file in files],
                    frames_file=stored,
                )
            yield structure, stored

    def _plan(self, choice: SamplingChoice) -> SamplingPlan:
        settings = self._settings
        frames = choice.frame_count or settings.sampling_frames
        plan = SamplingPlan(
            temperature=choice.temperature or settings.sampling_temperature,
            time_ps=choice.time_ps or settings.sampling_time_ps * frames / settings.sampling_frames,
            equilibration_ps=settings.sampling_equilibration_ps,
            frame_count=frames,
        )
        limits = (
            ("frame_count", choice.frame_count, settings.sampling_frames_max, "states"),
            ("temperature", choice.temperature, settings.sampling_temperature_max, "K"),
            ("time_ps", choice.time_ps, settings.sampling_time_max_ps, "ps"),
        )
        for name, wanted, most, unit in limits:
            if wanted is not None and wanted > most:
                raise InputError(
                    f"{wanted:g} {unit} are more than the {most:g} {unit} that are sampled here.",
                    where=name,
                    advice="Choose less, or sample on the command line: softdash benchmark sample-states.",
                )
        return plan

    def _offer(self, one: PotentialAvailability, structure: StructureSummary, plan: SamplingPlan) -> SamplingOffer:
        before, states = self._seconds(one.card, structure, plan)
        return SamplingOffer(
            potential=one.card.name,
            label=one.card.label,
            functional=one.card.functional,
            is_universal=one.card.is_universal,
            state=one.state,
            seconds_before=before,
            seconds_per_state=states / plan.frame_count,
            warnings=_warnings(one.card, structure),
        )

    def _seconds(self, card: PotentialCard, structure: StructureSummary, plan: SamplingPlan) -> tuple[float, float]:
        """Return how long the equilibration and the sampling are likely to take, from what this machine has done."""
        name = card.name
        pace = self._wiring.samplings.seconds_per_atom_and_step(name) or self._seconds_per_atom(name)
        per_step = (pace or _FIRST_GUESS[card.is_universal]) * (structure.atom_count + OVERHEAD_ATOMS)
        schedule = self._schedule(structure, plan)
        before = schedule.equilibration_steps
        return per_step * before, per_step * (schedule.step_count - before)

    @staticmethod
    def _schedule(structure: StructureSummary, plan: SamplingPlan) -> SamplingSchedule:
        protocol = SamplingSettings(plan.temperature, plan.time_ps, plan.equilibration_ps, plan.frame_count)
        return SamplingSchedule.of(protocol.with_timestep(has_hydrogen=_HYDROGEN in structure.elements))

    def sampling(self, sampling_id: str) -> SamplingRecord:
        """Return the present state of a sampling. Raises NotFoundError."""
        record = self._wiring.samplings.record(sampling_id)
        if record.state.is_final:
            return record
        if self._reap():
            record = self._wiring.samplings.record(sampling_id)
        if record.state is not DiagnosisState.QUEUED or record.progress is not None:
            return record
        message = why_waiting(self._potentials().get(record.origin.potential), "sampling")
        return record if message is None else record.model_copy(update={"message": message})

    def cancel(self, sampling_id: str) -> SamplingRecord:
        """Cancel a sampling that has not ended. Raises NotFoundError."""
        self._wiring.samplings.record(sampling_id)
        self._wiring.jobs.cancel(sampling_id)
        self._wiring.samplings.remove_checkpoint(sampling_id)
        return self._wiring.samplings.record(sampling_id)

    def rename(self, sampling_id: str, token: str, title: str) -> SamplingRecord:
        """Set the title of a sampling.

        Raises
        ------
        NotFoundError
        ForbiddenError
            If the token is not the one that was handed out at its creation.
        InputError
            If the title is empty or too long.
        """
        self._check_token(sampling_id, token)
        self._wiring.samplings.rename(sampling_id, checked_title(title))
        return self.sampling(sampling_id)

    def delete(self, sampling_id: str, token: str) -> None:
        """Delete a sampling and its files. Raises NotFoundError, ForbiddenError."""
        self._check_token(sampling_id, token)
        self._wiring.samplings.delete(sampling_id)

    def _check_token(self, sampling_id: str, token: str) -> None:
        check_token(token, self._wiring.samplings.row(sampling_id).delete_token_sha256, sampling_id, "sampling")

    def archive(self, sampling_id: str) -> Path:
        """Return the zip archive of a finished sampling. Raises NotFoundError, ConflictError."""
        row = self._wiring.samplings.row(sampling_id)
        if row.zip_sha256 is None:
            ended = DiagnosisState(row.job.state).is_final
            raise ConflictError(
                f"This sampling {'ended without frames' if ended else 'has not finished'} ({row.job.state}).",
                where=sampling_id,
                advice="Start it again." if ended else "Its archive appears under the same link when it has.",
            )
        return self._wiring.files.path(row.zip_sha256)

    def frame_geometry(self, sampling_id: str, position: int) -> FrameGeometry:
        """Return one frame, for drawing: the structure before the end of the sampling, a sampled state after it.

        Raises
        ------
        NotFoundError
            If there is no such sampling or frame.
        ReferenceDataError
            If the stored frames are damaged.
        """
        row = self._wiring.samplings.row(sampling_id)
        return load_frame_geometry(self._wiring.files.path(row.frames_sha256 or row.structure_sha256), position)


def _warnings(card: PotentialCard, structure: StructureSummary) -> tuple[str, ...]:
    notices = notices_about(card, [structure.elements], None)
    return tuple(notice.message for notice in notices if notice.code not in _ABOUT_LABELS)


def _standard(available: dict[str, PotentialAvailability]) -> str:
    """Return a universal potential: one that is ready, before one that could be."""
    universal = [name for name, one in available.items() if one.card.is_universal]
    for state in _READY_FIRST:
        for name in universal:
            if available[name].state == state:
                return name
    raise PotentialUnavailableError("No universal potential is installed here.", advice="Install the extra 'chgnet'.")
