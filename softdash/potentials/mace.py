"""MACE through mace-torch: four released sets of weights, and models of the operator's own (`mace_local`).

Batatia et al. (2023), arXiv:2401.00096 (MACE-MP-0).

Where released weights are looked for, in the web process and in workers alike, without ever asking the network:
``SOFTDASH_WEIGHTS_DIR`` where that setting is given (as ``NAME.model`` or under the name of the release, there or in a
folder ``NAME``), else mace's own cache (``~/.cache/mace``). Only where the setting ``download_weights`` is on and no
folder is given, a potential counts as installed without them, and the worker that loads it lets mace fetch them.

The files are pickles: one is opened only if its SHA-256 is that of the release.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ase.data import chemical_symbols

from softdash.errors import PotentialUnavailableError
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.potentials.mace_local import local_cards
from softdash.potentials.mace_network import import_mace, load_model
from softdash.potentials.weights_files import sha256_of
from softdash.settings import get_settings

# MPtrj covers Z <= 94 without these five.
_ELEMENTS = frozenset(chemical_symbols[1:95]) - {"Po", "At", "Rn", "Fr", "Ra"}


@dataclass(frozen=True, slots=True)
class Release:
    """A file that the authors of MACE released: mace's name for it, the file's name, and its SHA-256."""

    hub_name: str
    file: str
    sha256: str

    @property
    def cached_file(self) -> str:
        """Name under which mace keeps it in its cache."""
        return "".join(letter for letter in self.file if letter.isalnum() or letter == "_")


# The sums of the files on github.com/ACEsuit/mace-foundations, as several projects that pin them publish them; those of
# the first and the last stand in mace's own tests (tests/golden/foundation_artifacts.py).
RELEASES = {
    "mace-mp-0-small": Release(
        "small",
        "2023-12-10-mace-128-L0_energy_epoch-249.model",
        "2ddb079cee0e131eaaf6912ba581b394551ead283e95c99cfe78c605d10b5736",
    ),
    "mace-mp-0-medium": Release(
        "medium",
        "2023-12-03-mace-128-L1_epoch-199.model",
        "01bfe22100139f424713cf921144e5509cbe353d67aa9fa1be9c6e1e0ed35845",
    ),
    "mace-mp-0-large": Release(
        "large",
        "MACE_MPtrj_2022.9.model",
        "f80e992b65ab8f88fdf26964511357c022e92704e4d9bcd086652635a8495b32",
    ),
    "mace-mpa-0-medium": Release(
        "medium-mpa-0",
        "mace-mpa-0-medium.model",
        "75428afe3a1d7d8062e19bcaabd5c433623cabf308242ec9fb493e38604fb638",
    ),
}


def _weights_file(name: str) -> Path | None:
    """Find the released file, in the weights folder or else in mace's cache."""
    release, weights_dir = RELEASES[name], get_settings().weights_dir
    if weights_dir is None:
        cache_dir = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mace"
        candidates = [cache_dir / release.cached_file, cache_dir / release.file]
    else:
        names = (f"{name}.model", release.file, release.cached_file)
        candidates = [folder / file for folder in (weights_dir, weights_dir / name) for file in names]
    return next((file for file in candidates if file.is_file()), None)


def _is_installed(name: str) -> bool:
    if find_spec("mace") is None or find_spec("torch") is None:
        return False
    return _weights_file(name) is not None or _may_be_fetched()


def _may_be_fetched() -> bool:
    settings = get_settings()
    return settings.weights_dir is None and settings.download_weights


def _weights_sha256(name: str, label: str) -> str:
    file = _weights_file(name)
    if file is None and _may_be_fetched():
        return RELEASES[name].sha256  # no other file would be opened
    if file is None:
        raise PotentialUnavailableError(f"The weights of {label} are not here.", advice=_where_to_put(name))
    return sha256_of(file)


def _load(name: str, label: str) -> Potential:
    weights = (_weights_file(name) or _download(name, label)).read_bytes()
    if hashlib.sha256(weights).hexdigest() != RELEASES[name].sha256:
        # Not opened at all: a pickle may carry a program.
        raise PotentialUnavailableError(
            f"The file with the weights of {label} is not the released one: its SHA-256 is another.",
            where=f"potential {name}",
            advice=f"Get {RELEASES[name].file} again. A model of your own belongs into SOFTDASH_MACE_MODELS_DIR.",
        )
    return load_model(weights, label)


