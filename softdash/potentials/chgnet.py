"""CHGNet: the three sets of weights inside the ``chgnet`` wheel.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3; r2SCAN: Huang et al., npj Comput.
Mater. (2025), arXiv:2504.05565.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from collections.abc import Sequence
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.units import GPa

from softdash.errors import PotentialUnavailableError, PredictionError
from softdash.potentials.batches import batches_by_atoms, failed_batch, frame_names, with_vacuum
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard, Prediction, Progress
from softdash.potentials.memory import keep_some_freed_memory
from softdash.settings import get_settings

_WEIGHTS_FILES = {
    "0.3.0": "0.3.0/chgnet_0.3.0_e29f68s314m37.pth.tar",
    "0.2.0": "0.2.0/chgnet_0.2.0_e30f77s348m32.pth.tar",
    "r2scan": "r2scan/chgnet_r2scan_transfer_learning_e15f36s161m23.pth.tar",
}

# MPtrj covers 89 elements: Z <= 94 without Po, At, Rn, Fr, Ra (Deng et al. 2023, Methods). In the r2SCAN weights the
# fitted atomic reference energies are exactly zero for these and for Yb: MP-r2SCAN has none of them.
_MPTRJ_ABSENT = {"Po", "At", "Rn", "Fr", "Ra"}
_MPTRJ_ELEMENTS = frozenset(chemical_symbols[1:95]) - _MPTRJ_ABSENT
_MP_R2SCAN_ELEMENTS = _MPTRJ_ELEMENTS - {"Yb"}

_CITATION = "doi:10.1038/s42256-023-00716-3"
_NACL = "NaCl rocksalt 5.69"
_ENERGY_TOLERANCE = 2e-3
_MP2020 = (
    "Energies are those of the Materials Project after the MP2020 correction for anions and +U, not plain DFT energies."
)
_NO_VACUUM_ATOMS = "Cannot compute an atom without a neighbour inside the graph cutoff."


class CHGNetPotential:
    """One loaded CHGNet, computing in batches on the processor.

    Parameters
    ----------
    version : {"0.3.0", "0.2.0", "r2scan"}
    batch_atoms : int
        Atoms in one batch at most.
    threads : int
        Threads that torch uses in this process.
    """

    def __init__(self, version: str, *, batch_atoms: int, threads: int) -> None:
        import torch
        from chgnet.model import CHGNet

        torch.set_num_threads(threads)
        keep_some_freed_memory()
        # The library prints its parameter count whatever `verbose` says; our standard output belongs to results.
        with contextlib.redirect_stdout(io.StringIO()):
            self._model: Any = CHGNet.load(model_name=version, use_device="cpu", verbose=False)
        self._converter: Any = self._model.graph_converter
        self._batch_atoms = batch_atoms

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames, in their order; see `softdash.potentials.interface.Potential`."""
        predictions: list[Prediction] = []
        for batch in batches_by_atoms(frames, self._batch_atoms):
            graphs = [self._graph(frames[position], position) for position in batch]
            predictions += self._predict_graphs(graphs, frames, batch, stress=stress)
            if progress is not None:
                progress(len(predictions), len(frames))
        return predictions

    def _predict_graphs(
        self, graphs: list[Any], frames: Sequence[Atoms], batch: range, *, stress: bool
    ) -> list[Prediction]:
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad")
                answers = self._model.predict_graph(graphs, task="efs" if stress else "ef", batch_size=len(graphs))
        except (RuntimeError, MemoryError) as error:
            raise failed_batch("CHGNet", error, frames, batch) from error
        answers = [answers] if len(graphs) == 1 else answers
        return [
            _prediction(answer, len(graph.atomic_number), position, stress=stress)
            for answer, graph, position in zip(answers, graphs, batch, strict=True)
        ]

    def _graph(self, atoms: Atoms, position: int) -> Any:
        structure = _structure(atoms)
        try:
            return self._converter(structure)
        except (ValueError, RuntimeError) as error:
            isolated = _isolated_atoms(structure, self._converter.atom_graph_cutoff)
            if isolated:
                named = ", ".join(f"{atoms.symbols[index]} (atom {index + 1})" for index in isolated[:5])
                what = f"{named}: no other atom within {self._converter.atom_graph_cutoff:g} Å, which CHGNet needs."
                advice = "Check the cell and the unit of the positions, or leave this frame out."
            else:
                what, advice = f"CHGNet could not build its graph ({error}).", "Check for atoms on top of each other."
            raise PredictionError(what, where=frame_names(range(position, position + 1)), advice=advice) from error


