"""What ``softdash potentials list``, ``data list`` and ``settings`` print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from rich.console import Console
from rich.table import Column, Table

from softdash.errors import ReferenceDataError
from softdash.settings import Settings

_LARGE = 10_000


def print_potentials() -> None:
    """Print all potentials, how to get those that are not here, and the plug-ins that were skipped."""
    from softdash.potentials.registry import cards, how_to_install, package_version, plugin_problems

    table = Table(Column("name", no_wrap=True), "label", "functional", "elements", "package", "here")
    missing = [card for card in cards() if not card.is_installed()]
    for card in cards():
        package = f"{card.package} {package_version(card)}"
        here = "no" if card in missing else "yes"
        table.add_row(card.name, card.label, card.functional, str(len(card.elements)), package, here)
    console = Console()
    console.print(table)
    for card in missing:
        console.print(f"{card.name}: {how_to_install(card)}", soft_wrap=True, highlight=False, markup=False)
    for problem in plugin_problems():
        console.print(f"plug-in {problem.plugin} ({problem.target}) was skipped: {problem.reason}", style="red")


def print_datasets(settings: Settings) -> None:
    """Print the reference sets: size, level of theory, licence, and whether each is here.

    Materials and frames are those of the precomputed tables; a dash where nothing was computed.
    """
    from softdash.benchmarks.datasets import DATASETS
    from softdash.benchmarks.reference_data import where_it_is

    counts = _computed_counts(settings)
    table = Table(Column("name", no_wrap=True), "label", "materials", "frames", "level of theory", "licence", "here")
    for dataset in DATASETS:
        materials, frames = counts.get(dataset.name, ("–", "–"))
        here = where_it_is(dataset, settings) or (
            f"no: softdash data fetch {dataset.name}" if dataset.original else "no: set SOFTDASH_DATA_DIR"
        )
        table.add_row(dataset.name, dataset.label, materials, frames, dataset.level_of_theory, dataset.licence, here)
    Console().print(table)


def _computed_counts(settings: Settings) -> dict[str, tuple[str, str]]:
    from softdash.catalog import Catalog

    try:
        rows = Catalog(settings.precomputed_dir).materials()
    except ReferenceDataError:  # a damaged table must not hide the list
        return {}
    per_material = rows.drop_duplicates(["dataset", "material_id"])
    return {
        str(name): (str(len(group)), str(group["frame_count"].sum())) for name, group in per_material.groupby("dataset")
    }


def print_settings() -> None:
    """Print each setting with its present value."""
    settings = Settings()
    table = Table(Column("variable", no_wrap=True), "value", "default?")
    for name in Settings.model_fields:
        changed = "" if name not in settings.model_fields_set else "changed"
        table.add_row(variable(name), str(getattr(settings, name)), changed)
    Console().print(table)


def settings_markdown() -> str:
    """Return the documentation of all settings; ``docs/settings.md`` is made from it."""
    lines = [
        "# Settings",
        "",
        "<!-- Written by `softdash settings --markdown` (`make docs`); change softdash/settings.py instead. -->",
        "",
        "Each is an environment variable. `softdash settings` prints the present values.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{variable(name)}` | {_default(field)} | {_escaped(field)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(lines) + "\n"


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{Settings.model_config['env_prefix']}{name}".upper()


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    if default is PydanticUndefined:  # made by a function: a folder inside the package
        return "shipped with softdash"
    if default is None:
        return "–"
    if isinstance(default, Path):
        return f"`{default.as_posix()}`"
    # Underscores make large numbers readable, and the variables may be written with them too.
    return f"`{default:_}`" if isinstance(default, int) and default >= _LARGE else f"`{default}`"


def _escaped(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")
