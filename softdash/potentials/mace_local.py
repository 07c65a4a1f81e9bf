"""MACE models that the operator of this installation gives: each file in ``SOFTDASH_MACE_MODELS_DIR`` gets a card.

``zeolite.model`` becomes ``mace-local-zeolite``. A file ``zeolite.json`` beside it may say what the model was trained
on (see `ModelDescription`); reports and warnings repeat it. The folder is read once, when the process starts.

Such files are pickles, which may carry programs: never let visitors write into that folder. Uploads never get there.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from ase.data import chemical_symbols
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from softdash.errors import PotentialUnavailableError
from softdash.potentials.card_description import FUNCTIONAL_NOT_STATED
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.potentials.mace_network import load_model
from softdash.potentials.weights_files import sha256_of
from softdash.settings import get_settings

logger = logging.getLogger(__name__)

PREFIX = "mace-local-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_ALL_ELEMENTS = frozenset(chemical_symbols[1:])


class KnownEnergyOfModel(BaseModel):
    """An energy per atom (eV) to be checked when the model loads; see `softdash.potentials.interface.KnownEnergy`."""

    model_config = ConfigDict(extra="forbid")

    structure: str = Field(pattern=r"^[A-Z][A-Za-z]* [a-z0-9]+ [0-9.]+$")
    energy_per_atom: float
    tolerance: float = Field(1e-3, gt=0)
    source: str = "the operator of this installation"


class ModelDescription(BaseModel):
    """What ``NAME.json`` may say of ``NAME.model``; each entry may be left out."""

    model_config = ConfigDict(extra="forbid")

    label: str | None = None
    functional: str = FUNCTIONAL_NOT_STATED
    training_set: str = "Given by the operator of this installation, who states no training set"
    licence: str = "the operator's"
    citation: str = "doi:10.48550/arXiv.2206.07697"
    elements: frozenset[str] | None = None
    known_energies: tuple[KnownEnergyOfModel, ...] = ()


def local_cards() -> tuple[PotentialCard, ...]:
    """Return one card per ``.model`` file of the folder, in the order of their names; none where no folder is given."""
    folder = get_settings().mace_models_dir
    if folder is None:
        return ()
    if not folder.is_dir():
        logger.warning("SOFTDASH_MACE_MODELS_DIR is no folder: %s", folder)
        return ()
    cards = []
    for file in sorted(folder.glob("*.model")):
        if _NAME.fullmatch(file.stem):
            cards.append(local_card(file))
        else:
            logger.warning("%s is skipped: a name has letters, digits, '.', '_' and '-' only", file.name)
    return tuple(cards)


def local_card(file: Path) -> PotentialCard:
    """Return the card of one model; where its description cannot be read, the card is not installed and says why."""
    name, problem = f"{PREFIX}{file.stem}", ""
    try:
        described = _description(file)
    except (OSError, ValidationError) as error:
        described, problem = ModelDescription(), _in_one_line(error)
        logger.warning("%s.json cannot be used: %s", file.stem, problem)
    label = described.label or f"MACE {file.stem}"
    return PotentialCard(
        name=name,
        label=label,
        family="mace",
        queue="mace",
        version=file.stem,
        package="mace-torch",
        elements=described.elements or _ALL_ELEMENTS,
        functional=described.functional,
        training_set=described.training_set,
        licence=described.licence,
        citation=described.citation,
        is_installed=partial(_is_installed, file, problem),
        weights_sha256=partial(sha256_of, file),
        load=partial(_load, file, label),
        notes=("A model of the operator of this installation, not one of the published universal potentials.",),
        known_energies=tuple(KnownEnergy(**energy.model_dump()) for energy in described.known_energies),
        weights_advice=(
            f"Correct {file.stem}.json in SOFTDASH_MACE_MODELS_DIR: {problem}"
            if problem
            else f"Check {file.name} in SOFTDASH_MACE_MODELS_DIR."
        ),
    )


def _description(file: Path) -> ModelDescription:
    beside = file.with_suffix(".json")
    return ModelDescription.model_validate_json(beside.read_bytes()) if beside.is_file() else ModelDescription()


def _in_one_line(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors())


def _is_installed(file: Path, problem: str) -> bool:
    return not problem and find_spec("mace") is not None and find_spec("torch") is not None and file.is_file()


def _load(file: Path, label: str) -> Potential:
    try:
        weights = file.read_bytes()
    except OSError as error:
        raise PotentialUnavailableError(
            f"The file of {label} cannot be read ({error.strerror or error}).",
            where=f"weights {file.name}",
            advice="Check SOFTDASH_MACE_MODELS_DIR.",
        ) from error
    return load_model(weights, label)
