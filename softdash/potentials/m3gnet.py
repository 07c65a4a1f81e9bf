"""The original M3GNet of the softening paper, in TensorFlow: the weights MP-2021.2.8-EFS of its authors.

Chen and Ong, Nat. Comput. Sci. 2, 718 (2022), doi:10.1038/s43588-022-00349-3; package m3gnet 0.2.4 (BSD-3-Clause).
matgl's M3GNet is another training of the same network and has its own card.

TensorFlow wants an h5py that other libraries have left behind: an environment, and so a queue, of its own. The weights
are looked for in ``SOFTDASH_WEIGHTS_DIR/m3gnet-tf-MP-2021.2.8-EFS``.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.units import GPa
from numpy.typing import NDArray

from softdash.errors import PotentialUnavailableError
from softdash.potentials.graph_networks import BatchAnswer, Graph, GraphNetwork
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.settings import get_settings

_FOLDER = "m3gnet-tf-MP-2021.2.8-EFS"
_FILES = ("m3gnet.json", "m3gnet.index", "m3gnet.data-00000-of-00001")
_LABEL = "M3GNet"
# MPF 2021.2.8 covers Z <= 94 without these five.
_ELEMENTS = frozenset(chemical_symbols[1:95]) - {"Po", "At", "Rn", "Fr", "Ra"}


class M3GNetPotential(GraphNetwork):
    """The loaded network, computing in batches on the processor.

    Parameters
    ----------
    potential : m3gnet.models.Potential
    batch_atoms : int
        Atoms in one batch at most.
    """

    def __init__(self, potential: Any, *, batch_atoms: int) -> None:
        from ase.build import bulk  # brings scipy, which the web process does without

        self._potential = potential
        self._converter = potential.graph_converter
        self._companion = self._converter.convert(bulk("NaCl", "rocksalt", a=5.69))
        super().__init__(_LABEL, _ELEMENTS, float(self._converter.cutoff), batch_atoms=batch_atoms)

    def _build_graph(self, atoms: Atoms) -> Graph:
        graph = self._converter.convert(atoms)
        return Graph(graph, np.asarray(graph.bond_atom_indices)[:, 0].astype(np.int64))

    def _compute(self, graphs: Sequence[Any], *, stress: bool) -> BatchAnswer:
        from m3gnet.graph import assemble_material_graph

        computed = list(graphs)
        if not any(len(graph.triple_bond_indices) for graph in graphs):
            computed.append(self._companion)  # the network cannot compute a batch without any angle
        joined = assemble_material_graph(computed).as_tf().as_list()
        energies, forces, *stresses = self._potential.get_efs_tensor(joined, include_stresses=stress)
        count, atom_count = len(graphs), sum(len(graph.atoms) for graph in graphs)
        return BatchAnswer(
            _float64(energies).reshape(-1)[:count],
            _float64(forces)[:atom_count],
            _float64(stresses[0]).reshape(-1, 3, 3)[:count] * GPa if stress else None,
        )


def _float64(tensor: Any) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = tensor.numpy().astype(np.float64)
    return numbers


def _load() -> Potential:
    folder = _folder()
    if folder is None:
        raise _no_weights()
    models = _import_models()
    import tensorflow as tf

    settings = get_settings()
    tf.config.threading.set_intra_op_parallelism_threads(settings.torch_threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.get_logger().setLevel(logging.ERROR)  # it lists the weights of the training's optimiser, which none needs
    try:
        network = models.M3GNet.from_dir(str(folder))
    except Exception as error:  # TensorFlow's readers raise whatever they meet
        raise PotentialUnavailableError(
            f"m3gnet could not read the weights of {_LABEL} ({type(error).__name__}).",
            where=f"weights {folder.name}",
            advice="Get the three files again.",
        ) from error
    return M3GNetPotential(models.Potential(network), batch_atoms=settings.batch_atoms)


def _import_models() -> Any:
    """Import m3gnet, which was written for a Keras and an ASE of its time."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import ase.constraints
    import ase.filters

    if not hasattr(ase.constraints, "ExpCellFilter"):  # ASE moved it
        vars(ase.constraints)["ExpCellFilter"] = ase.filters.ExpCellFilter
    import m3gnet.models

    return m3gnet.models


def _folder() -> Path | None:
    weights_dir = get_settings().weights_dir
    folder = None if weights_dir is None else weights_dir / _FOLDER
    return folder if folder is not None and all((folder / file).is_file() for file in _FILES) else None


def _is_installed() -> bool:
    return all(find_spec(name) is not None for name in ("m3gnet", "tensorflow", "tf_keras")) and _folder() is not None


def _weights_sha256() -> str:
    folder = _folder()
    if folder is None:
        raise _no_weights()
    return _sha256_of_folder(folder)


@cache
def _sha256_of_folder(folder: Path) -> str:
    """Hash the contents of the three files, one after the other in the order of `_FILES`."""
    digest = hashlib.sha256()
    for file in _FILES:
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()


def _no_weights() -> PotentialUnavailableError:
    return PotentialUnavailableError(f"The weights of {_LABEL} are not here.", advice=_WHERE_TO_PUT)


_WHERE_TO_PUT = (
    f"Put its folder {_FOLDER} ({', '.join(_FILES)}; MP-2021.2.8-EFS of the repository m3gnet) into "
    "SOFTDASH_WEIGHTS_DIR."
)

_OF_THE_PAPER = (
    "The M3GNet of the softening paper: its authors' own network and weights, in TensorFlow. The paper's phonons of "
    "M3GNet (Figs 4a, 4b) were computed with matgl's training instead: its frequencies are theirs."
)

POTENTIALS = (
    PotentialCard(
        name="m3gnet-original",
        label=_LABEL,
        family="m3gnet",
        queue="m3gnet",
        version="MP-2021.2.8-EFS",
        package="m3gnet",
        elements=_ELEMENTS,
        functional="PBE / PBE+U",
        training_set="MPF 2021.2.8 (187,687 frames of 62,783 compounds)",
        licence="BSD-3-Clause",
        citation="doi:10.1038/s43588-022-00349-3",
        is_installed=_is_installed,
        weights_sha256=_weights_sha256,
        load=_load,
        notes=(
            _OF_THE_PAPER,
            "An atom without a neighbour within 5 Å is refused: the force on it is zero by construction.",
        ),
        known_energies=(KnownEnergy("NaCl rocksalt 5.69", -3.38855, 5e-4, "m3gnet 0.2.4, float32, conventional cell"),),
        weights_advice=_WHERE_TO_PUT,
    ),
)
