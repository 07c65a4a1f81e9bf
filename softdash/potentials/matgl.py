"""M3GNet and TensorNet through matgl: five sets of weights, each a folder with three files.

M3GNet: Chen and Ong, Nat. Comput. Sci. 2, 718 (2022), doi:10.1038/s43588-022-00349-3; TensorNet: Simeon and De
Fabritiis (2023), arXiv:2306.06482; MatPES: Kaplan et al. (2025), arXiv:2503.04070; matgl: Ko et al., npj Comput.
Mater. 11, 253 (2025), doi:10.1038/s41524-025-01742-y.

Where the weights are looked for, in the web process and in workers alike, without ever asking the network:
``SOFTDASH_WEIGHTS_DIR/NAME`` where that setting is given, else the newest copy in matgl's own cache
(``~/.cache/matgl``). Only where the setting ``download_weights`` is on and no folder is given, a potential counts as
installed without them, and the worker that loads it lets matgl fetch them.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Sequence
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.data import chemical_symbols
from ase.units import GPa

from softdash.errors import PotentialUnavailableError
from softdash.potentials.graph_networks import BatchAnswer, Graph, GraphNetwork, float64
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.potentials.memory import keep_some_freed_memory
from softdash.settings import get_settings

_FILES = ("model.json", "model.pt", "state.pt")
_HUB_ORGANISATION = "materialyze"

# MPF 2021.2.8 and MatPES cover Z <= 94 without these five, as do the models' lists of elements.
_ELEMENTS = frozenset(chemical_symbols[1:95]) - {"Po", "At", "Rn", "Fr", "Ra"}

# Shorter than any bond: no pair of bonds is left for the three-body part.
_NO_THREE_BODY_CUTOFF = 0.1


class MatglPotential(GraphNetwork):
    """One loaded potential of matgl, computing in batches on the processor.

    Parameters
    ----------
    label : str
        For messages.
    model : matgl.apps.pes.Potential
        Changed in place: evaluation mode, parameters frozen, idle three-body work of M3GNet skipped.
    batch_atoms : int
        Atoms in one batch at most.
    """

    def __init__(self, label: str, model: Any, *, batch_atoms: int) -> None:
        from matgl.ext.ase import Atoms2Graph

        self._model = model.eval().requires_grad_(False)  # else the graph of second derivatives is kept
        skip_idle_three_body(model.model)
        elements, cutoff = model.model.element_types, float(model.model.cutoff)
        self._converter = Atoms2Graph(elements, cutoff)
        super().__init__(label, frozenset(elements), cutoff, batch_atoms=batch_atoms)

    def _build_graph(self, atoms: Atoms) -> Graph:
        graph, lattice, _ = self._converter.get_graph(atoms)
        return Graph((graph, lattice), graph.edge_index[0].numpy())

    def _compute(self, graphs: Sequence[Any], *, stress: bool) -> BatchAnswer:
        import torch
        from torch_geometric.data import Batch

        joined = Batch.from_data_list([graph for graph, _ in graphs])
        lattices = torch.cat([lattice.reshape(1, 3, 3) for _, lattice in graphs])
        self._model.calc_stresses = stress
        energies, forces, stresses, *_ = self._model(joined, lattices)
        return BatchAnswer(
            float64(energies).reshape(-1),
            float64(forces),
            float64(stresses).reshape(-1, 3, 3) * GPa if stress else None,
        )


def skip_idle_three_body(network: Any) -> bool:
    """Spare M3GNet the three-body work where its weights make the result exactly zero.

    Parameters
    ----------
    network : matgl.models.M3GNet or another network
        Its three-body cutoff is changed.

    Returns
    -------
    bool
        Whether the three-body part was idle.
    """
    blocks = getattr(network, "three_body_interactions", None)
    # Each block adds layers(x) · gates(x) to the bonds, without bias: zero weights of the layers make it zero.
    if not blocks or any(weight.any() for block in blocks for weight in block.update_network_bond.layers.parameters()):
        return False
    network.threebody_cutoff = _NO_THREE_BODY_CUTOFF
    return True


def load_folder(folder: Path | str, label: str) -> MatglPotential:
    """Load weights in matgl's form from a folder, or from its hub by ``"owner/name"``.

    Raises
    ------
    PotentialUnavailableError
        If matgl cannot be imported, or the files are damaged or from an older form of the network.
    """
    settings = get_settings()
    if isinstance(folder, Path):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # matgl would ask its hub for half a minute
    matgl = _import_matgl()
    import torch

    torch.set_num_threads(settings.torch_threads)
    keep_some_freed_memory()
    try:
        with warnings.catch_warnings():
            # matgl only warns of weights from before its networks changed: their energies are wrong.
            warnings.filterwarnings("error", message="Incompatible model version")
            model = matgl.load_model(folder)
    except MemoryError:
        raise  # no fault of the files
    except Exception as error:  # matgl turns what its parsers meet into bare exceptions, and so do the parsers
        cause = error.__cause__ or error
        raise PotentialUnavailableError(
            f"matgl could not read the weights of {label} ({type(cause).__name__}: {cause}).",
            where=f"weights {folder.name if isinstance(folder, Path) else folder}",
            advice="Get the three files again, in the form of matgl 4.",
        ) from error
    return MatglPotential(label, model, batch_atoms=settings.batch_atoms)


def _import_matgl() -> Any:
    try:
        import matgl
    except OSError as error:
        raise PotentialUnavailableError(
            f"matgl keeps a cache in the home folder and could not make it ({error.strerror or error}).",
            where="folder ~/.cache/matgl",
            advice="Set HOME to a folder that this user may write.",
        ) from error
    return matgl


def _folder(name: str) -> Path | None:
    """Find the folder with the three files, in the weights folder or else in matgl's cache."""
    weights_dir = get_settings().weights_dir
    if weights_dir is not None:
        candidates = [weights_dir / name]
    else:
        repository = Path.home() / ".cache" / "matgl" / f"models--{_HUB_ORGANISATION}--{name}"
        candidates = sorted(repository.glob("snapshots/*"), key=lambda path: path.stat().st_mtime, reverse=True)
    return next((path for path in candidates if all((path / file).is_file() for file in _FILES)), None)


