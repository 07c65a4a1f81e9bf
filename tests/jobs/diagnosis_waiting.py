"""Waiting for a diagnosis, as the page does."""

from __future__ import annotations

import time
from collections.abc import Callable

from softdash.diagnosis.records import DiagnosisRecord
from softdash.jobs.service import DiagnosisService


def wait_for(
    service: DiagnosisService, diagnosis_id: str, condition: Callable[[DiagnosisRecord], bool]
) -> DiagnosisRecord:
    """Poll a diagnosis as the page does, until `condition` holds."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        record = service.diagnosis(diagnosis_id)
        if condition(record):
            return record
        time.sleep(0.02)
    raise AssertionError(f"still {service.diagnosis(diagnosis_id)}")


def wait_until_final(service: DiagnosisService, diagnosis_id: str) -> DiagnosisRecord:
    return wait_for(service, diagnosis_id, lambda record: record.state.is_final)
