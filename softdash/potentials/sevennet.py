"""SevenNet: the sets of weights inside the ``sevenn`` wheel.

Park, Kim, Hwang and Han, J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from softdash.errors import PotentialUnavailableError
from softdash.installation import install_command
from softdash.potentials.graph_networks import (
    EACH_FRAME_ALONE,
    BatchAnswer,
    Graph,
    GraphNetwork,
    float64,
    let_e3nn_read_its_constants,
    without_recompiling,
)
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.potentials.memory import keep_some_freed_memory
from softdash.settings import get_settings

_WEIGHTS_FILES = {
    "7net-0": "SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth",
    "7net-l3i5": "SevenNet_l3i5/checkpoint_l3i5.pth",
}

# MPtrj covers Z <= 94 without these five, as do the checkpoints' lists of elements.
_ELEMENTS = frozenset(chemical_symbols[1:95]) - {"Po", "At", "Rn", "Fr", "Ra"}


class SevenNetPotential(GraphNetwork):
    """One loaded SevenNet.

    Parameters
    ----------
    label : str
        For messages.
    checkpoint : pathlib.Path
        Weights in the form of sevenn; a pickle, so never a visitor's file.
    """

    def __init__(self, label: str, checkpoint: Path) -> None:
        let_e3nn_read_its_constants()
        from sevenn.util import model_from_checkpoint

        network: Any
        network, description = model_from_checkpoint(str(checkpoint))
        network.set_is_batch_data(True)
        # Frozen: the derivative by the bonds is wanted alone, not the one by each weight.
        self._network: Any = network.eval().requires_grad_(False)
        elements = frozenset(chemical_symbols[number] for number in network.type_map)
        super().__init__(label, elements, float(description["cutoff"]), batch_atoms=EACH_FRAME_ALONE)

    def _build_graph(self, atoms: Atoms) -> Graph:
        from sevenn.atom_graph_data import AtomGraphData
        from sevenn.train.dataload import unlabeled_atoms_to_graph

        arrays = unlabeled_atoms_to_graph(atoms, self._cutoff)
        del arrays["data_info"]
        starts = arrays["edge_index"][0]
        return Graph(AtomGraphData.from_numpy_dict(arrays), starts)

    def _compute(self, graphs: Sequence[Any], *, stress: bool) -> BatchAnswer:
        from torch_geometric.data import Batch

        with without_recompiling():
            answer = self._network(Batch.from_data_list(list(graphs)))
        return BatchAnswer(
            float64(answer["inferred_total_energy"]).reshape(-1),
            float64(answer["inferred_force"]),
            _stresses(float64(answer["inferred_stress"])) if stress else None,
        )


def _stresses(six: Any) -> Any:
    """Return (frames, 3, 3) in ASE's sign from xx, yy, zz, xy, yz, zx in the sign of VASP."""
    xx, yy, zz, xy, yz, zx = -six.reshape(-1, 6).T
    return np.stack([np.stack(row, axis=-1) for row in ((xx, xy, zx), (xy, yy, yz), (zx, yz, zz))], axis=-2)


def _weights_file(name: str) -> Path | None:
    """Find the weights without importing the package."""
    specification = find_spec("sevenn")
    if specification is None or not specification.submodule_search_locations:
        return None
    file = Path(specification.submodule_search_locations[0]) / "pretrained_potentials" / _WEIGHTS_FILES[name]
    return file if file.is_file() else None


def _is_installed(name: str) -> bool:
    return find_spec("torch") is not None and _weights_file(name) is not None


@cache
def _weights_sha256(name: str) -> str:
    return hashlib.sha256(_found_weights_file(name).read_bytes()).hexdigest()


def _found_weights_file(name: str) -> Path:
    file = _weights_file(name)
    if file is None:
        raise PotentialUnavailableError(
            f"The weights {name} of SevenNet are not here.",
            advice=f"Install them with: {install_command('sevenn', 'sevennet')}",
        )
    return file


def _load(name: str, label: str) -> Potential:
    import torch

    torch.set_num_threads(get_settings().torch_threads)
    keep_some_freed_memory()
    return SevenNetPotential(label, _found_weights_file(name))


_BY_SEVENN = "sevenn 0.10.4, float32, conventional cell"
_TESTS_OF_QUACC = "tests of quacc, github.com/Quantum-Accelerators/quacc, tests/core/recipes/mlp_recipes"
_SOURCES = {"Cu fcc 3.61": _TESTS_OF_QUACC}
_ENERGY_TOLERANCE = 5e-4
_NO_LONELY_ATOMS = "An atom without a neighbour within 5 Å is refused: the force on it is zero by construction."
_LICENCE = "GPL-3.0 (sevenn 0.10)"


def _card(name: str, label: str, weights: str, energies: dict[str, float], **differences: Any) -> PotentialCard:
    return PotentialCard(
        **{
            "name": name,
            "label": label,
            "family": "sevennet",
            "queue": "sevennet",
            "version": weights,
            "package": "sevenn",
            "elements": _ELEMENTS,
            "functional": "PBE / PBE+U",
            "training_set": "MPtrj 2022.9 (1,580,395 frames of 145,923 compounds)",
            "licence": _LICENCE,
            "citation": "doi:10.1021/acs.jctc.4c00190",
            "is_installed": partial(_is_installed, weights),
            "weights_sha256": partial(_weights_sha256, weights),
            "load": partial(_load, weights, label),
            "known_energies": tuple(
                KnownEnergy(crystal, energy, _ENERGY_TOLERANCE, _SOURCES.get(crystal, _BY_SEVENN))
                for crystal, energy in energies.items()
            ),
            **differences,
        }
    )


POTENTIALS = (
    _card(
        "sevennet-0",
        "SevenNet-0",
        "7net-0",
        {"NaCl rocksalt 5.69": -3.38396, "MgO rocksalt 4.21": -5.97350, "Cu fcc 3.61": -4.09619},
        notes=(
            "The weights of 11 July 2024, the ones that sevenn calls 7net-0.",
            "About twice as slow as CHGNet on one processor core.",
            _NO_LONELY_ATOMS,
        ),
    ),
    _card(
        "7net-l3i5",
        "SevenNet-l3i5",
        "7net-l3i5",
        {"NaCl rocksalt 5.69": -3.38677, "MgO rocksalt 4.21": -5.97541},
        notes=(
            "Of higher angular order than SevenNet-0, and more accurate; near three times slower.",
            _NO_LONELY_ATOMS,
        ),
    ),
)
