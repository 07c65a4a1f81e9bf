"""``softdash benchmark sample-states``: files, progress and a log of the sampling."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from softdash.cli.progress_bars import bars_are_wanted
from softdash.errors import InputError
from softdash.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

    from softdash.benchmarks.sampling.sample_states import SampledStates, SamplingProgress, SamplingSettings


@dataclass(frozen=True, slots=True)
class SamplingFiles:
    """Where the frames go, and what stands beside them."""

    frames: Path

    @classmethod
    def beside(cls, structure: Path, output: Path | None) -> SamplingFiles:
        """Return the files of `output`; default: the structure's name in the present folder."""
        return cls(output or Path(f"{structure.name.split('.')[0]}-states.extxyz"))

    @property
    def log(self) -> Path:
        """The short log."""
        return self.frames.with_suffix(".log")

    @property
    def checkpoint(self) -> Path:
        """What an interrupted sampling goes on from; deleted at the end."""
        return self.frames.with_suffix(".checkpoint.json")


def run_sample_states(
    given: tuple[Path, Path | None, Path | None],
    potential: str,
    sampling: SamplingSettings,
    settings: Settings,
    *,
    supercell: tuple[int, int, int],
    as_json: bool = False,
) -> list[Path] | None:
    """Sample the states and return the files written; None when Ctrl-C ended it early.

    `given` names the structure, where the frames go, and the zip archive of inputs, if one is wanted.

    Raises
    ------
    InputError
        If the structure cannot be used, or the output exists already.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.sampling.structure_file import read_structure
    from softdash.potentials.registry import card

    structure_file, output, inputs = given
    files = SamplingFiles.beside(structure_file, output)
    chosen = card(potential)
    structure, structure_count = read_structure(structure_file)
    if structure_count > 1:
        click.echo(f"Sampled is the last of {structure_count} structures in {structure_file.name}.", err=True)
    material_id = structure.info.get("material_id", structure_file.name.split(".")[0])
    structure = structure.repeat(supercell)
    structure.info["material_id"] = material_id
    if files.frames.exists() and not files.checkpoint.exists():
        raise InputError(
            "This file exists already.", where=str(files.frames), advice="Choose another with --output, or delete it."
        )
    unknown = sorted(set(structure.get_chemical_symbols()) - chosen.elements)
    if unknown:
        click.echo(f"{chosen.label} was not trained on {', '.join(unknown)}: look at the frames.", err=True)
    try:
        sampled = _sample(structure, potential, chosen.label, sampling, files, as_json=as_json)
    except KeyboardInterrupt:
        _say_what_is_kept(files)
        return None
    _write_frames(files.frames, sampled.frames)
    log = _log_text(structure_file, chosen.label, structure, sampled)
    files.log.write_text(log, encoding="utf-8")
    if inputs is not None:
        from softdash.benchmarks.sampling.calculation_inputs import write_inputs_zip

        write_inputs_zip(inputs, sampled.frames, chosen.functional, log)
    files.checkpoint.unlink(missing_ok=True)
    return [files.frames, files.log, *([] if inputs is None else [inputs])]


def _sample(
    structure: Atoms, potential: str, label: str, sampling: SamplingSettings, files: SamplingFiles, *, as_json: bool
) -> SampledStates:
    from softdash.benchmarks.sampling.sample_states import sample_states
    from softdash.potentials.registry import load_potential

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[now]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not bars_are_wanted(as_json=as_json)) as bars:
        bar = bars.add_task(f"{label}, {sampling.temperature:g} K", total=None, now="")
        written = 0

        def show(state: SamplingProgress) -> None:
            nonlocal written
            part = "equilibration, " if state.is_equilibrating else ""
            now = f"{part}{state.time_ps:.2f} ps, {state.temperature:.0f} K, {len(state.frames)} frames"
            bars.update(bar, completed=state.step, total=state.step_count, now=now)
            if len(state.frames) > written:
                written = len(state.frames)
                _write_frames(files.frames, state.frames)

        return sample_states(
            structure, load_potential(potential), sampling, label=label, report=show, checkpoint=files.checkpoint
        )


def _write_frames(file: Path, frames: Sequence[Atoms]) -> None:
    from ase.io import write

    part = file.with_name(file.name + ".part")
    write(part, list(frames), format="extxyz")
    part.replace(file)


def _say_what_is_kept(files: SamplingFiles) -> None:
    kept = f"the frames so far are in {files.frames}" if files.frames.exists() else "there is no frame yet"
    goes_on = "; the same command goes on where it stopped" if files.checkpoint.exists() else ""
    click.echo(f"\nInterrupted: {kept}{goes_on}.", err=True)


def _log_text(structure_file: Path, label: str, structure: Atoms, sampled: SampledStates) -> str:
    used = sampled.settings
    expected = used.temperature * (2 / (3 * len(structure) - 3)) ** 0.5
    lines = [
        f"High-energy states of {structure_file.name} ({structure.get_chemical_formula()}, {len(structure)} atoms)",
        f"Potential: {label}. The frames hold positions and cells only: compute their DFT forces, then run",
        "softdash diagnose on the result.",
        f"NVT (Langevin) at {used.temperature:g} K in the cell as given, steps of {used.timestep_fs:g} fs;",
        f"{used.equilibration_ps:g} ps equilibration, then {used.time_ps:g} ps; seed {used.seed}.",
        f"Mean temperature of the sampled part: {sampled.mean_temperature:.0f} K.",
        f"Its standard deviation: {sampled.temperature_spread:.0f} K ({expected:.0f} K expected for so many atoms).",
        "",
        "frame  time (ps)  temperature (K)  strain (%)",
    ]
    lines += [
        f"{frame.info['frame']:5d}  {frame.info['time_ps']:9.2f}  {frame.info['temperature_K']:15.0f}  "
        f"{100 * frame.info['strain']:+10.1f}"
        for frame in sampled.frames
    ]
    return "\n".join(lines) + "\n"
