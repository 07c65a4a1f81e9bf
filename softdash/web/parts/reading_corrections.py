"""Reading an upload again as its visitor, or a report's reader, corrects it."""

from __future__ import annotations

from typing import Any

from softdash.diagnosis.records import UploadRecord
from softdash.errors import ConflictError, InputError
from softdash.jobs.service import CreatedDiagnosis, DiagnosisService
from softdash.web.parts.reading_choices import patched_options


def corrected_upload(service: DiagnosisService, record: UploadRecord, patch: Any) -> UploadRecord:
    """Return the upload read with some options changed; the same one where they change nothing.

    Raises
    ------
    ConflictError
        For a shipped example, whose reading is known.
    InputError
        If there are no such options, or the files cannot be read so.
    """
    if record.example is not None:
        raise ConflictError("The example is read as it was made.", advice="Upload files of your own to choose.")
    return service.read_again(record.id, patched_options(record.understanding.options, patch))


def corrected_diagnosis(service: DiagnosisService, report_id: str, patch: Any) -> CreatedDiagnosis:
    """Start the diagnosis of a report anew, by the same potentials, on its upload read with some options changed.

    Raises
    ------
    NotFoundError
        If there is no such diagnosis, or its upload is gone.
    ConflictError
        For a shipped example.
    InputError
        If there are no such options, they change nothing, or the files cannot be read so.
    BusyError
        If too many diagnoses wait already.
    """
    diagnosis = service.diagnosis(report_id)
    upload = service.upload(diagnosis.upload_id)
    again = corrected_upload(service, upload, patch)
    if again.id == upload.id:
        raise InputError("The files were read that way already.", advice="Choose another reading.")
    made = f" by {', '.join(run.label for run in diagnosis.runs)}"
    # A title that softdash made is made anew: the formula may have changed.
    title = None if diagnosis.title.endswith(made) else diagnosis.title
    return service.create(again.id, [run.potential for run in diagnosis.runs], title)
