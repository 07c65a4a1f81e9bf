"""Potentials that TOML files describe: ``NAME.toml`` is a card, and any ASE calculator that it names a potential.

Those of ``SOFTDASH_POTENTIALS_DIR`` are the operator's; those beside this module (``cards/``) come with softdash and
are offered once their libraries are there. The files are read once, when the process starts. A card names code that a
worker runs: never let visitors write into that folder.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials.ase import AseCalculatorPotential
from softdash.potentials.calculator_factory import CalculatorFactory, Call, is_here
from softdash.potentials.card_description import CardDescription, read_description
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.potentials.weights_files import sha256_of
from softdash.settings import get_settings

SHIPPED = Path(__file__).parent / "cards"
"""Folder of the cards that come with softdash."""
RESERVED_PREFIX = "calculator-"
"""Names of calculators that come from Python or an option, never of a card."""
NAME_RULE = (
    "Use letters, digits, '.', '_' and '-', at most 61 of them, say which version it is, and do not begin with "
    f"{RESERVED_PREFIX}."
)
"""What to do about a name that cannot be one."""

# In the tables these mean the reference, and the potentials of the paper.
_OF_THE_TABLES = frozenset({"dft", "m3gnet", "chgnet", "mace", "mace-mp-0"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
# eV/atom: float32 networks differ by less between machines, other weights by more.
_ENERGY_TOLERANCE = 1e-3
_NO_KNOWN_ENERGY = "No known energy is checked when it loads: other weights would go unnoticed."


def card_files(folder: Path) -> list[Path]:
    """Return the cards of a folder in the order of their names."""
    return sorted(folder.glob("*.toml"))


def is_potential_name(name: str) -> bool:
    """Whether a card may have this name."""
    is_free = name.lower() not in _OF_THE_TABLES and not name.startswith(RESERVED_PREFIX)
    return is_free and bool(_NAME.fullmatch(name))


def read_card(file: Path) -> PotentialCard:
    """Read one card; nothing of its library is imported.

    Raises
    ------
    InputError
        If the file cannot be read, or says something that no card says: with the file's name and the key.
    """
    if not is_potential_name(file.stem):
        raise InputError(
            f"'{file.stem}' cannot be the name of a potential.",
            where=file.name,
            advice=NAME_RULE,
        )
    return card_of(file.stem, read_card_file(file), file)


def read_card_file(file: Path) -> CardDescription:
    """Read what a file says. Raises InputError as `read_card`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError("The file cannot be read.", where=file.name, advice="Save it as text in UTF-8.") from None
    return read_description(text, file.name)


def card_of(name: str, described: CardDescription, file: Path) -> PotentialCard:
    """Return the card of a potential from what its file says."""
    package = factory_of(described, file).calculator.package
    tried = (f"Tried: {described.tried}",) if described.tried else ()
    known = tuple(
        KnownEnergy(structure, energy, _ENERGY_TOLERANCE, file.name)
        for structure, energy in described.known_energies.items()
    )
    return PotentialCard(
        name=name,
        label=described.label,
        family=described.family or name.split("-")[0].lower(),
        queue=described.queue or package,
        version=described.version,
        package=described.package or distribution_of(package),
        elements=described.elements,
        functional=described.functional,
        training_set=described.training_set,
        licence=described.licence,
        citation=described.citation,
        is_installed=partial(_is_installed, described, file),
        weights_sha256=partial(_weights_sha256, described, file),
        load=partial(_load, described, file),
        is_universal=described.universal,
        notes=(*described.notes, *tried, *(() if known else (_NO_KNOWN_ENERGY,))),
        known_energies=known,
        weights_advice=f"Put {', '.join(described.weights)} into SOFTDASH_WEIGHTS_DIR." if described.weights else "",
        forces=described.forces,
        parameter_count=described.parameters,
        released=described.date,
        install=described.install,
        calculator=str(factory_of(described, file, found=False)),
        file=file,
    )


def factory_of(described: CardDescription, file: Path, *, found: bool = True) -> CalculatorFactory:
    """Return what makes the calculator.

    Parameters
    ----------
    described : CardDescription
    file : Path
        Weights are looked for beside it, and in ``SOFTDASH_WEIGHTS_DIR``.
    found : bool
        Give files of weights as full paths.
    """
    paths = {name: str(path) for name in described.weights if (path := _weights_file(name, file)) is not None}
    known = paths if found else {}
    arguments: Any = _with_paths(described.arguments, known)
    loader_arguments: Any = _with_paths(described.loader_arguments, known)
    return CalculatorFactory(
        calculator=Call(described.calculator, arguments),
        loader=None if described.loader is None else Call(described.loader, loader_arguments),
        device=described.device,
        opens_pickles=described.opens_pickles,
        where=file.name,
    )


def distribution_of(package: str) -> str:
    """Return the distribution that brings a top-level package; the package's own name where none is known."""
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        # Looks through all distributions: only for packages that are here and called otherwise.
        return metadata.packages_distributions().get(package, [package])[0] if is_here(package) else package
    return package


def sha256_of_files(files: Iterable[Path]) -> str:
    """Return the SHA-256 of a file's contents, of several that of their sums; empty for none."""
    sums = [sha256_of(file) for file in files]
    return sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest() if sums else ""


def _is_installed(described: CardDescription, file: Path) -> bool:
    has_weights = all(_weights_file(name, file) is not None for name in described.weights)
    return has_weights and factory_of(described, file).is_here() and _version_will_do(described)


def _version_will_do(described: CardDescription) -> bool:
    if not (described.version_from or described.version_below):
        return True
    package = described.package or distribution_of(described.calculator.split(".")[0].split(":")[0])
    try:
        here = _numbers(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False
    below = described.version_below
    return _numbers(described.version_from) <= here and (not below or here < _numbers(below))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def _weights_sha256(described: CardDescription, file: Path) -> str:
    return sha256_of_files(_required(name, file) for name in described.weights)


def _load(described: CardDescription, file: Path) -> Potential:
    for name in described.weights:
        _required(name, file)
    calculator = factory_of(described, file)()
    return AseCalculatorPotential(described.label, described.elements, lambda: calculator)


def _required(name: str, file: Path) -> Path:
    found = _weights_file(name, file)
    if found is None:
        raise PotentialUnavailableError(
            f"The file of weights {name} is not here.",
            where=file.name,
            advice="Put it into SOFTDASH_WEIGHTS_DIR, or beside the card.",
        )
    return found


def _weights_file(name: str, file: Path) -> Path | None:
    weights_dir = get_settings().weights_dir
    places = [file.parent / name, *([] if weights_dir is None else [weights_dir / name])]
    return next((place.resolve() for place in places if place.is_file()), None)


def _with_paths(value: Any, paths: dict[str, str]) -> Any:
    if isinstance(value, str):
        return paths.get(value, value)
    if isinstance(value, list):
        return [_with_paths(one, paths) for one in value]
    if isinstance(value, dict):
        return {key: _with_paths(one, paths) for key, one in value.items()}
    return value
