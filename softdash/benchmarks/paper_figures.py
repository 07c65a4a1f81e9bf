"""The numbers behind figures of the paper: digitised violins, and the maximum phonon frequencies of 229 materials.

The violins were digitised from the published figures: good for approximate medians, never for tails. The frequencies
are the authors' own numbers, from the repository that made Fig. 4b.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from softdash.benchmarks.tables import write_table
from softdash.catalog.resources import ReferenceSource
from softdash.catalog.schemas import FREQUENCY_RATIO_VIOLINS, PHONON_MAX_FREQUENCIES, SOFTENING_SCALE_VIOLINS, VIOLINS
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
MODELS = ("m3gnet", "chgnet", "mace")


def digitised_median(values: np.ndarray, relative_density: np.ndarray) -> float:
    """Return the median of a violin's outline: half its area lies below.

    Parameters
    ----------
    values, relative_density : ndarray, shape (n,)
        Axis values in ascending order, and the half width of the violin there.
    """
    area = np.concatenate([[0.0], np.cumsum(np.diff(values) * (relative_density[1:] + relative_density[:-1]) / 2)])
    return float(np.interp(area[-1] / 2, area, values))


def read_violins(path: Path) -> pd.DataFrame:
    """Read a digitised violin figure (columns model, value, relative_density), and label it so.

    Raises
    ------
    ReferenceDataError
        If the file is missing or breaks the schema.
    """
    table = _read(path).assign(label="digitised")
    return VIOLINS.check(table.sort_values(["model", "value"], ignore_index=True), str(path))


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
    """Write the digitised violins and the 229 maximum frequencies, with their entries in ``datapackage.json``.

    Parameters
    ----------
    data_dir : pathlib.Path
        Reference data with the folders ``paper`` and ``phonons``.
    """
    for name, path, figure, quantity in (
        ("fig5b_softening_scale_violin.csv", SOFTENING_SCALE_VIOLINS, "Fig. 5b", "softening scales"),
        ("fig4b_maxfreq_ratio_violin.csv", FREQUENCY_RATIO_VIOLINS, "Fig. 4b", "ratios of maximum phonon frequencies"),
    ):
        write_table(
            precomputed_dir,
            path,
            read_violins(data_dir / "paper" / name),
            description=f"Violins of {quantity} in {figure} of the paper, digitised: their medians are approximate.",
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
