"""The small interface behind which each uMLIP library stands.

A new potential is one file with a tuple ``POTENTIALS`` of `PotentialCard`, named by an entry point in the group
``softdash.potentials``. The file must be importable without the heavy library (torch): the web process shows the
cards; only a worker calls `PotentialCard.load`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called as ``progress(done, total)`` in frames; may raise to cancel the prediction."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a potential says about one frame.

    Attributes
    ----------
    forces : ndarray, shape (N, 3)
        eV/Å.
    energy : float
        eV.
    stress : ndarray, shape (3, 3), or None
        eV/Å³, in ASE's sign, of the volume that the frame's own cell gives it. None where it was not asked for, and
        where that cell has no volume.
    """

    forces: NDArray[np.float64]
    energy: float
    stress: NDArray[np.float64] | None = None


class Potential(Protocol):
    """A loaded potential."""

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames, in their order.

        Parameters
        ----------
        frames : sequence of ase.Atoms
            Periodic or not; the atoms' own calculators are ignored.
        stress : bool
            Whether to compute stresses too (costs about a third more).
        progress : callable, optional
            Called with the number of finished frames and their total.

        Raises
        ------
        PredictionError
            If a frame cannot be computed (isolated atom, out of memory), saying which; for an element that the
            potential does not know, before anything is computed.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownEnergy:
    """Energy per atom (eV) of a reference crystal, checked when the potential loads: wrong weights refuse to serve."""

    structure: str
    energy_per_atom: float
    tolerance: float
    source: str


@dataclass(frozen=True, slots=True)
class PotentialCard:
    """All that can be said of a potential without loading it.

    Attributes
    ----------
    name : str
        Stable identifier used in URLs, files and commands: ``"chgnet-0.3.0"``.
    label : str
        Name for people: ``"CHGNet 0.3.0"``.
    family : str
        Decides its colour (`softdash.potentials.look`): ``"chgnet"``, ``"mace"``, ``"orb"``; families that are not
        known there share one.
    queue : str
        Name of the queue whose workers serve it; potentials that share an environment share a queue.
    version : str
        Version of the weights.
    package : str
        Python distribution that runs it.
    elements : frozenset of str
        Chemical symbols covered by the training set.
    guessed_elements : frozenset of str
        Others that it computes all the same, by what it learnt before from another training set.
    functional : str
        Exchange-correlation functional of its training labels.
    training_set : str
        Name and size of the training set.
    licence, citation : str
        Licence of the weights; DOI of the paper.
    energy_correction : str
        Scheme by which the energies of its labels were shifted against plain DFT (``"MP2020"``); empty for none.
    is_universal : bool
        False for the classical potentials shipped for demonstrations and tests.
    notes : tuple of str
        Caveats for the model card.
    known_energies : tuple of KnownEnergy
        Checks at load time and in the contract test.
    weights_advice : str
        What to do where the package is here and its weights are not; empty where the package brings them.
    is_installed : callable
        Whether its package (and weights) are here, found without importing the package.
    weights_sha256 : callable
        SHA-256 of the weights file, hexadecimal; of the parameters for a classical potential. Empty where softdash
        does not know the weights: a library that keeps them to itself, a calculator made elsewhere.
    load : callable
        Build the potential; the only call that imports the heavy library.
    revision : int
        Of softdash's adapter: raised when it gives other numbers with the same package and weights, so that kept
        predictions of before are not taken for today's.
    forces : str
        ``"gradient"`` of the energy, or ``"direct"``: outputs of the network of their own, which no energy stands
        behind.
    parameter_count : int or None
        Trained parameters; None where it is not known.
    released : str
        Date of the weights, ISO 8601; empty where it is not known.
    install : str
        The line that installs its library; empty for softdash's own extras.
    calculator : str
        What makes its ASE calculator, with all arguments, for one that a file or an option describes; else empty.
    file : pathlib.Path or None
        The TOML file that it was read from.
    """

    name: str
    label: str
    family: str
    queue: str
    version: str
    package: str
    elements: frozenset[str]
    functional: str
    training_set: str
    licence: str
    citation: str
    is_installed: Callable[[], bool]
    weights_sha256: Callable[[], str]
    load: Callable[[], Potential]
    is_universal: bool = True
    notes: tuple[str, ...] = ()
    known_energies: tuple[KnownEnergy, ...] = ()
    weights_advice: str = ""
    guessed_elements: frozenset[str] = frozenset()
    energy_correction: str = ""
    revision: int = 1
    forces: Literal["gradient", "direct"] = "gradient"
    parameter_count: int | None = None
    released: str = ""
    install: str = ""
    calculator: str = ""
    file: Path | None = None

    @property
    def computable_elements(self) -> frozenset[str]:
        """Chemical symbols that it can compute; all others are refused."""
        return self.elements | self.guessed_elements
