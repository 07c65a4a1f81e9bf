"""Each shipped example is read like an upload and is what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from softdash.errors import ReferenceDataError
from softdash.jobs.examples import EXAMPLES, ShippedExample, example_text
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings


def test_an_insulator_a_metal_a_covalent_solid_and_many_frames_are_there() -> None:
    assert {"nacl", "cu3au", "si", "mgo"} <= {example.name for example in EXAMPLES}


@pytest.mark.parametrize("shipped", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_what_it_says(service: DiagnosisService, shipped: ShippedExample) -> None:
    upload = service.add_example(shipped.name)
    understood = upload.understanding
    assert upload.example == shipped.name
    assert (understood.formula, len(understood.frames), understood.atom_count) == (
        shipped.formula,
        shipped.frame_count,
        shipped.atom_count,
    )
    assert understood.functional == "PBE"
    assert understood.refused == ()
    assert understood.warnings == ()


def test_an_example_is_read_once(service: DiagnosisService) -> None:
    assert service.add_example("nacl") == service.add_example("nacl")


def test_a_missing_example_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match=r"NaCl\.extxyz"):
        example_text(EXAMPLES[0], Settings(precomputed_dir=tmp_path))
