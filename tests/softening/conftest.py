from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass
class SyntheticMaterial:
    """Frames of a potential with a known slope: y = slope·x + noise."""

    reference: list[NDArray[np.float64]]
    predicted: list[NDArray[np.float64]]
    numbers: list[NDArray[np.int_]]

    @property
    def x(self) -> NDArray[np.float64]:
        return np.concatenate([forces.ravel() for forces in self.reference])

    @property
    def y(self) -> NDArray[np.float64]:
        return np.concatenate([forces.ravel() for forces in self.predicted])

    @property
    def frame(self) -> NDArray[np.int_]:
        return np.repeat(np.arange(len(self.reference)), [forces.size for forces in self.reference])


def synthetic_material(
    *, frames: int = 10, atoms: int = 20, slope: float = 0.85, noise: float = 0.1, seed: int = 0
) -> SyntheticMaterial:
    generator = np.random.default_rng(seed)
    reference, predicted = [], []
    for _ in range(frames):
        forces = generator.normal(0, 1, (atoms, 3))
        forces -= forces.mean(axis=0)
        reference.append(forces)
        predicted.append(slope * forces + generator.normal(0, noise, forces.shape))
    numbers = [np.resize([11, 17], atoms) for _ in range(frames)]
    return SyntheticMaterial(reference, predicted, numbers)


@pytest.fixture
def material() -> SyntheticMaterial:
    return synthetic_material()


@pytest.fixture(scope="session")
def make_material():
    return synthetic_material
