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
from softdash.installation import install_command
from softdash.potentials.batches import failed_batch, frame_name
from softdash.potentials.elements import refuse_unknown_elements
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard, Prediction, Progress
from softdash.potentials.memory import keep_some_freed_memory
from softdash.potentials.periodic_box import in_periodic_box, stress_volume_ratio
from softdash.settings import get_settings

_LABELS = {"0.3.0": "0.3.0", "0.2.0": "0.2.0", "r2scan": "r2SCAN"}
_WEIGHTS_FILES = {
    "0.3.0": "0.3.0/chgnet_0.3.0_e29f68s314m37.pth.tar",
    "0.2.0": "0.2.0/chgnet_0.2.0_e30f77s348m32.pth.tar",
    "r2scan": "r2scan/chgnet_r2scan_transfer_learning_e15f36s161m23.pth.tar",
}

# MPtrj covers 89 elements: Z <= 94 without Po, At, Rn, Fr, Ra (Deng et al. 2023, Methods). In the r2SCAN weights the
# fitted atomic reference energies are exactly zero for these and for Yb: MP-r2SCAN has none of them. The network has
# numbers for the five, which no training ever touched; what it says of Yb it learnt from MPtrj.
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
    """One loaded CHGNet, computing frame by frame on the processor, which takes no longer than batches.

    In a batch, the library takes the bonds of all frames through the layers of angles as soon as one frame has an
    angle. With the biases that the weights 0.2.0 have there, a frame without angles then gets other forces than alone.
    Sums in another order, too, move some forces of these weights by 5e-5 eV/Å.

    Parameters
    ----------
    version : {"0.3.0", "0.2.0", "r2scan"}
    threads : int
        Threads that torch uses in this process.
    """

    def __init__(self, version: str, *, threads: int) -> None:
        import torch
        from chgnet.model import CHGNet

        torch.set_num_threads(threads)
        keep_some_freed_memory()
        # The library prints its parameter count whatever `verbose` says; our standard output belongs to results.
        with contextlib.redirect_stdout(io.StringIO()):
            self._model: Any = CHGNet.load(model_name=version, use_device="cpu", verbose=False)
        self._converter: Any = self._model.graph_converter
        self._label = f"CHGNet {_LABELS[version]}"

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames, in their order; see `softdash.potentials.interface.Potential`."""
        refuse_unknown_elements(self._label, _MPTRJ_ELEMENTS, frames)
        predictions = []
        for position in range(len(frames)):
            predictions.append(self._predict_frame(frames, position, stress=stress))
            if progress is not None:
                progress(position + 1, len(frames))
        return predictions

    def _predict_frame(self, frames: Sequence[Atoms], position: int, *, stress: bool) -> Prediction:
        frame = frames[position]
        boxed = in_periodic_box(frame, frame_name(position))
        graph = self._graph(boxed, position)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad")
                answer = self._model.predict_graph(graph, task="efs" if stress else "ef")
        except (RuntimeError, MemoryError) as error:
            raise failed_batch(self._label, error, frames, range(position, position + 1)) from error
        return self._prediction(answer, position, len(frame), stress_volume_ratio(frame, boxed))

    def _prediction(self, answer: Any, position: int, atom_count: int, ratio: float | None) -> Prediction:
        forces = answer["f"].astype(np.float64)
        energy = float(answer["e"]) * atom_count
        if not (np.isfinite(forces).all() and np.isfinite(energy)):
            raise PredictionError(
                f"{self._label} returned a number that is not finite.",
                where=frame_name(position),
                advice="Check for atoms that are very close to each other.",
            )
        has_stress = "s" in answer and ratio is not None
        return Prediction(forces, energy, answer["s"].astype(np.float64) * GPa * ratio if has_stress else None)

    def _graph(self, boxed: Atoms, position: int) -> Any:
        structure = _structure(boxed)
        try:
            return self._converter(structure)
        except (ValueError, RuntimeError) as error:
            isolated = _isolated_atoms(structure, self._converter.atom_graph_cutoff)
            if isolated:
                named = ", ".join(f"{boxed.symbols[index]} (atom {index + 1})" for index in isolated[:5])
                what = f"{named}: no other atom within {self._converter.atom_graph_cutoff:g} Å, which CHGNet needs."
                advice = "Check the cell and the unit of the positions, or leave this frame out."
            else:
                what, advice = (
                    f"CHGNet could not build its graph ({error}).",
                    "Check for atoms on top of each other.",
                )
            raise PredictionError(what, where=frame_name(position), advice=advice) from error


def _structure(boxed: Atoms) -> Any:
    """Return the pymatgen structure."""
    from pymatgen.core import Lattice, Structure

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No Pauling electronegativity")  # noble gases
        return Structure(Lattice(boxed.cell.array), boxed.numbers.tolist(), boxed.positions, coords_are_cartesian=True)


def _isolated_atoms(structure: Any, cutoff: float) -> list[int]:
    centres = structure.get_neighbor_list(r=cutoff, sites=structure.sites, numerical_tol=1e-8)[0]
    return sorted(set(range(len(structure))) - {int(centre) for centre in centres})


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
            f"The weights of CHGNet {version} are not here.",
            advice=f"Install them with: {install_command('chgnet', 'chgnet')}",
        )
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _load(version: str) -> Potential:
    return CHGNetPotential(version, threads=get_settings().torch_threads)


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
        energy_correction="MP2020",
        notes=(_MP2020, _NO_VACUUM_ATOMS, "The potential of the softening paper; its cutoff is 6 Å."),
    ),
    _card(
        "0.2.0",
        "CHGNet 0.2.0",
        -3.688,
        "chgnet 0.4.2, float32, conventional cell",
        revision=2,  # before, a frame without angles got other forces in a batch than alone
        energy_correction="MP2020",
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
        guessed_elements=_MPTRJ_ELEMENTS - _MP_R2SCAN_ELEMENTS,
        functional="r2SCAN",
        training_set="MP-r2SCAN (0.24 million frames; transfer learning from CHGNet 0.3.0)",
        citation="arXiv:2504.05565",
        notes=(
            "Trained on r2SCAN: against PBE references part of its slope is the difference of the functionals.",
            _NO_VACUUM_ATOMS,
        ),
    ),
)
