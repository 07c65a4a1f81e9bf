"""What graph networks behind softdash share: batches in, checked predictions out, refusals that name the frame.

A library's adapter derives from `GraphNetwork` and adds two steps: the graph of one frame, and the network's answer to
a batch of graphs.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import PredictionError
from softdash.potentials.batches import batches_by_atoms, failed_batch, frame_name
from softdash.potentials.elements import refuse_unknown_elements
from softdash.potentials.interface import Prediction, Progress
from softdash.potentials.periodic_box import in_periodic_box, stress_volume_ratio

EACH_FRAME_ALONE = 1
"""`batch_atoms` of networks that take little longer so, and whose float32 sums in another order move some forces of
sparse structures by 5e-5 eV/Å."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One frame as its library wants it, and the first atom of each of its bonds, shape (bonds,)."""

    data: Any
    bond_starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """Of a batch: energies (frames,) in eV, forces (atoms, 3) in eV/Å, stresses (frames, 3, 3) in eV/Å³ or None.

    The sign of the stress is ASE's: a compressed crystal has a negative one.
    """

    energies: NDArray[np.float64]
    forces: NDArray[np.float64]
    stresses: NDArray[np.float64] | None


class GraphNetwork(ABC):
    """A loaded potential whose atoms see others within a cutoff, computing in batches on the processor.

    Parameters
    ----------
    label : str
        For messages.
    elements : frozenset of str
        What the network has an embedding for.
    cutoff : float
        Largest distance of a bond of the graph, in Å.
    batch_atoms : int
        Atoms in one batch at most; a larger frame gets a batch of its own.
    """

    def __init__(self, label: str, elements: frozenset[str], cutoff: float, *, batch_atoms: int) -> None:
        self._label = label
        self._elements = elements
        self._cutoff = cutoff
        self._batch_atoms = batch_atoms

    @abstractmethod
    def _build_graph(self, atoms: Atoms) -> Graph:
        """Return the graph of a frame as `in_periodic_box` makes it."""

    @abstractmethod
    def _compute(self, graphs: Sequence[Any], *, stress: bool) -> BatchAnswer:
        """Return the network's answer to graphs (`Graph.data`) computed together."""

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames, in their order; see `softdash.potentials.interface.Potential`."""
        refuse_unknown_elements(self._label, self._elements, frames)
        predictions: list[Prediction] = []
        for batch in batches_by_atoms(frames, self._batch_atoms):
            predictions += self._predict_batch(frames, batch, stress=stress)
            if progress is not None:
                progress(len(predictions), len(frames))
        return predictions

    def _predict_batch(self, frames: Sequence[Atoms], batch: range, *, stress: bool) -> list[Prediction]:
        boxed = [in_periodic_box(frames[position], frame_name(position)) for position in batch]
        graphs = [self._checked_graph(atoms, position) for atoms, position in zip(boxed, batch, strict=True)]
        try:
            answer = self._compute(graphs, stress=stress)
        except (RuntimeError, MemoryError) as error:
            raise failed_batch(self._label, error, frames, batch) from error
        ends = np.cumsum([len(frames[position]) for position in batch])
        parts = np.split(answer.forces, ends[:-1])
        return [
            self._prediction(parts[place], answer, place, stress_volume_ratio(frames[position], boxed[place]), position)
            for place, position in enumerate(batch)
        ]

    def _prediction(
        self, forces: NDArray[np.float64], answer: BatchAnswer, place: int, ratio: float | None, position: int
    ) -> Prediction:
        energy = float(answer.energies[place])
        if not (np.isfinite(forces).all() and np.isfinite(energy)):
            raise PredictionError(
                f"{self._label} returned a number that is not finite.",
                where=frame_name(position),
                advice="Check for atoms that are very close to each other.",
            )
        stress = None if answer.stresses is None or ratio is None else answer.stresses[place] * ratio
        return Prediction(forces, energy, stress)

    def _checked_graph(self, boxed: Atoms, position: int) -> Any:
        graph = self._build_graph(boxed)
        isolated = np.flatnonzero(np.bincount(graph.bond_starts, minlength=len(boxed)) == 0)
        if len(isolated):
            # The force on such an atom is zero by construction, which would count as infinitely soft.
            named = ", ".join(f"{boxed.symbols[index]} (atom {index + 1})" for index in isolated[:5])
            raise PredictionError(
                f"{named}: no other atom within {self._cutoff:g} Å, so that {self._label} sees no force on it.",
                where=frame_name(position),
                advice="Check the cell and the unit of the positions, or leave this frame out.",
            )
        return graph.data


def float64(tensor: Any) -> NDArray[np.float64]:
    """Return the numbers of a torch tensor, which is usually float32, apart from its graph of derivatives."""
    numbers: NDArray[np.float64] = tensor.detach().numpy().astype(np.float64)
    return numbers


@contextlib.contextmanager
def without_recompiling() -> Iterator[None]:
    """Run TorchScript, which e3nn's networks are made of, as it is.

    By default it is compiled anew after the first runs, which takes seconds, again for a graph of another form, and
    makes it no faster on a processor.
    """
    import torch

    with torch.jit.optimized_execution(False):  # type: ignore[attr-defined]
        yield


def let_e3nn_read_its_constants() -> None:
    """Allow e3nn 0.4 its file of constants, which holds slices; to be called before e3nn is imported.

    torch 2.6 and newer read files with tensors alone, unless told otherwise. This allows one more harmless type; the
    other way, switching that protection off for the whole process, would open every other file too.
    """
    import torch

    torch.serialization.add_safe_globals([slice])
