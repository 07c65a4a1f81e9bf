"""What ``softdash potentials list``, ``data list`` and ``settings`` print."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from rich.table import Table

from softdash.cli.options import echo_json
from softdash.errors import ReferenceDataError
from softdash.reports.terminal.consoles import plain_table, wide_console
from softdash.settings import Settings, variable

if TYPE_CHECKING:
    from softdash.potentials.interface import PotentialCard

_LARGE = 10_000
_CARD_FIELDS = (
    *("name", "label", "family", "queue", "version", "package", "functional", "training_set", "licence", "citation"),
    *("is_universal", "forces", "parameter_count", "released"),
)


def print_potentials(*, as_json: bool = False) -> None:
    """Print all potentials, how to get those that are not here, those whose cards wait, and what was skipped."""
    from softdash.potentials.registry import cards, how_to_install, package_version, plugin_problems, ready_cards

    if as_json:
        echo_json(
            {
                "potentials": [_card_as_json(card) for card in cards()],
                "ready_when_installed": [_card_as_json(card) for card in ready_cards()],
                "skipped_plugins": [asdict(problem) for problem in plugin_problems()],
            }
        )
        return
    table = _table("name", "label", "functional", "elements", "package", "here")
    missing = [card for card in cards() if not card.is_installed()]
    for card in cards():
        package = f"{card.package} {package_version(card)}"
        here = "no" if card in missing else "yes"
        table.add_row(card.name, card.label, card.functional, str(len(card.elements)), package, here)
    console = wide_console()
    console.print(table)
    for card in missing:
        console.print(f"{card.name}: {how_to_install(card)}", soft_wrap=True)
    if ready_cards():
        console.print("\nReady when installed:")
    for card in ready_cards():
        console.print(f"{card.name} ({card.label}): {how_to_install(card)}", soft_wrap=True)
    for problem in plugin_problems():
        console.print(f"plug-in {problem.plugin} ({problem.target}) was skipped: {problem.reason}", style="red")


def _card_as_json(card: PotentialCard) -> dict[str, Any]:
    from softdash.potentials.registry import how_to_install, package_version

    is_installed = card.is_installed()
    return {
        **{name: getattr(card, name) for name in _CARD_FIELDS},
        "elements": sorted(card.elements),
        "notes": list(card.notes),
        "package_version": package_version(card),
        "is_installed": is_installed,
        "how_to_install": None if is_installed else how_to_install(card),
    }


def print_potentials_of_server(url: str, *, as_json: bool) -> None:
    """Print the potentials of a server, and whether each can be run now. Raises ServerUnavailableError."""
    from softdash.api.client import Server

    potentials = Server(url).potentials()
    if as_json:
        echo_json({"potentials": [potential.model_dump(mode="json") for potential in potentials]})
        return
    table = _table("name", "label", "functional", "elements", "state")
    for one in potentials:
        state = one.state if one.problem is None else f"{one.state}: {one.problem}"
        table.add_row(one.name, one.label, one.functional, str(len(one.elements)), state)
    wide_console().print(table)


def print_datasets(settings: Settings, *, as_json: bool = False) -> None:
    """Print the reference sets: size, level of theory, licence, and whether each is here.

    Materials and frames are those of the precomputed tables; a dash (in JSON: null) where nothing was computed.
    """
    from softdash.benchmarks.data.datasets import DATASETS
    from softdash.benchmarks.data.reference_data import where_it_is

    counts = _computed_counts(settings)
    if as_json:
        echo_json(
            [
                {
                    "name": dataset.name,
                    "label": dataset.label,
                    "materials": counts.get(dataset.name, (None, None))[0],
                    "frames": counts.get(dataset.name, (None, None))[1],
                    "level_of_theory": dataset.level_of_theory,
                    "licence": dataset.licence,
                    "place": where_it_is(dataset, settings),
                    "can_be_fetched": bool(dataset.original),
                }
                for dataset in DATASETS
            ]
        )
        return
    table = _table("name", "label", "materials", "frames", "level of theory", "licence", "here")
    for dataset in DATASETS:
        materials, frames = counts.get(dataset.name, ("–", "–"))
        here = where_it_is(dataset, settings) or (
            f"no: softdash data fetch {dataset.name}" if dataset.original else "no: set SOFTDASH_DATA_DIR"
        )
        table.add_row(
            dataset.name, dataset.label, str(materials), str(frames), dataset.level_of_theory, dataset.licence, here
        )
    wide_console().print(table)


def _table(first: str, *columns: str) -> Table:
    table = plain_table()
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _computed_counts(settings: Settings) -> dict[str, tuple[int, int]]:
    from softdash.catalog import Catalog

    try:
        rows = Catalog(settings.precomputed_dir).materials()
    except ReferenceDataError:  # a damaged table must not hide the list
        return {}
    per_material = rows.drop_duplicates(["dataset", "material_id"])
    return {str(name): (len(group), int(group["frame_count"].sum())) for name, group in per_material.groupby("dataset")}


def print_settings(*, as_json: bool = False) -> None:
    """Print each setting with its present value; in JSON under the name of its variable."""
    settings = Settings()
    if as_json:
        values = settings.model_dump(mode="json")
        echo_json({variable(name): value for name, value in values.items()})
        return
    table = _table("variable", "value", "default?")
    for name in Settings.model_fields:
        changed = "" if name not in settings.model_fields_set else "changed"
        table.add_row(variable(name), str(getattr(settings, name)), changed)
    wide_console().print(table)


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


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    if default is PydanticUndefined:  # made by a function: most are folders inside the package
        told = field.json_schema_extra
        return str(told["default_is"]) if isinstance(told, dict) else "shipped with softdash"
    if default is None:
        return "–"
    # Underscores make large numbers readable, and the variables may be written with them too.
    return f"`{default:_}`" if isinstance(default, int) and default >= _LARGE else f"`{default}`"


def _escaped(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")
