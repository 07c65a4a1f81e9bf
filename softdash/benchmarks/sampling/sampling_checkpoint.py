"""What an interrupted sampling of high-energy states goes on from: positions, momenta, random numbers, frames."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from pydantic import BaseModel, Field, ValidationError

from softdash.errors import InputError

Vectors = list[list[float]]


class SamplingCheckpoint(BaseModel):
    """The whole state of a sampling between two steps.

    Attributes
    ----------
    rests_on : str
        SHA-256 of structure, settings and potential.
    step : int
        Steps done.
    positions, momenta : list of vectors
        Å; ASE's units of momentum.
    generator : dict
        State of the random numbers.
    temperatures : list of float
        K, every few steps of the sampled part.
    frames : list of list of vectors
        Positions of the frames so far, Å, without strain.
    frame_temperatures : list of float
        K, at each frame.
    """

    rests_on: str
    step: int = 0
    positions: Vectors = Field(default_factory=list)
    momenta: Vectors = Field(default_factory=list)
    generator: dict[str, Any] = Field(default_factory=dict)
    temperatures: list[float] = Field(default_factory=list)
    frames: list[Vectors] = Field(default_factory=list)
    frame_temperatures: list[float] = Field(default_factory=list)

    @classmethod
    def read(cls, file: Path) -> SamplingCheckpoint | None:
        """Return what a file holds, or None where there is none.

        Raises
        ------
        InputError
            If the file is something else.
        """
        if not file.is_file():
            return None
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise InputError(
                "This is not the checkpoint of a sampling.", where=str(file), advice="Move the file away."
            ) from error

    def write(self, file: Path) -> None:
        """Replace the file; readers see the old one or the new one, never half of it."""
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".part-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(self.model_dump_json())
        Path(temporary).replace(file)

    def advance(
        self,
        atoms: Atoms,
        generator: np.random.Generator,
        *,
        steps: int,
        temperature: float,
        is_sampling: bool,
        is_frame: bool,
    ) -> None:
        """Take over the state after further steps; while sampling the temperature too, and a frame where one is due."""
        self.step += steps
        self.positions = atoms.get_positions().tolist()
        self.momenta = atoms.get_momenta().tolist()
        self.generator = dict(generator.bit_generator.state)
        if is_sampling:
            self.temperatures.append(temperature)
        if is_frame:
            self.frames.append(self.positions)
            self.frame_temperatures.append(temperature)
