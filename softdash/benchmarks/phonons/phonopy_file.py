"""A reader's own phonons in the place of an entry of PhononDB: ``softdash benchmark phonons --reference FILE``."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path
from typing import Any

import numpy as np

from softdash.benchmarks.data.reference_file import own_name, own_source
from softdash.benchmarks.phonons.phonondb import PhononDBEntry, read_entry
from softdash.errors import ReferenceDataError

_ARCHIVE_SUFFIX = ".tar.xz"
_YAML_SUFFIXES = (".yaml", ".yml")
_COMPRESSED = {".gz": gzip.decompress, ".xz": lzma.decompress}
_ADVICE = "Give phonopy_params.yaml with displacements and forces, or an archive of PhononDB (NAME.tar.xz)."
_LENGTH_UNIT, _FORCE_UNIT = "angstrom", "eV/angstrom"


def read_phonon_file(file: Path) -> PhononDBEntry:
    """Read a crystal with its displacements and DFT forces.

    Parameters
    ----------
    file : pathlib.Path
        An archive as PhononDB publishes it, which keeps its name, or a ``phonopy_params.yaml`` of one displaced atom
        for each supercell, also compressed (``.gz``, ``.xz``).

    Raises
    ------
    ReferenceDataError
        If it is neither, or lacks displacements or forces, or its units are not Å and eV/Å.
    """
    if file.name.endswith(_ARCHIVE_SUFFIX):
        return read_entry(file)
    name = file.name.removesuffix(file.suffix) if file.suffix in _COMPRESSED else file.name
    if not name.lower().endswith(_YAML_SUFFIXES):
        raise ReferenceDataError("This is no file of phonons.", where=file.name, advice=_ADVICE)
    data = _phonopy_data(file)
    if data.unitcell is None or data.supercell_matrix is None:
        raise ReferenceDataError(
            "The file lacks the unit cell or the supercell matrix.", where=file.name, advice=_ADVICE
        )
    _require_units(data, file)
    _require_forces(data.dataset, file)
    primitive = np.eye(3) if data.primitive_matrix is None else np.asarray(data.primitive_matrix, dtype=np.float64)
    return PhononDBEntry(
        own_name(file),
        data.unitcell,
        np.asarray(data.supercell_matrix, dtype=np.int64),
        primitive,
        data.dataset,
        own_source(file),
    )


def _phonopy_data(file: Path) -> Any:
    import yaml  # type: ignore[import-untyped]
    from phonopy.interface.phonopy_yaml import load_phonopy_yaml

    # phonopy's own way to open the file takes YAML's full loader, which runs what the file says.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = _COMPRESSED.get(file.suffix, bytes)(file.read_bytes())
        return load_phonopy_yaml(yaml.load(content, Loader=loader))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ReferenceDataError(f"The file cannot be read ({reason}).", where=file.name, advice=_ADVICE) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError) as error:
        raise ReferenceDataError(
            f"phonopy cannot understand this file ({type(error).__name__}: {error}).", where=file.name, advice=_ADVICE
        ) from error


def _require_units(data: Any, file: Path) -> None:
    from phonopy.interface.calculator import get_calculator_physical_units

    # A file may name its units, or only the program they are usual for.
    units = data.physical_units or get_calculator_physical_units(data.calculator)
    if (units.length_unit, units.force_unit) == (_LENGTH_UNIT, _FORCE_UNIT):
        return
    raise ReferenceDataError(
        f"Lengths are in {units.length_unit}, forces in {units.force_unit}; Å and eV/Å are read.",
        where=file.name,
        advice="Convert the file with phonopy.",
    )


def _require_forces(dataset: Any, file: Path) -> None:
    if not dataset:
        raise ReferenceDataError("The file has no displacements.", where=file.name, advice=_ADVICE)
    if "first_atoms" not in dataset:
        raise ReferenceDataError(
            "Its supercells have all atoms displaced at random.",
            where=file.name,
            advice="Give finite displacements of one atom for each supercell (phonopy -d).",
        )
    if any("forces" not in one for one in dataset["first_atoms"]):
        raise ReferenceDataError(
            "The file has displacements without forces.",
            where=file.name,
            advice="Put both into one file, by the option --sp of phonopy or by Phonopy.save.",
        )
