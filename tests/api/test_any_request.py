"""Whatever a request holds: no internal error, and answers as the OpenAPI document says (schemathesis)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from softdash.api import register
from softdash.api.openapi import documented_routes
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService
from softdash.jobs.worker import Worker
from softdash.settings import Settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _requests() -> list[tuple[str, str, GenerationMode]]:
    """Return all routes with requests that keep to their form, and those that have a form with ones that do not."""
    server = Flask("routes")
    register(server, cast("DiagnosisService", None), Settings())  # nothing is called
    found = []
    for route in documented_routes(server):
        declared = route.operation
        has_form = declared.query or declared.body or declared.form
        modes = list(GenerationMode) if has_form else [GenerationMode.POSITIVE]
        found += [(route.method, route.path, mode) for mode in modes]
    return found


@pytest.fixture(scope="module")
def any_request(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The API with one finished diagnosis, whose identifiers take the place of every other made-up one."""
    installation = Settings(state_dir=tmp_path_factory.mktemp("state"), queue_capacity=100_000)
    service, server = DiagnosisService(installation), Flask("test")
    register(server, service, installation)
    finished = service.create(service.add_example("cu3au").id, ["emt"]).record
    worker = Worker("classical", installation)
    for run in JobQueues(installation).waiting("classical"):
        worker.execute(run)
    known = {
        "diagnosis_id": finished.id,
        "upload_id": finished.upload_id,
        "name": "cu3au",
        "table": "phonons-max_frequencies",
        "dataset": "gpaw_pbe",
        "potential": "chgnet-0.3.0",
        "material_id": "gpaw-Al",
    }
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", server)

    @schema.hook
    def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        if path_parameters and sum(map(len, map(str, path_parameters.values()))) % 2 == 0:
            return {**path_parameters, **{name: known[name] for name in path_parameters if name in known}}
        return path_parameters

    yield schema
    service.close()


@pytest.mark.parametrize(("method", "path", "mode"), _requests())
def test_any_request_is_answered_as_documented(any_request: Any, method: str, path: str, mode: GenerationMode) -> None:
    operation = any_request[path][method]
    case = operation.as_strategy(generation_mode=mode)

    # Each file that is sent is read in a process of its own.
    @settings(EXAMPLES, max_examples=2 if operation.body and path.endswith("/uploads") else EXAMPLES.max_examples)
    @given(case=case)
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()