def _download(name: str, label: str) -> Path:
    import_mace("mace.calculators.foundations_models")
    from mace.calculators.foundations_models import download_mace_mp_checkpoint

    try:
        with contextlib.redirect_stdout(sys.stderr):
            return Path(download_mace_mp_checkpoint(RELEASES[name].hub_name))
    except (OSError, RuntimeError) as error:
        raise PotentialUnavailableError(
            f"The weights of {label} could not be fetched ({error}).",
            where=f"potential {name}",
            advice=_where_to_put(name),
        ) from error


def _where_to_put(name: str) -> str:
    return (
        f"Put the released file {RELEASES[name].file} into SOFTDASH_WEIGHTS_DIR, or, without such a folder, let it be "
        "fetched: SOFTDASH_DOWNLOAD_WEIGHTS=true."
    )


_LICENCE = "MIT"
_PAPER = "doi:10.48550/arXiv.2401.00096"
_NO_LONELY_ATOMS = "An atom without a neighbour within 6 Å is refused: the force on it is zero by construction."
_IDENTITY = "Computed in float32. The file is opened only if its SHA-256 is that of the release."
_NO_ENERGY_PUBLISHED = (
    "No energy of a crystal is published for these weights: besides the SHA-256 of their file, only a coarse energy of "
    "copper and the agreement of force and energy are checked when they load."
)
# The numbers are others', computed in float64 with other versions of torch and e3nn.
_ENERGY_TOLERANCE = 2e-3
_COARSE_TOLERANCE = 5e-2
_TESTS_OF_JANUS = "tests of janus-core, github.com/stfc/janus-core, tests/test_single_point.py"
_TESTS_OF_QUACC = "tests of quacc, github.com/Quantum-Accelerators/quacc, tests/core/recipes/mlp_recipes"


def _card(name: str, label: str, known: KnownEnergy, *notes: str, **differences: Any) -> PotentialCard:
    return PotentialCard(
        **{
            "name": name,
            "label": label,
            "family": "mace",
            "queue": "mace",
            "version": RELEASES[name].file.removesuffix(".model"),
            "package": "mace-torch",
            "elements": _ELEMENTS,
            "functional": "PBE / PBE+U",
            "training_set": "MPtrj 2022.9 (1,580,395 frames of 145,923 compounds)",
            "licence": _LICENCE,
            "citation": _PAPER,
            "is_installed": partial(_is_installed, name),
            "weights_sha256": partial(_weights_sha256, name, label),
            "load": partial(_load, name, label),
            "known_energies": (known,),
            "notes": (*notes, _NO_LONELY_ATOMS, _IDENTITY),
            "weights_advice": _where_to_put(name),
            **differences,
        }
    )


POTENTIALS = (
    _card(
        "mace-mp-0-medium",
        "MACE-MP-0 medium",
        KnownEnergy("Cu fcc 3.61", -4.08391, _ENERGY_TOLERANCE, _TESTS_OF_QUACC),
        "The MACE of the softening paper.",
    ),
    _card(
        "mace-mp-0-small",
        "MACE-MP-0 small",
        KnownEnergy("NaCl rocksalt 5.64", -3.37939, _ENERGY_TOLERANCE, _TESTS_OF_JANUS),
    ),
    _card(
        "mace-mp-0-large",
        "MACE-MP-0 large",
        KnownEnergy("Cu fcc 3.61", -4.09, _COARSE_TOLERANCE, "three other potentials of the same training set"),
        _NO_ENERGY_PUBLISHED,
    ),
    _card(
        "mace-mpa-0-medium",
        "MACE-MPA-0 medium",
        KnownEnergy("Cu fcc 3.61", -4.09786, _ENERGY_TOLERANCE, _TESTS_OF_QUACC),
        training_set="MPtrj 2022.9 and sAlex, a part of Alexandria (about 12 million frames)",
    ),
    *local_cards(),
)
