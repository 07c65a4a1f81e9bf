"""Names of the data sets on the pages."""

from __future__ import annotations

from softdash.benchmarks.data.datasets import dataset
from softdash.errors import ReferenceDataError


def dataset_label(name: str) -> str:
    """Return the name to show for a data set; its identifier where softdash does not know it."""
    try:
        return dataset(name).label
    except ReferenceDataError:
        return name


def dataset_kind(name: str) -> str:
    """Return what a data set is good for, in a few words; empty where softdash does not know it."""
    try:
        return str(dataset(name).kind)
    except ReferenceDataError:
        return ""
