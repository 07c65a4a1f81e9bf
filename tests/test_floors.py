"""The floors of docs/architecture.md: imports go downwards only, and the web never imports torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "softdash"

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "installation": set(),
    "settings": {"errors", "installation"},
    "softening": {"errors", "settings"},
    "structures": {"errors", "settings", "softening"},
    "potentials": {"errors", "settings", "softening", "installation"},
    "catalog": {"errors", "settings", "softening"},
    "benchmarks": {"errors", "settings", "softening", "installation", "structures", "potentials", "catalog"},
    "diagnosis": {"errors", "settings", "softening", "structures", "potentials", "catalog", "benchmarks"},
}
ALLOWED["jobs"] = ALLOWED["reports"] = ALLOWED["diagnosis"] | {"diagnosis"}
ALLOWED["api"] = ALLOWED["jobs"] | {"jobs", "reports"}
ALLOWED["web"] = ALLOWED["api"] | {"api"}
ALLOWED["notebook"] = ALLOWED["web"] | {"web"}
ALLOWED["cli"] = ALLOWED["web"] | {"web"}


def _floor(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def _imported_floors(path: Path) -> set[str]:
    package_parts = ("softdash", *path.relative_to(PACKAGE).parent.parts)
    floors = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = ".".join(package_parts[: len(package_parts) - node.level + 1])
                module = f"{base}.{node.module}" if node.module else base
            else:
                module = node.module or ""
            modules = [f"{module}.{alias.name}" for alias in node.names] if module == "softdash" else [module]
        for name in modules:
            parts = name.split(".")
            if parts[0] == "softdash" and len(parts) > 1 and parts[1] != "__version__":
                floors.add(parts[1])
    return floors


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_downwards_only(path: Path) -> None:
    floor = _floor(path)
    if floor in {"__init__", "__main__"}:
        return
    upwards = _imported_floors(path) - ALLOWED[floor] - {floor, "version"}
    assert not upwards, f"{path.relative_to(ROOT)} is on floor '{floor}' and imports {sorted(upwards)}"


@pytest.mark.parametrize("module", ["softdash.web", "softdash.api", "softdash.catalog"])
def test_web_does_not_import_torch(module: str) -> None:
    heavy = "torch chgnet matgl mace sevenn e3nn phonopy pymatgen".split()
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_whole_web_application_stays_light(tmp_path: Path) -> None:
    """Each of these costs the web process, which has 200 MB, between 10 MB and several hundred."""
    heavy = (
        "torch chgnet matgl mace sevenn e3nn matscipy phonopy pymatgen scipy matplotlib spglib sympy "
        "pyarrow.dataset pyarrow.parquet "
        "ase.build ase.io ase.calculators.calculator plotly.express kaleido nbformat IPython"
    ).split()
    code = f"""
import sys
from softdash.settings import Settings
from softdash.web import create_app
client = create_app(Settings(state_dir={str(tmp_path)!r})).server.test_client()
assert client.get("/api/v1/health").status_code == 200
assert client.get("/api/v1/potentials").status_code == 200
print([m for m in {heavy!r} if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def _imports(module: str, path: Path, modules: dict[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in modules else str(node.module))
    return (found & modules.keys()) - {module}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Also not inside functions, nor for types only."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in PACKAGE.rglob("*.py")
    }
    graph = {module: _imports(module, path, modules) for module, path in modules.items()}
    while leaves := [module for module, imported in graph.items() if not imported & graph.keys()]:
        for module in leaves:
            del graph[module]
    # What is left either lies on a circle or imports one: keep what is imported by others that are left, too.
    while tops := [module for module in graph if not any(module in imported for imported in graph.values())]:
        for module in tops:
            del graph[module]
    assert sorted(graph) == []
