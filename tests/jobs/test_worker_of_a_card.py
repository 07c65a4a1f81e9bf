"""A worker process serves a potential that a TOML card describes; the web process has the card alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from diagnosis_waiting import wait_until_final

from softdash.diagnosis.records import DiagnosisState
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.potentials.registry import cards
from tests.card_folder import COPPER, WriteCard

StartWorker = Callable[..., subprocess.Popen[bytes]]


def test_its_slope_is_that_of_the_shipped_potential(
    service: DiagnosisService,
    copper: Callable[..., IncomingFile],
    start_worker: StartWorker,
    compute_all: Callable[[], None],
    write_card: WriteCard,
) -> None:
    write_card("copper")
    upload = service.add_upload([copper()])
    created = service.create(upload.id, ["copper", "emt"])
    start_worker("ase")
    compute_all()
    record = wait_until_final(service, created.record.id)
    assert record.state is DiagnosisState.DONE
    by_card, shipped = service.report(created.record.id).results
    assert by_card.statistics is not None
    assert shipped.statistics is not None
    assert by_card.statistics.slope == shipped.statistics.slope
    assert (by_card.potential.label, by_card.potential.weights_sha256) == ("Copper by a card", "")
    assert service.online_potentials()["copper"].state == "online"


def test_what_a_worker_cannot_load_is_said(
    service: DiagnosisService, start_worker: StartWorker, write_card: WriteCard
) -> None:
    write_card("copper", COPPER.replace("emt:EMT", "emt:EMTT") + 'queue = "own"\n')
    start_worker("own")
    deadline = time.monotonic() + 60
    while (available := service.online_potentials()["copper"]).problem is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert available.state == "failed"
    assert "copper.toml" in str(available.problem)
    assert "EMT" in str(available.problem)


def test_the_web_process_reads_cards_without_their_libraries(write_card: WriteCard) -> None:
    write_card("torch-like", 'label = "Torch"\ncalculator = "torch.nn:Module"\n')
    code = (
        "import sys; from softdash.potentials.registry import card\n"
        "print(card('torch-like').is_installed(), sorted({'torch', 'scipy', 'ase.calculators.emt'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "[]"]
    assert "torch-like" in [card.name for card in cards()]
