"""A MACE network behind softdash's interface, and how its files are opened.

Batatia et al., NeurIPS 35 (2022), arXiv:2206.07697.

A file of weights is a pickle: opening it runs what it says. So whoever calls `load_model` answers for the file, and
importing mace must not open the others: see `import_mace`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols, covalent_radii

from softdash.errors import PotentialUnavailableError
from softdash.potentials.graph_networks import (
    EACH_FRAME_ALONE,
    BatchAnswer,
    Graph,
    GraphNetwork,
    float64,
    let_e3nn_read_its_constants,
    without_recompiling,
)
from softdash.potentials.interface import Potential
from softdash.potentials.memory import keep_some_freed_memory
from softdash.settings import get_settings

_ALLOWS_ANY_PICKLE = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"

# Of the check at load time: a step in Å, and how far −ΔE/Δx may be from the force, in eV/Å and relative to it. The
# energy is a float32, good to about this fraction of it.
_STEP = 0.01
_FORCE_TOLERANCE = 0.02
_ENERGY_ROUNDING = 2.4e-7


class MacePotential(GraphNetwork):
    """One loaded MACE, in float32 as mace offers it for dynamics.

    Parameters
    ----------
    label : str
        For messages.
    network : torch.nn.Module
        Any MACE with energies and forces and a single head, or one called default; changed in place: evaluation mode,
        parameters frozen.

    Raises
    ------
    PotentialUnavailableError
        If the network is something else.
    """

    def __init__(self, label: str, network: Any) -> None:
        import mace.tools

        if not all(hasattr(network, name) for name in ("r_max", "atomic_numbers", "interactions", "parameters")):
            raise PotentialUnavailableError(
                f"The file of {label} holds a {type(network).__name__}, which is no MACE potential.",
                advice="Give the .model file that mace_run_train wrote.",
            )
        self._network = network.float().eval().requires_grad_(False)
        self._heads = list(getattr(network, "heads", ["Default"]))
        self._head = _chosen_head(self._heads, label)
        numbers = [int(number) for number in network.atomic_numbers]
        self._numbers = mace.tools.AtomicNumberTable(numbers)
        elements = frozenset(chemical_symbols[number] for number in numbers)
        super().__init__(label, elements, float(network.r_max), batch_atoms=EACH_FRAME_ALONE)

    def _build_graph(self, atoms: Atoms) -> Graph:
        from mace.data import AtomicData, Configuration

        # Not from the atoms' info: what a visitor's file calls "head" or "charge" is no word for the network.
        bare = Configuration(
            atomic_numbers=atoms.numbers,
            positions=atoms.positions,
            properties={},
            property_weights={},
            cell=atoms.cell.array,
            pbc=(True, True, True),
            head=self._head,
        )
        with _single_precision():
            graph = AtomicData.from_config(bare, z_table=self._numbers, cutoff=self._cutoff, heads=self._heads)
        return Graph(graph, graph.edge_index[0].numpy())

    def _compute(self, graphs: Sequence[Any], *, stress: bool) -> BatchAnswer:
        from mace.tools.torch_geometric.batch import Batch

        with _single_precision(), without_recompiling():
            answer = self._network(Batch.from_data_list(list(graphs)).to_dict(), compute_stress=stress)
        return BatchAnswer(
            float64(answer["energy"]).reshape(-1),
            float64(answer["forces"]),
            float64(answer["stress"]).reshape(-1, 3, 3) if stress else None,
        )


def load_model(weights: bytes, label: str) -> MacePotential:
    """Build a potential from the bytes of a file of weights, and check that its forces follow its energy.

    Parameters
    ----------
    weights : bytes
        A pickle: only of a file that the operator trusts.
    label : str
        For messages.

    Raises
    ------
    PotentialUnavailableError
        If mace cannot read them, or what they give is no potential.
    """
    import_mace()
    import torch

    torch.set_num_threads(get_settings().torch_threads)
    keep_some_freed_memory()
    try:
        network = torch.load(io.BytesIO(weights), map_location="cpu", weights_only=False)
    except MemoryError:
        raise  # no fault of the file
    except Exception as error:  # unpickling raises whatever the classes in the file raise
        raise PotentialUnavailableError(
            f"mace could not read the weights of {label} ({type(error).__name__}: {error}).",
            advice="The file is damaged, or was written under another version of e3nn than 0.4.4.",
        ) from error
    potential = MacePotential(label, network)
    check_forces_follow_energy(potential, [int(number) for number in network.atomic_numbers], label)
    return potential


def check_forces_follow_energy(potential: Potential, numbers: Sequence[int], label: str) -> None:
    """Check on a rattled crystal of the network's own elements that a force is the slope of the energy.

    Parameters
    ----------
    potential : Potential
    numbers : sequence of int
        Atomic numbers that it knows.
    label : str
        For messages.

    Raises
    ------
    PotentialUnavailableError
        If they differ, with both numbers.
    """
    crystal = _rattled_crystal(numbers)
    (middle,) = potential.predict([crystal])
    atom = int(np.argmax(np.linalg.norm(middle.forces, axis=1)))
    force = float(np.linalg.norm(middle.forces[atom]))
    direction = middle.forces[atom] / force if force else np.eye(3)[0]
    displaced = []
    for sign in (1, -1):
        frame = crystal.copy()
        frame.positions[atom] += sign * _STEP * direction
        displaced.append(frame)
    plus, minus = (answer.energy for answer in potential.predict(displaced))
    slope = -(plus - minus) / (2 * _STEP)
    rounding = _ENERGY_ROUNDING * abs(middle.energy) / _STEP
    if not abs(slope - force) <= _FORCE_TOLERANCE * (1 + force) + rounding:
        raise PotentialUnavailableError(
            f"{label} gives a force of {force:.3f} eV/Å where its energy falls by {slope:.3f} eV/Å "
            f"({crystal.get_chemical_formula()}, one atom moved): these are no weights of a potential.",
            advice="Give the .model file of a MACE that was trained on energies and forces.",
        )


def _rattled_crystal(numbers: Sequence[int]) -> Atoms:
    """Return eight atoms in rock salt of the first and the last element, moved by some 0.1 Å."""
    from ase.build import bulk

    first, last = numbers[0], numbers[-1]
    distance = max(1.15 * (covalent_radii[first] + covalent_radii[last]), 1.8)
    crystal = bulk("NaCl", "rocksalt", a=2 * distance, cubic=True)
    crystal.numbers = np.where(crystal.numbers == 11, first, last)  # 11: sodium
    crystal.rattle(0.1, seed=3)
    return crystal


def _chosen_head(heads: Sequence[str], label: str) -> str:
    chosen = [head for head in heads if head.lower() == "default"] if len(heads) > 1 else heads
    if not chosen:
        raise PotentialUnavailableError(
            f"{label} has several heads ({', '.join(heads)}), and none of them is called default.",
            advice="Take out the one that you mean with the command mace_select_head, and give that file.",
        )
    return chosen[0]


def import_mace(*modules: str) -> None:
    """Import mace without the side effect that every later torch.load of this process would open any pickle.

    mace sets an environment variable for that when it is imported, and again in its modules. Here each file that may
    be opened so is named where it is opened.
    """
    let_e3nn_read_its_constants()
    importlib.import_module("e3nn.o3")  # reads its constants while that protection is still on
    before = os.environ.get(_ALLOWS_ANY_PICKLE)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # standard output belongs to results
            for module in ("mace.data", "mace.modules", "mace.tools", *modules):
                importlib.import_module(module)
    finally:
        if before is None:
            os.environ.pop(_ALLOWS_ANY_PICKLE, None)
        else:
            os.environ[_ALLOWS_ANY_PICKLE] = before


@contextlib.contextmanager
def _single_precision() -> Iterator[None]:
    """Let mace make float32 tensors; it takes torch's default, which other code of the process may have changed."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