def _structure(atoms: Atoms) -> Any:
    """Return the pymatgen structure; directions without periodicity get vacuum, as CHGNet is always periodic."""
    from pymatgen.core import Lattice, Structure

    atoms = with_vacuum(atoms)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No Pauling electronegativity")  # noble gases
        return Structure(Lattice(atoms.cell.array), atoms.numbers.tolist(), atoms.positions, coords_are_cartesian=True)


def _isolated_atoms(structure: Any, cutoff: float) -> list[int]:
    centres = structure.get_neighbor_list(r=cutoff, sites=structure.sites, numerical_tol=1e-8)[0]
    return sorted(set(range(len(structure))) - {int(centre) for centre in centres})


def _prediction(answer: dict[str, Any], atom_count: int, position: int, *, stress: bool) -> Prediction:
    forces = answer["f"].astype(np.float64)
    energy = float(answer["e"]) * atom_count
    if not (np.isfinite(forces).all() and np.isfinite(energy)):
        raise PredictionError(
            "CHGNet returned a number that is not finite.",
            where=frame_names(range(position, position + 1)),
            advice="Check for atoms that are very close to each other.",
        )
    return Prediction(forces, energy, answer["s"].astype(np.float64) * GPa if stress else None)


def _weights_file(version: str) -> Path | None:
    """Find the weights without importing the package."""
    specification = find_spec("chgnet")
    if specification is None or not specification.submodule_search_locations:
        return None
    file = Path(specification.submodule_search_locations[0]) / "pretrained" / _WEIGHTS_FILES[version]
    return file if file.is_file() else None


def _is_installed(version: str) -> bool:
    return find_spec("torch") is not None and _weights_file(version) is not None


@cache
def _weights_sha256(version: str) -> str:
    file = _weights_file(version)
    if file is None:
        raise PotentialUnavailableError(
            f"The weights of CHGNet {version} are not here.", advice="Install them with: pip install 'softdash[chgnet]'"
        )
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _load(version: str) -> Potential:
    settings = get_settings()
    return CHGNetPotential(version, batch_atoms=settings.batch_atoms, threads=settings.torch_threads)


def _card(version: str, label: str, energy: float, source: str, **differences: Any) -> PotentialCard:
    return PotentialCard(
        **{
            "name": f"chgnet-{version}",
            "label": label,
            "family": "chgnet",
            "queue": "chgnet",
            "version": version,
            "package": "chgnet",
            "elements": _MPTRJ_ELEMENTS,
            "functional": "PBE / PBE+U",
            "training_set": "MPtrj 2022.9 (1,580,395 frames of 145,923 compounds)",
            "licence": "BSD-3-Clause",
            "citation": _CITATION,
            "is_installed": partial(_is_installed, version),
            "weights_sha256": partial(_weights_sha256, version),
            "load": partial(_load, version),
            "known_energies": (KnownEnergy(_NACL, energy, _ENERGY_TOLERANCE, source),),
            **differences,
        }
    )


POTENTIALS = (
    _card(
        "0.3.0",
        "CHGNet 0.3.0",
        -3.668,
        "chgnet 0.4.2, float32, conventional cell",
        notes=(_MP2020, _NO_VACUUM_ATOMS, "The potential of the softening paper; its cutoff is 6 Å."),
    ),
    _card(
        "0.2.0",
        "CHGNet 0.2.0",
        -3.688,
        "chgnet 0.4.2, float32, conventional cell",
        notes=(
            _MP2020,
            _NO_VACUUM_ATOMS,
            "The weights of the first CHGNet paper; cutoff 5 Å; energies may jump where bonds break (chgnet issue 79).",
        ),
    ),
    _card(
        "r2scan",
        "CHGNet r2SCAN",
        -6.866,
        "chgnet 0.4.2, float32, conventional cell",
        elements=_MP_R2SCAN_ELEMENTS,
        functional="r2SCAN",
        training_set="MP-r2SCAN (0.24 million frames; transfer learning from CHGNet 0.3.0)",
        citation="arXiv:2504.05565",
        notes=(
            "Trained on r2SCAN: against PBE references part of its slope is the difference of the functionals.",
            _NO_VACUUM_ATOMS,
        ),
    ),
)
