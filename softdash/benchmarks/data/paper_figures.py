"""The numbers behind figures of the paper: digitised points and violins, and the phonon frequencies of 229 materials.

The points of Figs 2 and 3a were read from the vector graphics: exact to the width of a line where points do not cover
each other. The violins are good for approximate medians, never for tails. The frequencies are the authors' own
numbers, from the repository that made Fig. 4b.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from softdash.benchmarks.data.tables import write_table
from softdash.catalog.digitised_schemas import VIOLINS
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.catalog.resources import ReferenceSource
from softdash.catalog.schemas import (
    BARRIER_DIFFERENCE_VIOLINS,
    CSV_TABLES,
    DIGITISED_DEFECTS,
    DIGITISED_MIGRATION_PATH,
    DIGITISED_SOLID_SOLUTION,
    DIGITISED_SURFACES,
    FREQUENCY_RATIO_VIOLINS,
    PHONON_MAX_FREQUENCIES,
    SOFTENING_SCALE_VIOLINS,
)
from softdash.errors import ReferenceDataError

PAPER = ReferenceSource(
    title="Deng et al., npj Comput. Mater. 11, 9 (2025)",
    path="https://doi.org/10.1038/s41524-024-01500-6",
    licence="CC-BY-4.0",
)
FFONONS = ReferenceSource(
    title="janosh/ffonons, phonons of 229 PhononDB materials",
    path="https://github.com/janosh/ffonons",
    commit="e863d18",
    licence="MIT",
)
# Columns of the authors' table. Its "pbe" is PhononDB's DFT, which is PBEsol.
_FREQUENCY_COLUMNS = {
    "dft_max_frequency": "pbe",
    "m3gnet_max_frequency": "m3gnet",
    "chgnet_max_frequency": "chgnet-v0.3.0",
    "mace_max_frequency": "mace-y7uhwpje",
}
MODELS = tuple(name.lower() for name in PAPER_MODELS)


@dataclass(frozen=True, slots=True)
class DigitisedFigure:
    """A figure of the paper whose points were read off, one row per point.

    Attributes
    ----------
    source_name, path : str
        File among the reference data; place under ``precomputed/``.
    columns : dict of str to str
        Column of the file for each column of the table.
    description : str
    """

    source_name: str
    path: str
    columns: dict[str, str]
    description: str


def _energy_columns(pattern: str) -> dict[str, str]:
    return {f"{name.lower()}_energy": pattern.format(name) for name in ("DFT", *PAPER_MODELS)}


POINT_FIGURES = (
    DigitisedFigure(
        "fig2a_surface_energy_eV_per_A2.csv",
        DIGITISED_SURFACES,
        {"point": "point", "is_complete": "status", **_energy_columns("{}")},
        "Surface energies in Fig. 2a of the paper, digitised: points that others cover are missing, so that no "
        "subset is the one behind the printed errors.",
    ),
    DigitisedFigure(
        "fig2b_defect_energy_eV.csv",
        DIGITISED_DEFECTS,
        {"point": "point", "is_complete": "status", **_energy_columns("{}")},
        "Point-defect energies in Fig. 2b of the paper, digitised: many points cover each other, an illustration that "
        "ranks no potentials.",
    ),
    DigitisedFigure(
        "fig2c_CaMgO_formation_energy.csv",
        DIGITISED_SOLID_SOLUTION,
        {"ordering": "config_index", "ca_fraction": "ca_fraction", **_energy_columns("E_{}_eV_per_fu")},
        "Formation energies of Ca-Mg orderings in Fig. 2c of the paper, digitised and paired over the methods.",
    ),
    DigitisedFigure(
        "fig3a_Mg_V2O3(SO4)2_mp-28207_path.csv",
        DIGITISED_MIGRATION_PATH,
        {"image": "image", **_energy_columns("E_{}_eV")},
        "Energies along a Mg migration path in V2O3(SO4)2 (mp-28207) in Fig. 3a of the paper, digitised.",
    ),
)
"""Figures of the paper that are points: 2a, 2b, 2c, 3a."""


def digitised_median(values: np.ndarray, relative_density: np.ndarray) -> float:
    """Return the median of a violin's outline: half its area lies below.

    Parameters
    ----------
    values, relative_density : ndarray, shape (n,)
        Axis values in ascending order, and the half width of the violin there.
    """
    area = np.concatenate([[0.0], np.cumsum(np.diff(values) * (relative_density[1:] + relative_density[:-1]) / 2)])
    return float(np.interp(area[-1] / 2, area, values))


def read_violins(path: Path, unit: str) -> pd.DataFrame:
    """Read a digitised violin figure (columns model, value, relative_density), and label it so.

    Parameters
    ----------
    path : pathlib.Path
    unit : str
        Of the values; ``"1"`` for ratios.

    Raises
    ------
    ReferenceDataError
        If the file is missing or breaks the schema.
    """
    table = _read(path).assign(label="digitised", unit=unit)
    return VIOLINS.check(table.sort_values(["model", "value"], ignore_index=True), str(path))


def read_digitised(path: Path, figure: DigitisedFigure) -> pd.DataFrame:
    """Read the points of a digitised figure, and label them so.

    Raises
    ------
    ReferenceDataError
        If the file is missing, lacks a column or breaks the schema of `figure`.
    """
    source = _read(path)
    missing = [column for column in figure.columns.values() if column not in source.columns]
    if missing:
        raise ReferenceDataError(f"The digitised points lack {', '.join(missing)}.", where=str(path))
    table = pd.DataFrame({new: source[old] for new, old in figure.columns.items()}).assign(label="digitised")
    if "is_complete" in table.columns:
        table["is_complete"] = table["is_complete"] == "complete"
    energies = [column for column in table.columns if column.endswith("_energy")]
    table[energies] += 0.0  # turns −0.0 into 0.0
    return CSV_TABLES[figure.path].typed(table, str(path))


def read_max_frequencies(path: Path) -> pd.DataFrame:
    """Read the authors' maximum frequencies (THz) and add the ratio of each model to DFT.

    Raises
    ------
    ReferenceDataError
        If the file is missing or lacks a column.
    """
    source = _read(path)
    missing = [column for column in _FREQUENCY_COLUMNS.values() if column not in source.columns]
    if missing:
        raise ReferenceDataError(f"The table of frequencies lacks {', '.join(missing)}.", where=str(path))
    table = source[["material_id", "formula"]].assign(**{new: source[old] for new, old in _FREQUENCY_COLUMNS.items()})
    table["formula"] = table["formula"].str.replace(" ", "").map(_reduced_formula)
    for model in MODELS:
        table[f"{model}_ratio"] = table[f"{model}_max_frequency"] / table["dft_max_frequency"]
    return table


def write_paper_figures(data_dir: Path, precomputed_dir: Path) -> None:
    """Write the digitised figures and the 229 maximum frequencies, with their entries in ``datapackage.json``.

    Parameters
    ----------
    data_dir : pathlib.Path
        Reference data with the folders ``paper`` and ``phonons``.
    """
    for name, path, figure, quantity, unit in (
        ("fig5b_softening_scale_violin.csv", SOFTENING_SCALE_VIOLINS, "Fig. 5b", "softening scales", "1"),
        (
            "fig4b_maxfreq_ratio_violin.csv",
            FREQUENCY_RATIO_VIOLINS,
            "Fig. 4b",
            "ratios of maximum phonon frequencies",
            "1",
        ),
        (
            "fig3b_barrier_difference_violin.csv",
            BARRIER_DIFFERENCE_VIOLINS,
            "Fig. 3b",
            "differences of migration barriers, potential − DFT (eV),",
            "eV",
        ),
    ):
        write_table(
            precomputed_dir,
            path,
            read_violins(data_dir / "paper" / name, unit),
            description=f"Violins of {quantity} in {figure} of the paper, digitised: their medians are approximate.",
            licence="CC-BY-4.0",
            sources=[PAPER],
        )
    for points in POINT_FIGURES:
        write_table(
            precomputed_dir,
            points.path,
            read_digitised(data_dir / "paper" / points.source_name, points),
            description=points.description,
            licence="CC-BY-4.0",
            sources=[PAPER],
        )
    write_table(
        precomputed_dir,
        PHONON_MAX_FREQUENCIES,
        read_max_frequencies(data_dir / "phonons" / "fig4b_229_max_freq_THz.csv"),
        description="Maximum phonon frequencies of the paper's 229 materials (Fig. 4b), by the authors; DFT is PBEsol.",
        licence="MIT",
        sources=[FFONONS, PAPER],
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except FileNotFoundError:
        raise ReferenceDataError("The paper's numbers are missing.", where=str(path)) from None
    except ValueError as error:
        raise ReferenceDataError(f"The paper's numbers cannot be read ({error}).", where=str(path)) from error


def _reduced_formula(formula: str) -> str:
    from pymatgen.core import Composition

    return str(Composition(formula).reduced_formula)
