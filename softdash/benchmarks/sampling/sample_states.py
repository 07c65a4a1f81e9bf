"""High-energy states of one structure, ready for DFT: the sampling protocol of the softening paper.

Deng et al., npj Comput. Mater. 11, 9 (2025), Methods: molecular dynamics by a potential at 1000 K and constant volume
for 20 ps; 10 frames of it; +3 % and -3 % strain along all three lattice vectors on 4 of them. The frames carry no
energies and forces: those of the potential must never be taken for DFT's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.constraints import FixCom
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary

from softdash.benchmarks.sampling.sampling_checkpoint import SamplingCheckpoint
from softdash.benchmarks.sampling.sampling_protocol import SamplingSchedule, SamplingSettings
from softdash.errors import InputError, PredictionError
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.interface import Potential

__all__ = ["SampledStates", "SamplingProgress", "SamplingSettings", "sample_states", "strained"]

_STEPS_AT_ONCE = 10
"""Steps between two reports, two measurements of the temperature, and two checkpoints."""
_FRICTION = 0.01
"""Of the Langevin thermostat, 1/fs: velocities forget themselves in 100 fs, so a small stiff cell is heated too."""
_BLOWN_UP = 20.0
"""Temperatures this many times the wanted one mean that atoms fell into each other."""
_FEWEST_ATOMS = 2


@dataclass(frozen=True, slots=True)
class SamplingProgress:
    """How far a sampling is.

    Attributes
    ----------
    step, step_count : int
        Steps done, of all, equilibration included.
    time_ps : float
        Simulated time, equilibration included.
    temperature : float
        K, at this moment.
    is_equilibrating : bool
    frames : tuple of ase.Atoms
        Frames so far, as `SampledStates.frames` will have them.
    """

    step: int
    step_count: int
    time_ps: float
    temperature: float
    is_equilibrating: bool
    frames: tuple[Atoms, ...]


@dataclass(frozen=True, slots=True)
class SampledStates:
    """The result.

    Attributes
    ----------
    frames : tuple of ase.Atoms
        Without calculators; ``info`` says frame, strain, time, temperature, source and settings.
    mean_temperature, temperature_spread : float
        K; mean and standard deviation over the sampled part. The instantaneous temperature of N atoms spreads by
        T·sqrt(2/(3N - 3)) in a canonical ensemble.
    settings : SamplingSettings
        With the time step that was used.
    """

    frames: tuple[Atoms, ...]
    mean_temperature: float
    temperature_spread: float
    settings: SamplingSettings


Report = Callable[[SamplingProgress], None]
"""Called every few steps; may raise to cancel. What was computed stays in the checkpoint."""


def sample_states(
    structure: Atoms,
    potential: Potential,
    settings: SamplingSettings | None = None,
    *,
    label: str,
    report: Report | None = None,
    checkpoint: Path | None = None,
) -> SampledStates:
    """Sample high-energy states of a crystal by molecular dynamics.

    Parameters
    ----------
    structure : ase.Atoms
        Periodic in three directions; sampled in the cell as it is, which stays unchanged.
    potential : Potential
        What drives the dynamics.
    settings : SamplingSettings, optional
        Default: the paper's.
    label : str
        Name of the potential, written into the frames.
    report : callable, optional
    checkpoint : pathlib.Path, optional
        Where to keep the state every few steps, and to go on from when it is there. It stays until the caller
        deletes it. A resumed run gives the very frames of an uninterrupted one.

    Raises
    ------
    InputError
        If the structure has no cell, fewer than two atoms, or the checkpoint is of another sampling.
    PredictionError
        If the potential fails, or atoms fall into each other.
    """
    _check(structure)
    chosen = (settings or SamplingSettings()).for_structure(structure)
    plan = SamplingSchedule.of(chosen)
    state = _resumed(checkpoint, structure, chosen, label)
    generator = np.random.default_rng(chosen.seed)
    moving = _moving_atoms(structure, potential)
    if state.step:
        moving.set_positions(np.array(state.positions), apply_constraint=False)
        moving.set_momenta(np.array(state.momenta), apply_constraint=False)
        generator.bit_generator.state = state.generator
    else:
        MaxwellBoltzmannDistribution(moving, temperature_K=chosen.temperature, rng=generator)
        Stationary(moving)
    dynamics = Langevin(
        moving,
        timestep=plan.timestep * units.fs,
        temperature_K=chosen.temperature,
        friction=_FRICTION / units.fs,
        fixcm=False,
        rng=generator,
    )
    while state.step < plan.step_count:
        steps = plan.steps_until_next_stop(state.step, _STEPS_AT_ONCE)
        dynamics.run(steps)
        step = state.step + steps
        temperature = _checked_temperature(moving, chosen, plan, step)
        state.advance(
            moving,
            generator,
            steps=steps,
            temperature=temperature,
            is_sampling=step > plan.equilibration_steps,
            is_frame=step in plan.frame_steps,
        )
        if checkpoint is not None:
            state.write(checkpoint)
        if report is not None:
            report(
                SamplingProgress(
                    step=step,
                    step_count=plan.step_count,
                    time_ps=plan.picoseconds(step),
                    temperature=temperature,
                    is_equilibrating=step < plan.equilibration_steps,
                    frames=_frames(structure, state, chosen, plan, label),
                )
            )
    return SampledStates(
        frames=_frames(structure, state, chosen, plan, label),
        mean_temperature=float(np.mean(state.temperatures)),
        temperature_spread=float(np.std(state.temperatures)),
        settings=chosen,
    )


def strained(atoms: Atoms, strain: float) -> Atoms:
    """Return a copy with all three lattice vectors longer by a factor 1 + strain, fractional coordinates kept."""
    copy: Atoms = atoms.copy()
    copy.set_cell(atoms.cell.array * (1 + strain), scale_atoms=True)
    return copy


def _check(structure: Atoms) -> None:
    if not all(structure.pbc) or abs(structure.get_volume() if structure.cell.rank == 3 else 0) < 1e-6:
        raise InputError(
            "The structure has no cell that is periodic in three directions.",
            advice="Give a crystal: CIF, POSCAR, or extended XYZ with a Lattice.",
        )
    if len(structure) < _FEWEST_ATOMS:
        raise InputError(
            "One atom in a cell feels no force, wherever it moves.",
            advice="Give a supercell, for example with --supercell 2 2 2.",
        )


def _moving_atoms(structure: Atoms, potential: Potential) -> Atoms:
    moving = Atoms(
        numbers=structure.numbers, positions=structure.positions, cell=structure.cell.array, pbc=structure.pbc
    )
    moving.set_constraint(FixCom())
    moving.calc = PotentialCalculator(potential, with_stress=False)
    return moving


def _resumed(checkpoint: Path | None, structure: Atoms, settings: SamplingSettings, label: str) -> SamplingCheckpoint:
    """Return what a checkpoint holds, or a new beginning."""
    digest = hashlib.sha256(repr((sorted(asdict(settings).items()), label)).encode())
    for array in (structure.numbers, structure.positions, structure.cell.array):
        digest.update(np.ascontiguousarray(array).tobytes())
    rests_on = digest.hexdigest()
    found = SamplingCheckpoint.read(checkpoint) if checkpoint is not None else None
    if found is None:
        return SamplingCheckpoint(rests_on=rests_on)
    if found.rests_on != rests_on:
        raise InputError(
            "An interrupted sampling of another structure, potential or setting is kept here.",
            where=str(checkpoint),
            advice="Choose another output, or delete this file to begin anew.",
        )
    return found


def _checked_temperature(moving: Atoms, settings: SamplingSettings, plan: SamplingSchedule, step: int) -> float:
    temperature = float(moving.get_temperature())
    if not temperature < _BLOWN_UP * settings.temperature:  # NaN is not
        raise PredictionError(
            f"The simulation blew up after {plan.picoseconds(step):g} ps (temperature {temperature:.3g} K).",
            advice="Try a shorter time step, or relax the structure first: atoms may start too close to each other.",
        )
    return temperature


def _frames(
    structure: Atoms, state: SamplingCheckpoint, settings: SamplingSettings, plan: SamplingSchedule, label: str
) -> tuple[Atoms, ...]:
    return tuple(
        _frame(structure, place, state.frames[place], state.frame_temperatures[place], settings, plan, label)
        for place in range(len(state.frames))
    )


def _frame(
    structure: Atoms,
    place: int,
    positions: Sequence[Sequence[float]],
    temperature: float,
    settings: SamplingSettings,
    plan: SamplingSchedule,
    label: str,
) -> Atoms:
    bare = Atoms(numbers=structure.numbers, positions=positions, cell=structure.cell.array, pbc=True)
    frame = strained(bare, settings.strains[place])
    formula = str(structure.get_chemical_formula(empirical=True, mode="metal"))
    frame.info = {
        "material_id": str(structure.info.get("material_id", formula)),
        "formula": formula,
        "frame": place + 1,
        "strain": settings.strains[place],
        "time_ps": plan.picoseconds(plan.frame_steps[place]),
        "temperature_K": round(temperature, 1),
        "source": f"softdash sample-states, {label}",
        "md": (
            f"{label} NVT Langevin {settings.temperature:g} K, {plan.timestep:g} fs, friction {_FRICTION:g}/fs, "
            f"{settings.equilibration_ps:g} ps equilibration, {settings.time_ps:g} ps sampling, seed {settings.seed}"
        ),
    }
    return frame