def _is_installed(name: str) -> bool:
    if find_spec("matgl") is None or find_spec("torch") is None:
        return False
    settings = get_settings()
    return _folder(name) is not None or (settings.weights_dir is None and settings.download_weights)


def _weights_sha256(name: str, label: str) -> str:
    folder = _folder(name)
    if folder is None:
        raise PotentialUnavailableError(f"The weights of {label} are not here.", advice=_where_to_put(name))
    return _sha256_of_folder(folder)


@cache
def _sha256_of_folder(folder: Path) -> str:
    """Hash the contents of the three files, one after the other in the order of `_FILES`."""
    digest = hashlib.sha256()
    for file in _FILES:
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()


def _load(name: str, label: str) -> Potential:
    return load_folder(_folder(name) or f"{_HUB_ORGANISATION}/{name}", label)


def _where_to_put(name: str) -> str:
    return f"Put its folder {name} ({', '.join(_FILES)}), in the form of matgl 4, into SOFTDASH_WEIGHTS_DIR."


_LABELS_OF_MATPES = "Trained on plain PBE without U: against PBE+U labels part of its slope is the U."
_LABELS_OF_R2SCAN = "Trained on r2SCAN: against PBE references part of its slope is the difference of the functionals."
_OWN_TRAINING = (
    "matgl's own training of the M3GNet of the softening paper: near to its TensorFlow original, not equal. The "
    "paper's phonon frequencies of M3GNet (Figs 4a, 4b) are those of this one, to 0.02 % in the median."
)
_TWO_BODY = (
    "matgl's M3GNet is in effect a two-body message-passing network: the code that trained these weights left its "
    "three-body part near zero, and here it is exactly zero."
)
_CONVERTED = (
    "Weights of the release that matgl trained before its version 3, converted exactly to the edges of matgl 4; those "
    "that matgl offers today under names ending in 2025.2 were trained again and are not these."
)
_NO_LONELY_ATOMS = "An atom without a neighbour within 5 Å is refused: the force on it is zero by construction."
_AGAINST_OLD_CODE = "matgl 4.1.2, float32, conventional cell; the code that trained the weights gives it to 2e-5"
_BY_MATGL_4 = "matgl 4.1.2, float32, conventional cell"
_ENERGY_TOLERANCE = 5e-4
_M3GNET_PAPER = "doi:10.1038/s43588-022-00349-3"
_MATPES_PAPER = "doi:10.48550/arXiv.2503.04070"


