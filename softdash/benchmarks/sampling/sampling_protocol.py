"""The sampling protocol of the softening paper as settings, and what they mean in steps of molecular dynamics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

_TIMESTEP, _TIMESTEP_WITH_HYDROGEN = 2.0, 0.5


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """The protocol; its defaults are the paper's.

    Attributes
    ----------
    temperature : float
        K.
    time_ps : float
        Of the part that frames are taken from, evenly spaced, the last one at its end.
    equilibration_ps : float
        Before it, at the same temperature.
    frame_count : int
    strain : float
        Relative change of all three lattice vectors of the strained frames.
    timestep_fs : float or None
        None: 2 fs, and 0.5 fs where there is hydrogen.
    seed : int
        Of the velocities and the thermostat: equal input gives equal frames.
    """

    temperature: float = 1000.0
    time_ps: float = 20.0
    equilibration_ps: float = 2.0
    frame_count: int = 10
    strain: float = 0.03
    timestep_fs: float | None = None
    seed: int = 0

    @property
    def strains(self) -> tuple[float, ...]:
        """Strain of each frame: two in five frames are strained, the last ones, half of them stretched first."""
        half = round(self.frame_count / 5)
        return (0.0,) * (self.frame_count - 2 * half) + (self.strain,) * half + (-self.strain,) * half

    def for_structure(self, structure: Atoms) -> SamplingSettings:
        """Return the settings with the time step that suits the lightest element."""
        return self.with_timestep(has_hydrogen=1 in structure.numbers)

    def with_timestep(self, *, has_hydrogen: bool) -> SamplingSettings:
        """Return the settings with a time step: the chosen one, or what hydrogen needs and others allow."""
        step = self.timestep_fs or (_TIMESTEP_WITH_HYDROGEN if has_hydrogen else _TIMESTEP)
        return replace(self, timestep_fs=step)


@dataclass(frozen=True, slots=True)
class SamplingSchedule:
    """The settings in steps.

    Attributes
    ----------
    timestep : float
        fs.
    equilibration_steps : int
    frame_steps : tuple of int
        After which a frame is taken, counted from the beginning of the equilibration.
    """

    timestep: float
    equilibration_steps: int
    frame_steps: tuple[int, ...]

    @classmethod
    def of(cls, settings: SamplingSettings) -> SamplingSchedule:
        """Return the steps of settings that have their time step."""
        timestep = settings.timestep_fs or _TIMESTEP
        equilibration = round(1000 * settings.equilibration_ps / timestep)
        sampling = max(settings.frame_count, round(1000 * settings.time_ps / timestep))
        ends = np.linspace(0, sampling, settings.frame_count + 1)[1:]
        return cls(timestep, equilibration, tuple(equilibration + round(float(end)) for end in ends))

    @property
    def step_count(self) -> int:
        """All steps."""
        return self.frame_steps[-1]

    def steps_until_next_stop(self, step: int, most: int) -> int:
        """Return the steps to the next stop, `most` at most, never over the end of the equilibration or a frame."""
        stops = [stop for stop in (self.equilibration_steps, *self.frame_steps) if stop > step]
        return min(most, stops[0] - step)

    def picoseconds(self, step: int) -> float:
        """Return the simulated time after a step."""
        return round(step * self.timestep / 1000, 6)
