"""A diagnosis in this process, without server, queue and database: for the command line and for scripts."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse, failed_result
from softdash.diagnosis.answer import Limits
from softdash.diagnosis.provenance import sha256_of_file, utc_now
from softdash.diagnosis.records import UploadedFile, UploadRecord
from softdash.diagnosis.reports import (
    Diagnosed,
    Outcome,
    build_report,
    collect_points,
    points_as_bytes,
    stack_predictions,
)
from softdash.diagnosis.suitability import choose_cards, notices_about, tidy_title
from softdash.errors import SoftdashError
from softdash.potentials.interface import PotentialCard, Progress
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames, save_frames
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.checks import check_frames
from softdash.structures.upload.sandbox import read_upload_in_sandbox
from softdash.structures.upload.summary import summarise

LOCAL = "local"
"""Identifier of reports that no server keeps."""


def diagnose_files(
    files: Sequence[Path],
    potentials: Sequence[str | PotentialCard],
    settings: Settings,
    *,
    names: Sequence[str] | None = None,
    options: ReadOptions | None = None,
    title: str | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> Diagnosed:
    """Read files in the sandbox, compute forces, and build the report that a server would build.

    Parameters
    ----------
    files : sequence of Path
    potentials : sequence of str or PotentialCard
        Names, and cards of calculators that no name stands for (`softdash.potentials.given_calculator`).
    settings : Settings
    names : sequence of str, optional
        Names by which the report knows the files, where they are called otherwise on this disk.
    options : ReadOptions, optional
        Unit of the forces, and what may be re-ordered or thinned.
    title : str, optional
    progress : callable, optional
        Given the label of each potential as it starts, returns the callable that follows it.

    Returns
    -------
    Diagnosed
        Its report has the same `result_sha256` as a server's; a potential that failed has its error in its part.

    Raises
    ------
    InputError
        If the files cannot be used.
    PredictionError
        If a potential can compute none of the frames, for it does not know their elements.
    PotentialUnavailableError
        If a potential is unknown or not installed.
    """
    chosen = choose_cards(potentials)
    created_at = utc_now()
    shown = list(names) if names is not None else [path.name for path in files]
    with tempfile.TemporaryDirectory() as folder:
        frames_file = Path(folder) / "frames.npz"
        summary = read_upload_in_sandbox(list(files), settings, names=shown, frames_file=frames_file, options=options)
        frames, frames_sha256 = load_frames(frames_file), sha256_of_file(frames_file)
    upload = UploadRecord(
        id=LOCAL,
        created_at=created_at,
        files=tuple(
            UploadedFile(name=name, sha256=sha256_of_file(path), byte_count=path.stat().st_size)
            for name, path in zip(shown, files, strict=True)
        ),
        frames_sha256=frames_sha256,
        understanding=summary,
    )
    return _diagnose(frames, upload, chosen, settings, title, progress)


def diagnose_frames(
    frames: LabelledFrames,
    potentials: Sequence[str | PotentialCard],
    settings: Settings,
    *,
    name: str,
    title: str | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> Diagnosed:
    """Diagnose frames that are in memory: for programs that have no file.

    They pass the same checks and limits as an upload. In the report, one entry stands for the files: `name`, with the
    hash of the frames in the form of `softdash.structures.frames.frame_store`.

    Parameters
    ----------
    frames : LabelledFrames
    potentials, settings, title, progress
        As for `diagnose_files`.
    name : str
        What the report calls the frames.

    Raises
    ------
    InputError
        If the frames cannot be used, or pass a limit.
    PredictionError
        If a potential can compute none of the frames, for it does not know their elements.
    PotentialUnavailableError
        If a potential is unknown or not installed.
    """
    chosen = choose_cards(potentials)
    created_at = utc_now()
    budget = FrameBudget(settings)
    for frame in frames.frames:
        budget.take(len(frame.atoms), frame.origin)
    checked = check_frames(frames, settings)
    with tempfile.TemporaryDirectory() as folder:
        frames_file = Path(folder) / "frames.npz"
        save_frames(frames_file, checked)
        frames_sha256, byte_count = sha256_of_file(frames_file), frames_file.stat().st_size
    upload = UploadRecord(
        id=LOCAL,
        created_at=created_at,
        files=(UploadedFile(name=name, sha256=frames_sha256, byte_count=byte_count),),
        frames_sha256=frames_sha256,
        understanding=summarise(checked, ReadOptions(materials=checked.grouping)),
    )
    return _diagnose(checked, upload, chosen, settings, title, progress)


def _diagnose(
    frames: LabelledFrames,
    upload: UploadRecord,
    chosen: Sequence[PotentialCard],
    settings: Settings,
    title: str | None,
    progress: Callable[[str], Progress] | None,
) -> Diagnosed:
    for one in chosen:  # refused before anything is computed, as a server does
        notices_about(one, upload.understanding.elements_by_frame, upload.understanding.functional)
    catalog = Catalog(settings.precomputed_dir)
    outcomes = [_outcome(frames, one, catalog, settings, progress and progress(one.label)) for one in chosen]
    points = collect_points(frames, outcomes)
    report = build_report(
        identifier=LOCAL,
        title=tidy_title(title, upload.understanding.materials.name, chosen),
        created_at=upload.created_at,
        finished_at=utc_now(),
        upload=upload,
        outcomes=outcomes,
        points_sha256=hashlib.sha256(points_as_bytes(points)).hexdigest(),
        settings=settings,
    )
    return Diagnosed(report, points, frames)


def _outcome(
    frames: LabelledFrames, one: PotentialCard, catalog: Catalog, settings: Settings, progress: Progress | None
) -> Outcome:
    try:
        analysis = analyse(
            frames,
            one,
            catalog,
            ranked_items=settings.ranked_items,
            label_noise=settings.label_noise,
            limits=Limits.of(settings),
            progress=progress,
        )
    except SoftdashError as error:
        return Outcome(failed_result(one, error.as_json()["error"]), None)
    return Outcome(analysis.result, stack_predictions(frames, analysis.predictions))
