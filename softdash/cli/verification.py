"""Does a report hold? Its seal is computed again, and with the files at hand all its numbers.

The seal (`softdash.diagnosis.reports.result_sha256`) shows that nobody changed the report. The numbers show that the
named potential says so about these files: equal to all digits on a machine of the same kind with the same versions,
equal within a tolerance elsewhere, because graph networks add up float32 numbers in an order that is the machine's.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from softdash.diagnosis.direct import diagnose_files
from softdash.diagnosis.provenance import sha256_of_file
from softdash.diagnosis.reports import SETTINGS_IN_REPORT, result_sha256
from softdash.errors import InputError, NotFoundError, SoftdashError
from softdash.jobs.examples import example, example_text
from softdash.jobs.file_store import FileStore
from softdash.potentials.interface import Progress
from softdash.potentials.weights_files import hash_in_words
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.version import __version__

TOLERANCE = 1e-3
"""Relative difference up to which a number counts as the same."""

SMALLEST_DIFFERENCE = 1e-5
"""Absolute difference that is always allowed, in the unit of the number: forces of float32 networks in eV/Å."""

# What rests on the forces. Verdict, advice and place in the population also rest on the version of softdash and of its
# tables, and follow from these numbers.
_RECOMPUTED = ("statistics", "energies", "stresses", "refused")
_OF_A_MATERIAL = ("name", "frames")
_UNDERSTOOD = ("formulas", "elements", "frames", "atom_count", "component_count", "reference_max", "reference_rms")
_IN_WORDS = {"message", "refusal", "reason"}
_FIRST_WITH_MATERIALS = 5
"""Form of report that first told materials apart."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where report and recomputation differ: ``"chgnet-0.3.0 statistics.slope"``, and both values."""

    place: str
    reported: Any
    recomputed: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Attributes
    ----------
    seal_holds : bool
        Whether the report's hash is that of its content.
    recomputed : tuple of str
        Potentials whose numbers were computed again; empty where the files were not at hand.
    is_identical : bool
        Whether the recomputed results have the very same hash.
    differences : tuple of Difference
        Numbers that differ by more than the tolerance, and counts and names that differ at all.
    not_recomputed : tuple of str
        Sentences: what could not be computed again, and why.
    remarks : tuple of str
        Sentences: versions and weights that are others here.
    tolerance : float
        Relative; see also `SMALLEST_DIFFERENCE`.
    """

    seal_holds: bool
    recomputed: tuple[str, ...]
    is_identical: bool
    differences: tuple[Difference, ...]
    not_recomputed: tuple[str, ...]
    remarks: tuple[str, ...]
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the report."""
        return self.seal_holds and not self.differences


def verify_report(
    text: str,
    files: Sequence[Path],
    settings: Settings,
    *,
    where: str,
    tolerance: float = TOLERANCE,
    progress: Callable[[str], Progress] | None = None,
) -> Verification:
    """Compute a report again and compare.

    Parameters
    ----------
    text : str
        Its JSON.
    files : sequence of Path
        The files it was made from, under any names. Without any, only the seal is looked at, unless this machine's
        state folder keeps the files, or they are a shipped example.
    settings : Settings
        The report's own limits and batch sizes take their place.
    where : str
        Name of the report for messages.
    tolerance : float
        Relative difference up to which a number counts as the same.
    progress : callable, optional
        As for `softdash.diagnosis.direct.diagnose_files`.

    Raises
    ------
    InputError
        If `text` is no report, or `files` are not those of the report.
    """
    report = _parsed(text, where)
    seal_holds = result_sha256(report) == report["result_sha256"]
    with tempfile.TemporaryDirectory() as folder:
        paths = _files_of_report(report, files, settings, Path(folder))
        names = [str(result["potential"]["name"]) for result in report["results"] if result["statistics"] is not None]
        if paths is None or not names:
            why = "The files of the report were not given: its numbers were not computed again."
            missing = (why,) if names else ("No potential gave numbers.",)
            return Verification(seal_holds, (), False, (), missing, (), tolerance)
        return _recompute(report, paths, names, seal_holds, settings, tolerance, progress)