def _card(name: str, label: str, folder: str, energies: dict[str, float], **differences: Any) -> PotentialCard:
    family = name.split("-")[0]
    is_r2scan = name.endswith("r2scan")
    functional = "r2SCAN" if is_r2scan else "PBE"
    return PotentialCard(
        **{
            "name": name,
            "label": label,
            "family": family,
            "queue": "matgl",
            "version": folder,
            "package": "matgl",
            "elements": _ELEMENTS,
            "functional": functional,
            "training_set": f"MatPES {functional} 2025.1 (about 400,000 frames of dynamics at 300 K)",
            "licence": "BSD-3-Clause",
            "citation": _MATPES_PAPER,
            "is_installed": partial(_is_installed, folder),
            "weights_sha256": partial(_weights_sha256, folder, label),
            "load": partial(_load, folder, label),
            "notes": (
                *((_TWO_BODY,) if family == "m3gnet" else ()),
                _LABELS_OF_R2SCAN if is_r2scan else _LABELS_OF_MATPES,
                _NO_LONELY_ATOMS,
                _CONVERTED,
            ),
            "known_energies": tuple(
                KnownEnergy(
                    crystal,
                    energy,
                    _ENERGY_TOLERANCE,
                    _AGAINST_OLD_CODE if crystal.startswith("NaCl") and not is_r2scan else _BY_MATGL_4,
                )
                for crystal, energy in energies.items()
            ),
            "weights_advice": _where_to_put(folder),
            "revision": 2,  # before, partly periodic frames lost their cell
            **differences,
        }
    )


POTENTIALS = (
    _card(
        "m3gnet-mp-2021.2.8",
        "M3GNet MP-2021.2.8",
        "M3GNet-MP-2021.2.8-PES",
        {"NaCl rocksalt 5.69": -3.36751, "MgO rocksalt 4.21": -5.95052},
        functional="PBE / PBE+U",
        training_set="MPF 2021.2.8 (187,687 frames of 62,783 compounds)",
        citation=_M3GNET_PAPER,
        notes=(
            _OWN_TRAINING,
            _TWO_BODY,
            _NO_LONELY_ATOMS,
            _CONVERTED,
        ),
    ),
    _card(
        "m3gnet-matpes-pbe",
        "M3GNet MatPES PBE",
        "M3GNet-MatPES-PBE-v2025.1-PES",
        {"NaCl rocksalt 5.69": -3.36856, "MgO rocksalt 4.21": -5.90470},
    ),
    _card(
        "m3gnet-matpes-r2scan",
        "M3GNet MatPES r2SCAN",
        "M3GNet-MatPES-r2SCAN-v2025.1-PES",
        {"NaCl rocksalt 5.69": -6.87325, "MgO rocksalt 4.21": -8.02345},
    ),
    _card(
        "tensornet-matpes-pbe",
        "TensorNet MatPES PBE",
        "TensorNet-MatPES-PBE-v2025.1-PES",
        {"NaCl rocksalt 5.69": -3.35760, "MgO rocksalt 4.21": -5.86442},
    ),
    _card(
        "tensornet-matpes-r2scan",
        "TensorNet MatPES r2SCAN",
        "TensorNet-MatPES-r2SCAN-v2025.1-PES",
        {"NaCl rocksalt 5.69": -6.84601, "MgO rocksalt 4.21": -7.98976},
    ),
)
