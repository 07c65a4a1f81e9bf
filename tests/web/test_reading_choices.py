"""Other readings of an upload: which ones are offered, and what becomes of one that is chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from ase.build import bulk
from dash import html, no_update
from dash.development.base_component import Component
from diagnosed import add_copper, diagnose, parts_of, text_of

from softdash.diagnosis.records import ReadingDoubt, UploadRecord
from softdash.errors import Choice, InputError
from softdash.jobs.service import CreatedDiagnosis, DiagnosisService
from softdash.reports.reading_texts import ShownReading, shown_readings
from softdash.settings import Settings
from softdash.structures.frames.read_options import ForceUnit, ReadOptions
from softdash.structures.upload.read import read_upload
from softdash.structures.upload.summary import summarise
from softdash.web.context import web_context
from softdash.web.pages.diagnose import page as diagnose_page
from softdash.web.pages.report.callbacks import read_again
from softdash.web.pages.report.doubts import doubts_part
from softdash.web.parts.reading_choices import other_readings, patched_options, reading_error
from softdash.web.parts.readings_panel import readings_panel
from tests.doubtful import UNIT

STORE = "a-store"


def reading(topic: str, value: str = "", ground: str = "assumed", *details: str) -> ShownReading:
    return ShownReading(topic, value, ground, details)


def patches_of(component: object) -> list[dict[str, Any]]:
    """Return the patches that buttons and selects carry, in order."""
    parts = parts_of(component)
    found = [getattr(part, "data-patch", None) or getattr(part, "value", None) for part in parts]
    return [json.loads(patch) for patch in found if patch]


@pytest.fixture(scope="module")
def copper(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> UploadRecord:
    return add_copper(service, tmp_path_factory.mktemp("copper"))


@pytest.fixture(scope="module")
def created(service: DiagnosisService, copper: UploadRecord) -> CreatedDiagnosis:
    return diagnose(service, web_context().settings, copper)


@pytest.mark.parametrize("unit", get_args(ForceUnit))
def test_every_other_unit_can_be_chosen(unit: ForceUnit) -> None:
    options = ReadOptions(force_unit=unit)
    offered = [other.patch["force_unit"] for other in other_readings(reading("unit"), options)]
    assert sorted([*offered, unit]) == sorted(get_args(ForceUnit))


def test_everything_offered_is_an_option_and_changes_something() -> None:
    options = ReadOptions(
        force_factor=0.5, forces="DFT", structure="x", symmetry="apply", orientation="ase/yzx", row_order=(2, 1)
    )
    details = "Left aside: 'CHGNet', “x”; the file's own, the atom's."
    for topic in ("unit", "sign", "orientation", "order", "columns", "structure"):
        offered = other_readings(reading(topic, "DFT", "stated", details), options)
        assert offered, topic
        for other in offered:
            assert patched_options(options, other.patch) != options


def test_sets_and_structures_are_those_that_the_reading_names() -> None:
    sets = reading("columns", "'DFT'", "stated", "Beside 'DFT' there are 'CHGNet 0.3' and \"MACE\"; the table's own.")
    assert [other.patch for other in other_readings(sets, ReadOptions())] == [
        {"forces": "CHGNet 0.3"},
        {"forces": "MACE"},
    ]
    assert other_readings(reading("columns", "fx, fy, fz"), ReadOptions()) == []


def test_other_sets_of_a_table_that_was_read_can_be_taken(tmp_path: Path) -> None:
    """From a real table to the select and back: each set that it holds can be taken in place of the other."""
    structure, table = tmp_path / "POSCAR", tmp_path / "forces.csv"
    atoms = bulk("Cu", cubic=True)
    atoms.positions[0, 0] += 0.1
    atoms.write(structure, format="vasp")
    heading = "DFT_fx,DFT_fy,DFT_fz,CHGNet_fx,CHGNet_fy,CHGNet_fz"
    rows = [f"{0.1 * k},0.2,-0.3,{0.4 * k},0.5,-0.6" for k in range(4)]
    table.write_text("\n".join([heading, *rows]) + "\n")
    options, forces = ReadOptions(), []
    for _ in range(2):
        frames = read_upload([structure, table], Settings(), options=options)
        forces.append(frames.frames[0].reference_forces[0, 1])
        shown = next(one for one in shown_readings(summarise(frames, options)) if one.topic == "columns")
        other = next(one for one in other_readings(shown, options) if one.patch["forces"] is not None)
        options = patched_options(options, other.patch)
    assert forces == [0.2, 0.5]


def test_order_is_offered_as_listed_only_where_it_was_changed() -> None:
    assert other_readings(reading("order"), ReadOptions()) == []
    for options in (ReadOptions(reorder=True), ReadOptions(row_order=(2, 1))):
        (other,) = other_readings(reading("order"), options)
        assert patched_options(options, other.patch) == ReadOptions()


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.5])
def test_sign_is_turned_and_turned_back(factor: float) -> None:
    options = ReadOptions(force_factor=factor)
    for _ in range(2):
        (other,) = other_readings(reading("sign"), options)
        assert other.patch == {"force_factor": -options.force_factor}
        options = patched_options(options, other.patch)
    assert options.force_factor == factor


@pytest.mark.parametrize(
    "patch",
    [
        None,
        [],
        "force_unit",
        7,
        {"force_unit": "furlong"},
        {"force_factor": 0},
        {"force_factor": "nan"},
        {"orientation": "upside down"},
        {"row_order": [1, 1]},
        {"row_order": "x"},
        {"colour": "blue"},
        {"__class__": "x"},
    ],
)
def test_patches_that_are_none_are_refused(patch: Any) -> None:
    with pytest.raises(InputError):
        patched_options(ReadOptions(), patch)


def test_panel_has_selects_only_where_it_takes_corrections() -> None:
    readings = [reading("unit", "eV/Å"), reading("coordinates", "3 decimals", "stated", "So.")]
    for store in (None, STORE):
        panel = readings_panel(readings, ReadOptions(), store)
        selects = [part for part in parts_of(panel) if isinstance(part, html.Select)]
        assert len(selects) == (0 if store is None else 1)
        assert getattr(panel, "data-corrections", None) == store
        assert all(text in text_of(panel) for text in ("eV/Å", "assumed", "3 decimals", "stated", "So."))
    assert {"force_factor": -1.0} in patches_of(panel)


def test_unit_is_called_unsaid_only_where_it_was_assumed() -> None:
    for ground, is_said in (("assumed", True), ("stated", False), ("chosen", False), ("tested", False)):
        text = text_of(readings_panel([reading("unit", "eV/Å", ground)], ReadOptions(), STORE))
        assert ("do not say the unit" in text) is is_said


def test_proposals_are_buttons_only_where_they_can_be_taken() -> None:
    (part,) = doubts_part([UNIT], UNIT.headline, STORE)
    assert patches_of(part) == [proposal.options for proposal in UNIT.proposals]
    (named,) = doubts_part([UNIT], UNIT.headline)
    assert patches_of(named) == []
    for shown in (part, named):
        assert "slope 0.871, R² 0.98" in text_of(shown)
        assert UNIT.headline not in text_of(shown)


def test_only_the_first_proposal_of_all_is_the_main_one() -> None:
    more: ReadingDoubt = UNIT.model_copy(update={"code": "order", "headline": "Another."})
    parts = doubts_part([UNIT, more], UNIT.headline, STORE)
    buttons = [part for part in parts_of(parts) if isinstance(part, html.Button)]
    assert ["primary" in button.className for button in buttons] == [True, False, False, False]
    assert "Another." in text_of(parts)


def test_errors_with_choices_and_offers_have_a_button_for_each() -> None:
    choices = (Choice("As DFT", {"forces": "DFT"}), Choice("In order", {"row_order": [2, 1]}))
    shown = reading_error(InputError("Two sets.", choices=choices, offer="reorder"))
    assert patches_of(shown) == [{"forces": "DFT"}, {"row_order": [2, 1]}, {"reorder": True}]
    assert patches_of(reading_error(InputError("No forces.", offer="sample"))) == []


def test_upload_is_read_again_as_the_visitor_corrects_it(
    in_app: None, service: DiagnosisService, copper: UploadRecord
) -> None:
    source = {"upload": copper.id, "example": ""}
    changed, problem = diagnose_page.read_again({"options": {"force_unit": "Ry/bohr"}}, source)
    assert problem == ""
    again = service.upload(changed["upload"])
    assert again.understanding.options.force_unit == "Ry/bohr"
    assert again.understanding.reference_max / copper.understanding.reference_max == pytest.approx(25.711, rel=1e-4)
    back, _ = diagnose_page.read_again({"options": {"force_unit": "auto", "force_factor": -1}}, changed)
    turned = service.upload(back["upload"]).understanding
    assert turned.reference_max == copper.understanding.reference_max
    assert turned.options == ReadOptions(force_factor=-1)


@pytest.mark.parametrize("options", [None, {}, {"force_unit": "furlong"}, {"row_order": [2, 1, 3]}])
def test_correction_that_does_not_fit_changes_nothing(
    in_app: None, copper: UploadRecord, created: CreatedDiagnosis, options: Any
) -> None:
    source = {"upload": copper.id, "example": ""}
    correction = {"options": options}
    assert diagnose_page.read_again(correction, source)[0] is no_update
    changed, problem = read_again(correction, created.record.id)
    assert changed is no_update
    assert isinstance(problem, Component)
    assert read_again(None, created.record.id) == (no_update, no_update)


def test_report_corrected_is_another_diagnosis_by_the_same_potentials(
    in_app: None, service: DiagnosisService, created: CreatedDiagnosis
) -> None:
    started, problem = read_again({"options": {"force_factor": -1}}, created.record.id)
    assert problem == ""
    assert started["id"] != created.record.id
    record = service.diagnosis(started["id"])
    assert [run.potential for run in record.runs] == [run.potential for run in created.record.runs]
    assert service.upload(record.upload_id).understanding.options.force_factor == -1
    assert record.title == created.record.title
    service.delete(started["id"], started["token"])


def test_title_of_its_owner_stays_with_the_corrected_report(
    in_app: None, service: DiagnosisService, copper: UploadRecord
) -> None:
    own = service.create(copper.id, ["emt"], "Copper, hot")
    started, _ = read_again({"options": {"force_factor": -1}}, own.record.id)
    assert service.diagnosis(started["id"]).title == "Copper, hot"


def test_examples_are_not_corrected(in_app: None, service: DiagnosisService) -> None:
    source = {"upload": "", "example": "nacl"}
    assert not [part for part in parts_of(diagnose_page.layout(example="nacl")) if isinstance(part, html.Select)]
    changed, problem = diagnose_page.read_again({"options": {"force_factor": -1}}, source)
    assert changed is no_update
    assert isinstance(problem, Component)


def test_page_of_an_upload_takes_corrections(in_app: None, copper: UploadRecord) -> None:
    page = diagnose_page.layout(upload=copper.id)
    (panel,) = (part for part in parts_of(page) if getattr(part, "role", None) == "group" and _store(part))
    assert _store(panel) in [getattr(part, "id", None) for part in parts_of(page)]
    assert {"force_unit": "Ha/bohr"} in patches_of(panel)


def _store(part: Component) -> str | None:
    found: str | None = getattr(part, "data-corrections", None)
    return found
