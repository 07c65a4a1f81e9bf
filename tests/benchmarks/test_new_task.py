"""A benchmark of two files of its own is in the command line, the catalog, the API, the menu and the documentation.

By either door: a folder among softdash's own, or a package with an entry point. No other file is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from softdash import benchmarks
from softdash.benchmarks.registry import tasks
from softdash.catalog.schemas import CSV_TABLES, MATERIALS, PUBLISHED, add_tables
from softdash.catalog.tables import Table
from softdash.web.pages import pages

OWN_FILES = Path(__file__).parent / "new_task"
PACKAGE = Path(benchmarks.__file__).parents[1]

# What a new folder in softdash/ does, without writing into it.
FOLDERS = """
import softdash.benchmarks, softdash.web.pages
softdash.benchmarks.__path__.append({0!r} + "/benchmarks")
softdash.web.pages.__path__.append({0!r} + "/pages")
"""
EVERYWHERE = """
import json
from softdash.settings import get_settings
from softdash.web import create_app
from softdash.web.shell import layout
from softdash.benchmarks.registry import tasks
from softdash.benchmarks.task_table import task_table
server = create_app().server
client = server.test_client()
menu = [part.href for part in layout("i.svg").children[2]._traverse() if type(part).__name__ == "Link"]
import dash
with server.app_context():
    page = next(one["layout"]() for one in dash.page_registry.values() if one["path"] == "/cohesion")
print(json.dumps({
    "menu": menu,
    "page": page.children,
    "status": client.get("/cohesion").status_code,
    "listed": [table["name"] for table in client.get("/api/v1/catalog").get_json()],
    "rows": client.get("/api/v1/catalog/cohesion-energies?potential=emt").get_json(),
    "documented": task_table(tasks()),
}))
"""
COMMAND = "import sys; from softdash.cli import main; sys.exit(main())"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def with_entry_point(folder: Path, target: str) -> None:
    described = folder / "softdash_cohesion-0.1.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: softdash-cohesion\nVersion: 0.1\n")
    (described / "entry_points.txt").write_text(f"[softdash.benchmarks]\ncohesion = {target}\n")


@pytest.fixture(scope="module", params=["a folder among softdash's", "a plug-in"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a function that runs Python where the new task is."""
    folder = tmp_path_factory.mktemp("new")
    is_plugin, before = request.param == "a plug-in", ""
    homes = {name: folder / name / "cohesion" for name in ("benchmarks", "pages")}
    if is_plugin:
        homes = dict.fromkeys(homes, folder / "softdash_cohesion")
        with_entry_point(folder, "softdash_cohesion.task:TASKS")
    else:
        before = FOLDERS.format(str(folder))
    for home, file in (("benchmarks", "task.py"), ("pages", "page.py")):
        homes[home].mkdir(parents=True, exist_ok=True)
        (homes[home] / "__init__.py").touch()
        text = (OWN_FILES / file).read_text(encoding="utf-8")
        if not is_plugin:
            text = text.replace("softdash_cohesion.page", "softdash.web.pages.cohesion.page")
        (homes[home] / file).write_text(text, encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "SOFTDASH_PRECOMPUTED_DIR": str(folder / "out"),
        "SOFTDASH_STATE_DIR": str(folder / "state"),
    }

    def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", before + code, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    yield run_python
    shutil.rmtree(folder)


def test_two_files_of_its_own_are_all_that_it_has() -> None:
    assert sorted(file.name for file in OWN_FILES.glob("*.py")) == ["page.py", "task.py"]


def test_a_new_task_is_everywhere(run: Run) -> None:
    assert "Energies of metals." in run(COMMAND, "benchmark", "--help").stdout
    options = run(COMMAND, "benchmark", "cohesion", "--help").stdout
    assert "--metal" in options
    assert "--potential NAME" in options
    done = run(COMMAND, "benchmark", "cohesion", "--potential", "emt", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["written"][0].endswith("cohesion/energies.csv")
    in_all = run(COMMAND, "benchmark", "all", "--potential", "emt", "--task", "cohesion", "--shipped-only", "--json")
    assert [one["task"] for one in json.loads(in_all.stdout)["tasks"]] == ["cohesion"]

    shown = run(EVERYWHERE)
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout.splitlines()[-1])
    assert "/cohesion" in found["menu"]
    assert found["menu"].index("/correction") < found["menu"].index("/cohesion")
    assert found["status"] == 200
    assert found["page"].startswith("Al ")
    assert found["listed"] == ["cohesion-energies"]
    assert [row["metal"] for row in found["rows"]] == ["Al", "Cu"]
    assert "| `cohesion` |" in found["documented"]


def test_a_broken_plug_in_is_left_out_and_said(tmp_path: Path) -> None:
    with_entry_point(tmp_path, "softdash_unheard_of:TASKS")
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "SOFTDASH_PRECOMPUTED_DIR": str(tmp_path / "out")}
    words = ["benchmark", "all", "--potential", "emt", "--task", "phonons", "--shipped-only"]
    command = [sys.executable, "-m", "softdash", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "left out: the plug-in cohesion (softdash_unheard_of:TASKS)" in done.stderr


def test_every_folder_with_a_task_or_a_page_is_found() -> None:
    declared = {file.parent.name for file in PACKAGE.glob("benchmarks/*/task.py")}
    for folder in declared:
        assert all(one in tasks() for one in import_module(f"softdash.benchmarks.{folder}.task").TASKS)
    assert declared == {"correction", "energies", "high_energy", "phonons"}
    names = {page.__name__ for page in pages()}
    assert {f"softdash.web.pages.{file.parent.name}.page" for file in PACKAGE.glob("web/pages/*/page.py")} <= names
    assert {one.page for one in tasks()} <= names


def test_a_task_comes_after_the_one_it_needs() -> None:
    order = [one.name for one in tasks()]
    for one in tasks():
        assert not one.needs or order.index(one.needs) < order.index(one.name)
    assert order[:2] == ["high-energy", "linear-correction"]


def test_a_path_is_one_table_s() -> None:
    with pytest.raises(ValueError, match="another table's"):
        add_tables([Table("cohesion/new.csv", PUBLISHED), Table(MATERIALS, PUBLISHED)])
    assert "cohesion/new.csv" not in CSV_TABLES