def _parsed(text: str, where: str) -> dict[str, Any]:
    """Return a report as plain dicts: a report of another version keeps its seal."""
    try:
        report = json.loads(text)
        result_sha256(report)
        for result in report["results"]:
            _ = result["potential"]["name"], result["statistics"], result["potential"]["weights_sha256"]
        _ = report["result_sha256"], report["softdash_version"], report["settings"], report["understanding"]
        _ = [(file["sha256"], file["name"]) for file in report["files"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            "This is not the JSON of a report.",
            where=where,
            advice="Save the .json of a report's link, or the output of softdash diagnose --json.",
        ) from None
    return dict(report)


def _files_of_report(
    report: Mapping[str, Any], files: Sequence[Path], settings: Settings, folder: Path
) -> list[Path] | None:
    """Return the report's files in its order; None where they are not at hand."""
    if not files:
        found = _stored_files(report, settings)
        if found is not None or report.get("example") is None:
            return found
        try:
            text = example_text(example(report["example"]), settings)
        except NotFoundError:
            return None
        path = folder / "example"
        path.write_text(text, encoding="utf-8")
        files = [path]
    given = {sha256_of_file(path): path for path in files}
    wanted = {str(file["sha256"]): str(file["name"]) for file in report["files"]}
    strange = [path.name for sha256, path in given.items() if sha256 not in wanted]
    missing = [name for sha256, name in wanted.items() if sha256 not in given]
    if strange or missing:
        what = [f"{', '.join(strange)}: not among the files of the report by content."] if strange else []
        what += [f"Missing: {', '.join(missing)}."] if missing else []
        raise InputError(" ".join(what), advice="Give the very files that were diagnosed, unchanged.")
    return [given[str(file["sha256"])] for file in report["files"]]


def _stored_files(report: Mapping[str, Any], settings: Settings) -> list[Path] | None:
    """Return the files as a server of this machine's state folder keeps them; None if it does not have them all."""
    if not settings.files_dir.is_dir():
        return None
    store = FileStore(settings.files_dir)
    try:
        return [store.path(str(file["sha256"])) for file in report["files"]]
    except NotFoundError:
        return None


def _recompute(
    report: Mapping[str, Any],
    paths: Sequence[Path],
    names: Sequence[str],
    seal_holds: bool,
    settings: Settings,
    tolerance: float,
    progress: Callable[[str], Progress] | None,
) -> Verification:
    own, options = _as_it_was_made(report, settings)
    shown = [str(file["name"]) for file in report["files"]]
    found: dict[str, Mapping[str, Any]] = {}
    not_recomputed: list[str] = []
    understood: Mapping[str, Any] = report["understanding"]
    # One by one: a potential that is not installed here must not keep the others from being looked at.
    for name in names:
        try:
            fresh = diagnose_files(paths, [name], own, names=shown, options=options, progress=progress).report
        except SoftdashError as error:
            not_recomputed.append(str(error))
            continue
        plain = fresh.model_dump(mode="json")
        understood, found[name] = plain["understanding"], plain["results"][0]
    reported = {str(result["potential"]["name"]): result for result in report["results"]}
    differences = list(_differences("", _only(report["understanding"], _UNDERSTOOD), understood, tolerance))
    remarks = [f"The report is of softdash {report['softdash_version']}, this is {__version__}."] * (
        report["softdash_version"] != __version__
    )
    for name, result in found.items():
        remarks += _remarks(name, reported[name]["potential"], result["potential"])
        differences += _differences(f"{name} ", _numbers_of(reported[name]), result, tolerance)
    is_identical = len(found) == len(reported) and all(
        _without_time(found[name]) == _without_time(reported[name]) for name in found
    )
    return Verification(
        seal_holds, tuple(found), is_identical, tuple(differences), tuple(not_recomputed), tuple(remarks), tolerance
    )


def _as_it_was_made(report: Mapping[str, Any], settings: Settings) -> tuple[Settings, ReadOptions]:
    """Return the settings and the choices that the report names."""
    kept = {name: report["settings"][name] for name in SETTINGS_IN_REPORT if name in report["settings"]}
    try:
        own = Settings(**{**settings.model_dump(), **kept})
        options = report["understanding"].get("options", {})
        if report["schema_version"] < _FIRST_WITH_MATERIALS:
            options = {**options, "materials": "together"}
        return own, ReadOptions(**options)
    except (ValidationError, TypeError):
        raise InputError(
            "The settings in this report are not those of a report.", advice="Fetch it again from its link."
        ) from None


def _only(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: record[name] for name in names if record.get(name) is not None}


def _numbers_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a result is computed again, per material where it has several."""
    found = _only(result, _RECOMPUTED)
    if materials := result.get("materials"):
        found["materials"] = [_only(part, (*_OF_A_MATERIAL, *_RECOMPUTED)) for part in materials]
    return found


def _without_time(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "seconds"}


def _remarks(name: str, reported: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    remarks = []
    if reported["weights_sha256"] != here["weights_sha256"]:
        remarks.append(f"{name}: the weights here are others ({hash_in_words(str(here['weights_sha256']), 12)}).")
    elif not reported["weights_sha256"]:
        remarks.append(f"{name}: softdash does not know its weights, so whether they are the same cannot be said.")
    if reported["package_version"] != here["package_version"]:
        remarks.append(
            f"{name}: the report is of {reported['package']} {reported['package_version']}, "
            f"here is {here['package_version']}."
        )
    return remarks


def _differences(place: str, reported: Any, recomputed: Any, tolerance: float) -> Iterator[Difference]:
    """Yield where two JSON values differ; keys that the report lacks are not compared, nor sentences."""
    if isinstance(reported, Mapping) and isinstance(recomputed, Mapping):
        for key, value in reported.items():
            if key not in _IN_WORDS:
                inner = f"{place}{key}" if not place or place.endswith(" ") else f"{place}.{key}"
                yield from _differences(inner, value, recomputed.get(key), tolerance)
    elif isinstance(reported, list) and isinstance(recomputed, list) and len(reported) == len(recomputed):
        for position, (value, other) in enumerate(zip(reported, recomputed, strict=True)):
            yield from _differences(f"{place}[{position}]", value, other, tolerance)
    elif isinstance(reported, float) and isinstance(recomputed, float | int):
        if not math.isclose(reported, recomputed, rel_tol=tolerance, abs_tol=SMALLEST_DIFFERENCE):
            yield Difference(place, reported, recomputed)
    elif reported != recomputed:
        yield Difference(place, reported, recomputed)
