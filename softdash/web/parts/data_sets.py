"""Names and order of the data sets on the pages."""

from __future__ import annotations

from softdash.benchmarks.data.datasets import DATASETS, dataset
from softdash.errors import ReferenceDataError

_ORDER = {known.name: place for place, known in enumerate(DATASETS)}


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


def dataset_order(name: str) -> tuple[int, str]:
    """Return a sort key: the order in which softdash lists its data sets, unknown ones last."""
    return _ORDER.get(name, len(_ORDER)), name
