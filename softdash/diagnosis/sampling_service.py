"""The service behind "No DFT yet?": from a structure without forces to frames with ready DFT inputs."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from softdash.catalog import Catalog
from softdash.diagnosis.availability import PotentialAvailability
from softdash.diagnosis.database import SamplingRow, utc_now
from softdash.diagnosis.expectation import expected_softening
from softdash.diagnosis.identifiers import new_identifier
from softdash.diagnosis.records import DiagnosisState
from softdash.diagnosis.run_ledger import FINAL
from softdash.diagnosis.sampling_records import SamplingOrigin, SamplingPlan, SamplingRecord
from softdash.diagnosis.suitability import choose_cards, notices_about
from softdash.diagnosis.wiring import Wiring
from softdash.errors import BusyError, ConflictError, PotentialUnavailableError
from softdash.settings import Settings
from softdash.structures.frame_geometry import FrameGeometry, load_frame_geometry
from softdash.structures.sandbox import read_structure_in_sandbox

_STANDARD_TEMPERATURE = 1000.0
_ABOUT_LABELS = {"functional_unknown", "functional_mismatch"}


@dataclass(frozen=True, slots=True)
class StructureFile:
    """A file as it came in: the name its owner gave it, and where its bytes lie now."""

    name: str
    path: Path


class SamplingService:
    """Everything one can do with samplings.

    Parameters
    ----------
    settings : Settings
    wiring : Wiring
    potentials : callable
        Every known potential by name, and whether it can be run now.
    reading : threading.BoundedSemaphore
        Limits how many files are read at once.
    sweep : callable
        Repairs what a dead worker left, when that is due.
    """

    def __init__(
        self,
        settings: Settings,
        wiring: Wiring,
        potentials: Callable[[], dict[str, PotentialAvailability]],
        reading: threading.BoundedSemaphore,
        sweep: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._wiring = wiring
        self._potentials = potentials
        self._reading = reading
        self._sweep = sweep

    def create(
        self,
        file: StructureFile,
        potential: str | None = None,
        *,
        temperature: float = _STANDARD_TEMPERATURE,
        frame_count: int | None = None,
        time_ps: float | None = None,
    ) -> SamplingRecord:
        """Read a structure in the sandbox, record a sampling of it, and put it into the queue of its potential.

        Parameters
        ----------
        file : StructureFile
        potential : str, optional
            Default: a universal potential that is ready.
        temperature : float
            K.
        frame_count : int, optional
        time_ps : float, optional
            Default: those of the settings.

        Raises
        ------
        InputError
            If the structure cannot be used, or a classical potential lacks an element.
        PotentialUnavailableError
            If the potential is unknown, or neither installed here nor served by a worker.
        BusyError
            If too many samplings wait already.
        """
        available = self._potentials()
        served = {name for name, one in available.items() if one.state == "online"}
        (chosen,) = choose_cards([potential or _standard(available)], served)
        settings = self._settings
        with tempfile.TemporaryDirectory(dir=settings.incoming_dir) as folder:
            stored = Path(folder) / "structure.npz"
            with self._reading:
                structure = read_structure_in_sandbox([file.path], settings, names=[file.name], frames_file=stored)
            notices = notices_about(chosen, structure.elements, None)
            origin = SamplingOrigin(
                file_name=file.name,
                structure=structure,
                potential=chosen.name,
                label=chosen.label,
                functional=chosen.functional,
                plan=SamplingPlan(
                    temperature=temperature,
                    time_ps=time_ps or settings.sampling_time_ps,
                    equilibration_ps=settings.sampling_equilibration_ps,
                    frame_count=frame_count or settings.sampling_frames,
                ),
                expectation=expected_softening(Catalog(settings.precomputed_dir), chosen, structure.elements),
                warnings=tuple(notice.message for notice in notices if notice.code not in _ABOUT_LABELS),
            )
            now, days = utc_now(), settings.report_days
            row = SamplingRow(
                id=new_identifier(),
                queue=chosen.queue,
                state=DiagnosisState.QUEUED.value,
                created_at=now,
                expires_at=None if days is None else now + timedelta(days=days),
                structure_sha256="",
                origin=origin.model_dump_json(),
            )
            self._add(row, stored)
        self._wiring.queues.put_sampling(row.queue, row.id)
        return self._wiring.samplings.record(row.id)

    def _add(self, row: SamplingRow, stored: Path) -> None:
        with self._wiring.database.write() as session:
            waiting = session.scalar(
                select(func.count()).select_from(SamplingRow).where(SamplingRow.state.not_in(FINAL))
            )
            if (waiting or 0) >= self._settings.queue_capacity:
                raise BusyError(
                    f"{waiting} samplings are waiting already, as many as this server takes at once.",
                    advice="Try again in a few minutes.",
                )
            row.structure_sha256 = self._wiring.files.add_file(stored)
            session.add(row)

    def sampling(self, sampling_id: str) -> SamplingRecord:
        """Return the present state of a sampling. Raises NotFoundError."""
        record = self._wiring.samplings.record(sampling_id)
        if record.state.is_final:
            return record
        if self._sweep():
            record = self._wiring.samplings.record(sampling_id)
        if record.state is not DiagnosisState.QUEUED or record.progress is not None:
            return record
        available = self._potentials().get(record.origin.potential)
        if available is None or available.state == "online":
            return record
        label = record.origin.label
        if available.state == "loading":
            message = f"{label} is being loaded; this starts in a few seconds."
        else:
            message = f"No worker serves {label} at present. The sampling is kept and starts when one does."
        return record.model_copy(update={"message": message})

    def cancel(self, sampling_id: str) -> SamplingRecord:
        """Cancel a sampling that has not ended. Raises NotFoundError."""
        self._wiring.samplings.record(sampling_id)
        self._wiring.samplings.cancel(sampling_id)
        return self._wiring.samplings.record(sampling_id)

    def archive(self, sampling_id: str) -> Path:
        """Return the zip archive of a finished sampling. Raises NotFoundError, ConflictError."""
        row = self._wiring.samplings.row(sampling_id)
        if row.zip_sha256 is None:
            ended = DiagnosisState(row.state).is_final
            raise ConflictError(
                f"This sampling {'ended without frames' if ended else 'has not finished'} ({row.state}).",
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


def _standard(available: dict[str, PotentialAvailability]) -> str:
    """Return a universal potential: one that is ready, before one that could be."""
    universal = [name for name, one in available.items() if one.card.is_universal]
    for state in ("online", "loading", "offline"):
        for name in universal:
            if available[name].state == state:
                return name
    raise PotentialUnavailableError("No universal potential is installed here.", advice="Install the extra 'chgnet'.")
