"""A report begins with its answer, in the same words in all its forms; reports from before have none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from click.testing import CliRunner

from softdash.catalog import Catalog
from softdash.cli import main
from softdash.diagnosis import correction, findings
from softdash.diagnosis.answer import reach_answer
from softdash.diagnosis.answer_records import Answer
from softdash.diagnosis.answer_texts import BEYOND_FORCES, QUESTION, findings_by_topic
from softdash.diagnosis.records import Report
from softdash.potentials.registry import card
from softdash.reports.embed import embedded_html
from softdash.reports.formats import report_json
from softdash.reports.html import report_html
from softdash.reports.terminal.report import print_report
from softdash.settings import Settings
from softdash.web.pages.report.answer import answer_part
from tests.diagnosis.test_fitted_correction import frames
from tests.diagnosis.test_verdict import Case
from tests.doubtful import stored_report
from tests.web.diagnosed import parts_of, text_of


@pytest.fixture(scope="module")
def answer() -> Answer:
    _, statistics, answers = Case(0.75, noise=0.05).verdict()
    assert answers.advice is not None
    catalog = Catalog(Settings().precomputed_dir)
    return reach_answer(catalog, card("chgnet-0.3.0"), statistics, (), answers.advice)


def with_answer(answer: Answer) -> Report:
    report, _ = stored_report()
    (result,) = report.results
    return report.model_copy(update={"results": (result.model_copy(update={"answer": answer}),)})


def test_the_page_begins_with_it(answer: Answer) -> None:
    report = with_answer(answer)
    (part,) = answer_part(report, report.results[0])
    text = text_of(part)
    assert text.startswith(QUESTION)
    assert text.index(answer.title) < text.index(answer.text) < text.index(BEYOND_FORCES)
    names = [getattr(one, "className", None) or "" for one in parts_of(part)]
    assert "answer one_factor large" in names
    for _, words in findings_by_topic([("", answer)]):
        assert words in text


def test_several_potentials_have_one_each_and_the_chosen_one_s_is_large(answer: Answer) -> None:
    report = with_answer(answer)
    other = report.results[0].model_copy(
        update={"answer": answer.model_copy(update={"code": "fine_tune", "title": "Fine-tune"})}
    )
    both = report.model_copy(update={"results": (*report.results, other)})
    (part,) = answer_part(both, other)
    classes = [str(one.className) for one in parts_of(part) if str(getattr(one, "className", "")).startswith("answer ")]
    assert classes == ["answer fine_tune large", "answer one_factor"]
    assert text_of(part).count(BEYOND_FORCES) == 1


def test_answers_of_many_potentials_stand_in_rows_and_equal_ones_share_one(answer: Answer) -> None:
    report = with_answer(answer)
    first = report.results[0]
    softer = answer.model_copy(update={"code": "fine_tune", "title": "Fine-tune"})
    others = [first.model_copy(update={"answer": one}) for one in (answer, softer, answer, softer)]
    (part,) = answer_part(report.model_copy(update={"results": (first, *others)}), first)
    classes = [str(getattr(one, "className", "")) for one in parts_of(part)]
    assert [name for name in classes if name.startswith(("answer ", "answer-row "))] == [
        "answer one_factor large",
        "answer-row one_factor",
        "answer-row fine_tune",
    ]
    assert text_of(part).count(first.potential.label) >= 5


def test_all_forms_use_the_same_words(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    report, points = with_answer(answer), stored_report()[1]
    print_report(report, as_json=False)
    printed = " ".join(capsys.readouterr().out.split())
    for form in (report_html(report, points), embedded_html(report, points, link="x"), printed):
        assert QUESTION in form
        assert form.index(answer.title) < form.index(answer.text)
        assert form.index(answer.text) < form.index(report.results[0].verdict.headline)  # type: ignore[union-attr]
    kept = json.loads(report.model_dump_json())["results"][0]["answer"]
    assert (kept["code"], kept["text"]) == (answer.code, answer.text)
    assert Report.model_validate_json(report.model_dump_json()).results[0].answer == answer


def test_reports_from_before_have_none(capsys: pytest.CaptureFixture[str]) -> None:
    report, points = stored_report()
    assert answer_part(report, report.results[0]) == []
    print_report(report, as_json=False)
    for form in (report_html(report, points), embedded_html(report, points, link="x"), capsys.readouterr().out):
        assert QUESTION not in form
    assert '"answer"' not in report_json(report)


@pytest.mark.parametrize("hardness", [1.0, 1.25])
def test_diagnose_and_correct_print_the_same(hardness: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import softdash.diagnosis.analysis as analysis

    for module in (correction, findings, analysis):  # effective medium theory as if it were a universal potential
        if hasattr(module, "notices_about"):
            monkeypatch.setattr(module, "notices_about", lambda *_: ())
    labelled = []
    for frame in frames(hardness=hardness, noise=0.02).frames:
        atoms = frame.atoms.copy()
        atoms.calc = SinglePointCalculator(atoms, forces=np.asarray(frame.reference_forces))
        labelled.append(atoms)
    path = tmp_path / "copper.extxyz"
    write(path, labelled)
    lines = []
    for command in ("diagnose", "correct"):
        found = CliRunner().invoke(main, [command, str(path), "--potential", "emt"])
        assert found.exit_code == 0, found.output
        words = " ".join(found.output.split())
        lines.append(words[words.index(QUESTION) :][:200])
    assert lines[0] == lines[1]
    assert ("with one factor" if hardness > 1 else "as it is") in lines[0]
