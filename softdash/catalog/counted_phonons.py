"""Which recomputed phonons count in distributions and medians: one rule for pages, reports and the documentation."""

from __future__ import annotations

import pandas as pd

from softdash.catalog.catalog import Catalog


def counted_phonons(catalog: Catalog, geometry: str) -> pd.DataFrame:
    """Return the rows of `softdash.catalog.schemas.RECOMPUTED_PHONONS` at one geometry that count in distributions.

    They are of the paper's crystals, and of relaxations that converged: one that wanders on a flat energy surface ends
    anywhere.

    Parameters
    ----------
    catalog : Catalog
    geometry : str
        ``"relaxed"``, each method at its own structure, or ``"fixed"``, all at that of DFT.
    """
    rows = catalog.phonon_materials()
    known = catalog.phonon_max_frequencies()["material_id"]
    return rows[(rows["method"] == geometry) & rows["material_id"].isin(known) & rows["has_converged"]]
