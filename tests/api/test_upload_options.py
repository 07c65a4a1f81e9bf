"""Options of an upload as form fields, and the offers of its errors."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

HEAD = 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:forces:R:3'
FRAME = f"2\n{HEAD}\nNa 0 0 0 0.1 0.2 0.3\nCl 2.5 2.5 2.5 -0.1 -0.2 -0.3\n"
PLACES = "0 0 0\n0 0.5 0.5\n0.5 0.5 0.5\n0.5 0 0\n"
POSCAR = f"NaCl\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa Cl\n2 2\nDirect\n{PLACES}"
SWAPPED = "Cl,-0.1,-0.2,-0.3\nCl,0.2,0.2,0.2\nNa,0.1,0.2,0.3\nNa,-0.2,-0.2,-0.2\n"
UNSAID = "0.1,0.2,0.3\n-0.2,-0.2,-0.2\n-0.1,-0.2,-0.3\n0.2,0.2,0.2\n"


def upload(client: FlaskClient, files: dict[str, str], **fields: str) -> Any:
    data = {"files": [(io.BytesIO(content.encode()), name) for name, content in files.items()], **fields}
    return client.post("/api/v1/uploads", data=data, content_type="multipart/form-data")


def test_an_offer_is_taken_by_a_field(client: FlaskClient) -> None:
    files = {"POSCAR": POSCAR, "f.csv": SWAPPED}
    refused = upload(client, files)
    assert (refused.status_code, refused.get_json()["error"]["offer"]) == (422, "reorder")
    accepted = upload(client, files, reorder="true")
    assert accepted.status_code == 201
    understanding = accepted.get_json()["understanding"]
    assert understanding["was_reordered"]
    assert any(warning.startswith("Atoms re-ordered") for warning in understanding["warnings"])
    assert {name: understanding["options"][name] for name in ("force_unit", "reorder", "thin")} == {
        "force_unit": "auto",
        "reorder": True,
        "thin": False,
    }


def test_choices_of_an_error_are_taken_as_fields(client: FlaskClient) -> None:
    files = {"POSCAR": POSCAR, "f.csv": "Fx [furlong/s],Fy [furlong/s],Fz [furlong/s]\n" + UNSAID}
    refused = upload(client, files)
    choices = refused.get_json()["error"]["choices"]
    assert refused.status_code == 422
    assert {"force_unit": "Ha/bohr"} in [choice["options"] for choice in choices]
    accepted = upload(client, files, force_unit="Ha/bohr")
    assert accepted.status_code == 201
    assert [
        (reading["value"], reading["ground"])
        for reading in accepted.get_json()["understanding"]["readings"]
        if reading["topic"] == "unit"
    ] == [("Ha/bohr", "chosen")]


def test_order_sign_and_orientation_are_chosen_by_fields(client: FlaskClient) -> None:
    fields = {"row_order": "3,4,1,2", "force_factor": "-1", "orientation": "given/yzx"}
    accepted = upload(client, {"POSCAR": POSCAR, "f.csv": UNSAID}, **fields)
    assert accepted.status_code == 201
    understanding = accepted.get_json()["understanding"]
    assert understanding["options"]["row_order"] == [3, 4, 1, 2]
    grounds = {reading["topic"]: reading["ground"] for reading in understanding["readings"]}
    assert {grounds[topic] for topic in ("order", "sign", "orientation")} == {"chosen"}


def test_a_unit_is_chosen_by_a_field(client: FlaskClient) -> None:
    plain = upload(client, {"a.xyz": FRAME}).get_json()["understanding"]
    chosen = upload(client, {"a.xyz": FRAME}, force_unit="Ry/bohr").get_json()["understanding"]
    assert chosen["force_unit"] == "Ry/bohr (chosen)"
    assert chosen["reference_max"] == pytest.approx(25.7110335 * plain["reference_max"], rel=1e-7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("force_unit", "furlong"),
        ("force_factor", "0"),
        ("orientation", "upside down"),
        ("row_order", "1,1,2"),
        ("symmetry", "perhaps"),
        ("reorder", "perhaps"),
        ("thin", "7"),
    ],
)
def test_another_value_is_refused(client: FlaskClient, name: str, value: str) -> None:
    response = upload(client, {"a.xyz": FRAME}, **{name: value})
    assert response.status_code == 422
    assert response.get_json()["error"]["where"] == name


def test_fields_of_other_names_are_passed_over(client: FlaskClient) -> None:
    assert upload(client, {"a.xyz": FRAME}, remark="x").status_code == 201
