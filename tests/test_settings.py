"""Settings: where files lie, and how a wrong one ends each program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softdash import installation
from softdash.errors import SettingError
from softdash.settings import Settings, get_settings, settings_for_tables

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", ["'abc'", "whole number from 1 to 65535"]),
        ("PORT", "0", ["'0'", "1 to 65535"]),
        ("REPORT_DAYS", "1.5", ["'1.5'", "whole number of at least 1"]),
        ("FORCE_MAX", "-1", ["'-1'", "number above 0"]),
        ("FORCE_MAX", "", ["''", "number above 0"]),
        ("DOWNLOAD_WEIGHTS", "perhaps", ["'perhaps'", "true or false"]),
        ("CACHE_TYPE", "Foo", ["'Foo'", "FileSystemCache, RedisCache, NullCache"]),
        ("PROT", "8050", ["SOFTDASH_PORT"]),
        ("NOTHING_LIKE_IT", "1", ["unset it"]),
    ],
)
def test_a_wrong_one_is_named(name: str, value: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SOFTDASH_{name}", value)
    with pytest.raises(SettingError) as caught:
        Settings()
    assert str(caught.value).startswith(f"SOFTDASH_{name}: ")
    assert [word for word in words if word not in str(caught.value)] == []


def test_variables_of_commands_and_tests_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTDASH_URL", "https://softdash.example.org")
    monkeypatch.setenv("SOFTDASH_TEST_BROWSER", "/usr/bin/chromium")
    Settings()


COMMANDS = [
    ["-m", "softdash", "serve"],
    ["-m", "softdash", "worker"],
    ["-m", "softdash", "potentials", "list"],
    ["-m", "softdash", "report", "show", "NAME", "--url", "http://127.0.0.1:1"],
    ["-m", "softdash.jobs.worker", "classical"],
    ["-m", "gunicorn", "--config", "python:softdash.cli.gunicorn_config", "softdash.web:create_server()"],
    ["-m", "gunicorn", "app:server"],
    ["app.py"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_wrong_one_ends_every_program_with_one_sentence(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "SOFTDASH_WEB_THREADS": "many"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "SOFTDASH_WEB_THREADS" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "nonsense"), ("DATABASE_URL", "nosuch://user:secret@host/db"), ("STATE_DIR", "/proc/absent")],
)
def test_a_database_that_cannot_be_opened_is_said_before_anything_starts(name: str, value: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "softdash", "serve", "--no-worker"],
        env={**os.environ, "SOFTDASH_PORT": "18973", "SOFTDASH_STATE_DIR": str(tmp_path), f"SOFTDASH_{name}": value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f"SOFTDASH_{name}" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_checkout_keeps_its_files_wherever_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOFTDASH_STATE_DIR", raising=False)
    settings = Settings()
    assert settings.state_dir == ROOT / "var"
    assert settings.precomputed_dir == ROOT / "precomputed"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in an installed wheel: a package folder without a checkout around it, and a home of one's own."""
    package = tmp_path / "site-packages" / "softdash"
    (package / "precomputed").mkdir(parents=True)
    (package / "precomputed" / "table.csv").write_text("a\n1\n")
    monkeypatch.setattr(installation, "_PACKAGE", package)
    monkeypatch.setattr(installation, "_CHECKOUT", package.parent)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("STATE_DIR", "PRECOMPUTED_DIR"):
        monkeypatch.delenv(f"SOFTDASH_{name}", raising=False)
    get_settings.cache_clear()
    yield package
    get_settings.cache_clear()


def test_a_wheel_writes_into_the_users_data_folder(wheel: Path, tmp_path: Path) -> None:
    assert Settings().state_dir == tmp_path / "data" / "softdash"
    assert Settings().precomputed_dir == wheel / "precomputed"
    written = settings_for_tables().precomputed_dir
    assert written.is_relative_to(tmp_path / "data")
    (written / "table.csv").write_text("a\n2\n")
    assert Settings().precomputed_dir == settings_for_tables().precomputed_dir == written
    assert (written / "table.csv").read_text() == "a\n2\n"
    assert (wheel / "precomputed" / "table.csv").read_text() == "a\n1\n"
    assert sorted(path.name for path in (tmp_path / "data" / "softdash").iterdir()) == [written.name]


def test_a_folder_of_tables_that_was_chosen_is_written_into(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTDASH_PRECOMPUTED_DIR", str(tmp_path / "mine"))
    assert settings_for_tables().precomputed_dir == tmp_path / "mine"
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("wheel")
def test_a_wheel_adds_libraries_by_pip() -> None:
    assert installation.install_command("mace-torch", "mace") == "pip install 'softdash[mace]'"
    assert installation.install_command("orb-models", None) == "pip install 'orb-models'"


def test_a_checkout_adds_libraries_by_make() -> None:
    assert installation.install_command("mace-torch", "mace") == "make run EXTRAS=mace"
