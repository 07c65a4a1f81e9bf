"""`diagnose`: files or structures in memory to a `Diagnosis`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from ase import Atoms
from numpy.typing import ArrayLike

from softdash.diagnosis.direct import diagnose_files, diagnose_frames
from softdash.errors import InputError
from softdash.notebook.diagnosis import Diagnosis
from softdash.notebook.labelled_atoms import labelled_frames
from softdash.potentials.calculator_factory import is_calculator
from softdash.potentials.given_calculator import card_of_calculator
from softdash.potentials.interface import PotentialCard, Progress
from softdash.reports.extxyz import frames_extxyz
from softdash.reports.served_frames import read_served_frames
from softdash.settings import Settings, get_settings
from softdash.structures.frames.materials import MaterialGrouping
from softdash.structures.frames.read_options import ReadOptions

IN_MEMORY = "structures in Python"
"""What a report calls structures that came from no file."""


def diagnose(
    material: Any,
    potential: Any,
    *,
    forces: ArrayLike | Sequence[ArrayLike] | None = None,
    functional: str | None = None,
    title: str | None = None,
    options: ReadOptions | None = None,
    materials: MaterialGrouping | None = None,
    settings: Settings | None = None,
    url: str | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> Diagnosis:
    """Measure how much too soft a potential is for a material, from structures with DFT forces.

    Parameters
    ----------
    material : str or Path, ase.Atoms, pymatgen Structure or Molecule, or a sequence of one of these
        Files are read as `softdash diagnose` reads them. Structures bring their forces (eV/Å) as
        ``atoms.arrays["forces"]``, in a calculator that has computed them, or as the site property ``forces``.
    potential : str, ASE calculator, function that makes one, or a sequence of these
        Names are those of `softdash potentials list`. A calculator is known in the report by its class and package;
        softdash does not know its weights, and a server never runs it.
    forces : array_like, shape (N, 3), or a sequence of such, optional
        Reference forces of structures that do not carry them, eV/Å.
    functional : str, optional
        What made the forces of structures in memory (``"PBE"``): another one than the potential learnt is warned of.
    title : str, optional
    options : ReadOptions, optional
        For files: unit of the forces, and what may be re-ordered or thinned.
    materials : str, optional
        Which frames are one material, each with a slope of its own: ``"formula"``, ``"elements"`` or ``"together"``;
        default: that of `options`, else ``"auto"``: by formula, or by elements where most formulas have fewer than
        three frames. See `Diagnosis.materials`.
    settings : Settings, optional
        Default: those of the environment.
    url : str, optional
        Address of a softdash server that computes, such as ``"https://softdash.example.org"``. The server
        keeps the report: see `Diagnosis.link` and `Diagnosis.delete_token`. An interruption cancels it there.
    progress : callable, optional
        Given the label of each potential as it starts, returns a callable that takes (frames done, frames in all).

    Returns
    -------
    Diagnosis
        Shows itself in a notebook. A potential that failed on these frames has its error in its part.

    Raises
    ------
    InputError
        If the material cannot be used.
    PotentialUnavailableError
        If a potential is unknown or not installed, or a calculator cannot be made.
    ServerUnavailableError
        If the server at `url` does not answer.

    Examples
    --------
    >>> import softdash
    >>> softdash.diagnose("vasprun.xml", "chgnet-0.3.0").slope  # doctest: +SKIP
    0.874
    """
    settings = settings or get_settings()
    names = _potentials(potential)
    chosen = _options(options, materials)
    if url is not None:
        _refuse_calculators(names)
    if url is None and "torch" not in sys.modules:
        # As a worker has it: the number of threads decides the last digits of float32 sums.
        os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    several = _as_list(material)
    paths = [Path(item) for item in several if isinstance(item, str | os.PathLike)]
    if paths and len(paths) < len(several):
        raise InputError("Files and structures are mixed.", advice="Diagnose the files, or the structures.")
    if paths:
        if forces is not None or functional is not None:
            raise InputError("Files bring their own forces and functional.", advice="Leave out forces and functional.")
        _must_exist(paths)
        if url is not None:
            return _by_server(url, paths, [*map(str, names)], chosen, title, progress)
        return Diagnosis(*diagnose_files(paths, names, settings, options=chosen, title=title, progress=progress))
    own = [forces] if forces is not None and not _is_sequence(material) else forces
    read = labelled_frames(several, forces=own, functional=functional)  # type: ignore[arg-type]
    frames = replace(read, grouping=chosen.materials)
    if url is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{IN_MEMORY}.extxyz"
            file.write_text("".join(frames_extxyz(frames)), encoding="utf-8")
            return _by_server(url, [file], [*map(str, names)], ReadOptions(materials=chosen.materials), title, progress)
    return Diagnosis(*diagnose_frames(frames, names, settings, name=IN_MEMORY, title=title, progress=progress))


def _potentials(given: Any) -> list[str | PotentialCard]:
    is_one = isinstance(given, str) or is_calculator(given) or callable(given)
    found: list[str | PotentialCard] = []
    for one in [given] if is_one or not isinstance(given, Iterable) else given:
        taken = [known.name for known in found if not isinstance(known, str)]
        found.append(one if isinstance(one, str) else card_of_calculator(one, taken))
    return found


def _refuse_calculators(potentials: Sequence[str | PotentialCard]) -> None:
    for one in potentials:
        if not isinstance(one, str):
            raise InputError(
                "A server never runs a calculator of yours.",
                where=one.label,
                advice="Leave out url, or name a potential that the server has.",
            )


def _options(options: ReadOptions | None, materials: MaterialGrouping | None) -> ReadOptions:
    chosen = options or ReadOptions()
    if materials is None:
        return chosen
    if materials not in get_args(MaterialGrouping):
        raise InputError(
            f"Materials cannot be told apart by {materials!r}.",
            advice=f"Choose one of {', '.join(get_args(MaterialGrouping))}.",
        )
    return chosen.model_copy(update={"materials": materials})


def _by_server(
    url: str,
    files: Sequence[Path],
    potentials: Sequence[str],
    options: ReadOptions,
    title: str | None,
    progress: Callable[[str], Progress] | None,
) -> Diagnosis:
    from softdash.api.client import Server, read_report

    def follower(label: str) -> Callable[[int, int | None], None]:
        follow = progress(label) if progress is not None else None

        def show(done: int, total: int | None) -> None:
            if follow is not None and total is not None:
                follow(done, total)

        return show

    server = Server(url)
    upload = server.upload(files, [file.name for file in files], options, sent=lambda _done, _total: None)
    created = server.create(upload.id, potentials, title)
    server.wait(created.diagnosis, progress=follower, said=lambda _text: None)
    report = read_report(server.report_text(created.diagnosis.id), created.links.json_report)
    text = server.report_file(report.id, "extxyz").decode()
    link, token = created.links.page, created.delete_token
    return Diagnosis(*read_served_frames(report, text), link=link, delete_token=token)


def _as_list(material: Any) -> list[Any]:
    return list(material) if _is_sequence(material) else [material]


def _is_sequence(material: Any) -> bool:
    # A structure can be iterated over, too: over its atoms.
    is_one = isinstance(material, str | os.PathLike | Atoms) or hasattr(material, "cart_coords")
    return not is_one and isinstance(material, Iterable)


def _must_exist(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.is_file():
            raise InputError("There is no such file.", where=str(path), advice="Check the path.")
