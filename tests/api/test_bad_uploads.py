"""Uploads that cannot be used: a status of 4xx, one JSON shape, the file's name and advice; then a good one works."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from softdash.settings import Settings
from tests.robustness.dangerous_files import COLUMNS, CSV, PNG, POSCAR, cif

SHIPPED = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe"
PARTLY_OCCUPIED = cif("Na Na1 0 0 0 0.5\nCl Cl1 0.5 0.5 0.5 1.0\n").encode()
STRUCTURE, FORCES = POSCAR.encode(), CSV.encode()


@dataclass(frozen=True)
class BadUpload:
    """Files, and what the answer must say: its status, the file it names, words of its message."""

    name: str
    files: dict[str, bytes]
    status: int
    culprit: str
    words: str


def _frame(*forces: str) -> bytes:
    rows = (
        f"{symbol} {place} {force}\n"
        for symbol, place, force in zip(("Na", "Cl"), ("0 0 0", "2 2 2"), forces, strict=True)
    )
    return f"2\n{COLUMNS}\n{''.join(rows)}".encode()


BAD_UPLOADS = [
    BadUpload("wrong atom count", {"POSCAR": STRUCTURE, "forces.csv": FORCES + b"0,0,0\n"}, 422, "forces.csv", "3"),
    BadUpload("NaN forces", {"nan.extxyz": _frame("nan 0 0", "0 0 1")}, 422, "nan.extxyz", "nan"),
    BadUpload("zero forces", {"zero.extxyz": _frame("0 0 0", "0 0 0")}, 422, "zero.extxyz", "zero"),
    BadUpload("partial occupancy", {"part.cif": PARTLY_OCCUPIED, "f.csv": FORCES}, 422, "part.cif", "occup"),
    BadUpload("a picture", {"picture.cif": PNG, "f.csv": FORCES}, 422, "picture.cif", ""),
    BadUpload("empty", {"empty.extxyz": b""}, 422, "empty.extxyz", "empty"),
    BadUpload("unsupported ending", {"notes.docx": b"hello"}, 415, "notes.docx", ""),
    BadUpload("no forces", {"POSCAR": STRUCTURE}, 422, "POSCAR", "forces"),
    BadUpload("a little too large", {"large.extxyz": b"x" * 400_000}, 413, "large.extxyz", "MB"),
    BadUpload("far too large", {"large.extxyz": b"x" * 1_400_000}, 413, "large.extxyz", "MB"),
]


def upload(client: FlaskClient, files: dict[str, bytes]) -> Any:
    data = {"files": [(io.BytesIO(content), name) for name, content in files.items()]}
    return client.post("/api/v1/uploads", data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("bad", BAD_UPLOADS, ids=lambda bad: bad.name)
def test_a_bad_upload_is_explained_and_harms_nothing(
    client: FlaskClient, settings: Settings, compute_all: Callable[[], None], bad: BadUpload
) -> None:
    response = upload(client, bad.files)
    assert response.status_code == bad.status
    document = response.get_json()
    assert set(document) == {"error"}
    error = document["error"]
    assert set(error) - {"offer"} == {"code", "message", "where", "advice"}
    assert bad.culprit in f"{error['where']} {error['message']}"
    assert bad.words.lower() in f"{error['message']} {error['advice']}".lower()
    assert error["advice"], "says what to do"
    assert list(settings.incoming_dir.iterdir()) == []
    good = upload(client, {"Al.extxyz": (SHIPPED / "Al.extxyz").read_bytes()})
    assert good.status_code == 201
    created = client.post("/api/v1/diagnoses", json={"upload_id": good.get_json()["id"], "potentials": ["emt"]})
    compute_all()
    assert client.get(created.get_json()["links"]["json_report"]).status_code == 200


class _Endless(io.RawIOBase):
    """The body of a request that would be 200 MB, and counts what was read of it."""

    taken = 0

    def __init__(self, head: bytes, length: int) -> None:
        self.head, self.length = head, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self.length - self.taken)
        piece = self.head[self.taken : self.taken + wanted].ljust(wanted, b"x")
        buffer[:wanted] = piece
        self.taken += wanted
        return wanted


def test_200_megabytes_are_refused_without_keeping_any_of_them(client: FlaskClient, settings: Settings) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="run.extxyz"\r\n\r\n'
    body = _Endless(head, 200_000_000)
    announced = {"CONTENT_LENGTH": "200000000", "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    response = client.post("/api/v1/uploads", environ_overrides={"wsgi.input": body, **announced})
    assert response.status_code == 413
    error = response.get_json()["error"]
    assert (error["code"], error["where"]) == ("too_large", "run.extxyz")
    assert "0.3 MB" in error["message"]
    assert error["advice"]
    assert body.taken < 10 * settings.upload_max_bytes + 5_000_000, "beyond a few times the limit nothing is read"
    assert not [path for path in settings.state_dir.rglob("*") if path.is_file() and path.stat().st_size > 1_000_000]
