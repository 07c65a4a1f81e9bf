"""`softdash diagnose`, `softdash correct`, the API and Python say one thing of the same files, to the word.

Effective medium theory stands in the place of a universal potential, so that every kind of advice comes up.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

import softdash
from softdash.api import register
from softdash.cli import main
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService
from softdash.jobs.worker import Worker
from softdash.potentials import registry
from softdash.reports.embed import embedded_html
from softdash.settings import Settings
from softdash.softening import three_digits

GROUP_COUNT = 21
_LATTICES = {"Cu": 3.61, "Al": 4.05, "Ni": 3.52, "Ag": 4.09, "Au": 4.08, "Pt": 3.92, "Pd": 3.89}
_NOT_LEARNT = "Pd"


@dataclass(frozen=True)
class Paths:
    """The same files by four ways; recipes are None where there is none, and `refusal` has its code or words."""

    diagnose: dict[str, Any]
    python: dict[str, Any]
    api: dict[str, Any]
    correct: dict[str, Any] | None
    report_recipe: dict[str, Any] | None
    python_recipe: dict[str, Any] | None
    printed_diagnose: str
    printed_correct: str
    html: str
    embedded: str
    refusal: str = ""
    frames: list[Atoms] = field(default_factory=list)


def random_group(seed: int) -> list[Atoms]:
    """Return 1 to 10 labelled frames of one material; what is wrong with them follows from the seed."""
    generator = np.random.default_rng(seed)
    symbol = str(generator.choice(sorted(_LATTICES)))
    crystal = bulk(symbol, "fcc", a=_LATTICES[symbol], cubic=True).repeat((1, 1, int(generator.integers(1, 3))))
    if generator.random() < 0.3:
        crystal.symbols[0] = str(generator.choice(["Cu", "Au"]))
    count = 1 + seed % 10
    amplitude = 0.008 if seed % 9 == 4 else 0.12
    hardness = float(generator.choice([0.85, 1.0, 1.25, 1.5]))
    noise = float(generator.choice([0.0, 0.02, 0.2, 1.5]))
    energy_factor = hardness if generator.random() < 0.6 else float(generator.choice([0.6, 2.5]))
    functional = [None, "PBE", "PBE", "PBEsol"][int(generator.integers(4))]
    sign = -1.0 if seed == 13 else 1.0
    frames = []
    for _ in range(count):
        atoms = crystal.copy()
        atoms.positions += generator.normal(scale=amplitude, size=atoms.positions.shape)
        probe = atoms.copy()
        probe.calc = EMT()
        forces = sign * hardness * probe.get_forces() + noise * generator.normal(size=(len(atoms), 3))
        atoms.calc = SinglePointCalculator(
            atoms,
            energy=energy_factor * probe.get_potential_energy(),
            forces=forces,
            stress=hardness * probe.get_stress(),
        )
        atoms.info = {"functional": functional} if functional else {}
        frames.append(atoms)
    return frames


@pytest.fixture(scope="module")
def as_universal() -> Iterator[None]:
    found = registry._discover()
    cards = tuple(
        replace(
            card,
            is_universal=True,
            functional="PBE",
            elements=card.elements - {_NOT_LEARNT},
            guessed_elements=frozenset({_NOT_LEARNT}),
        )
        if card.name == "emt"
        else card
        for card in found.cards
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_discover", lambda: replace(found, cards=cards))
        yield


@dataclass(frozen=True)
class Ways:
    settings: Settings
    service: DiagnosisService
    client: FlaskClient
    compute: Callable[[], None]

    def of(self, file: Path) -> Paths:
        """Take one file every way."""
        runner, recipe = CliRunner(), file.with_suffix(".recipe.json")
        outputs = ["--output", str(file.with_suffix(".json"))]
        printed = runner.invoke(main, ["diagnose", str(file), "--potential", "emt", *outputs], catch_exceptions=False)
        told = runner.invoke(
            main, ["correct", str(file), "--potential", "emt", "--output", str(recipe)], catch_exceptions=False
        )
        fitted = json.loads(recipe.read_text()) if told.exit_code == 0 else None
        here = softdash.diagnose(file, "emt")
        upload = self.client.post(
            "/api/v1/uploads",
            data={"files": [(io.BytesIO(file.read_bytes()), file.name)]},
            content_type="multipart/form-data",
        ).get_json()
        created = self.client.post(
            "/api/v1/diagnoses", json={"upload_id": upload["id"], "potentials": ["emt"]}
        ).get_json()
        self.compute()
        identifier = created["diagnosis"]["id"]
        answered = self.client.get(f"/api/v1/reports/{identifier}/recipe/emt.json")
        html = self.client.get(f"/report/{identifier}.html").get_data(as_text=True)
        report = self.service.report(identifier)
        embedded = embedded_html(report, self.service.points(identifier), link="https://x/")
        try:
            saved: dict[str, Any] | None = json.loads(here.save(file.with_suffix(".py.recipe.json")).read_text())
        except softdash.errors.SoftdashError:
            saved = None
        return Paths(
            diagnose=json.loads(file.with_suffix(".json").read_text()),
            python=json.loads(here.report.model_dump_json()),
            api=self.client.get(f"/report/{identifier}.json").get_json(),
            correct=fitted,
            report_recipe=answered.get_json() if answered.status_code == 200 else None,
            python_recipe=saved,
            printed_diagnose=_words(printed.stdout),
            printed_correct=_words(told.stdout),
            html=_words(unescape(html)),
            embedded=_words(unescape(embedded)),
            refusal=told.stderr,
        )


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory, as_universal: None) -> Iterator[Ways]:
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    server = Flask("test")
    service = DiagnosisService(settings)
    register(server, service, settings)
    worker = Worker("classical", settings)

    def compute() -> None:
        for run in sorted(JobQueues(settings).waiting("classical")):
            worker.execute(run)

    yield Ways(settings, service, server.test_client(), compute)
    service.close()


@pytest.fixture(scope="module")
def groups(ways: Ways, tmp_path_factory: pytest.TempPathFactory) -> list[Paths]:
    folder = tmp_path_factory.mktemp("groups")
    found = []
    for seed in range(GROUP_COUNT):
        file = folder / f"group-{seed}.extxyz"
        frames = random_group(seed)
        write(file, frames, format="extxyz")
        found.append(replace(ways.of(file), frames=frames))
    return found


def _words(text: str) -> str:
    return " ".join(text.split())


def _result(report: dict[str, Any]) -> dict[str, Any]:
    (result,) = report["results"]
    return {name: value for name, value in result.items() if name != "seconds"}


def test_the_groups_are_of_many_kinds(groups: list[Paths]) -> None:
    codes = {_result(group.diagnose)["advice"]["code"] for group in groups}
    assert {"multiply", "unsuitable", "unbiased", "single_frame", "wrong_way"} <= codes
    assert len(codes) >= 7
    assert len({_result(group.diagnose)["verdict"]["level"] for group in groups}) == 4
    assert {len(group.frames) for group in groups} == set(range(1, 11))


def test_command_line_api_and_python_give_one_result(groups: list[Paths]) -> None:
    for group in groups:
        assert _result(group.api) == _result(group.diagnose)
        assert _result(group.python) == _result(group.diagnose)
        assert group.api["result_sha256"] == group.python["result_sha256"] == group.diagnose["result_sha256"]


def test_correct_and_the_recipes_of_a_report_are_those_of_diagnose(groups: list[Paths]) -> None:
    written = 0
    for group in groups:
        advice, statistics = _result(group.diagnose)["advice"], _result(group.diagnose)["statistics"]
        if advice["linear_correction"] <= 0:
            assert group.correct is group.report_recipe is group.python_recipe is None
            assert group.refusal
            continue
        written += 1
        for recipe in (group.correct, group.report_recipe, group.python_recipe):
            assert recipe is not None
            assert recipe["factor"] == advice["linear_correction"]
            assert recipe["interval"] == advice["linear_correction_interval"]
            assert recipe["is_recommended"] == advice["is_recommended"]
            assert recipe["advice"] == advice["text"]
            assert (recipe["slope"], recipe["mae"]) == (statistics["slope"], statistics["mae"])
            assert recipe["frame_count"] == statistics["frame_count"] == len(group.frames)
            apart = {name: value for name, value in recipe.items() if name != "created"}
            assert apart == {name: value for name, value in (group.correct or {}).items() if name != "created"}
    assert written >= GROUP_COUNT - 2


def test_every_form_has_the_words_and_the_numbers(groups: list[Paths]) -> None:
    for group in groups:
        result = _result(group.diagnose)
        headline, advice, slope = result["verdict"]["headline"], result["advice"], result["statistics"]["slope"]
        for form in (group.printed_diagnose, group.html, group.embedded):
            assert _words(headline) in form
        for form in (group.printed_diagnose, group.html):
            assert three_digits(slope) in form
        assert f"{slope:.3f}" in group.embedded
        assert _words(advice["text"]) in group.html
        if group.correct is not None:
            assert _words(advice["text"]) in group.printed_correct
            assert f"c* = {three_digits(advice['linear_correction'])}" in group.printed_correct


def test_one_number_that_differs_is_noticed(groups: list[Paths]) -> None:
    """The comparison above is of all numbers: none is left out by a name that no report has."""
    result = _result(groups[2].diagnose)
    numbers = [value for value in _leaves(result) if isinstance(value, float) and math.isfinite(value)]
    assert len(numbers) > 80


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
