from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import BaseModel

from softdash.errors import ReferenceDataError
from softdash.softening import analyse_forces, softening_statistics_as_dict, softening_statistics_from_dict
from softdash.softening.statistics import SofteningStatistics


@pytest.fixture(params=["ten frames", "one frame", "one atom"])
def statistics(request, make_material) -> SofteningStatistics:
    if request.param == "one atom":
        return analyse_forces([np.array([[0.5, -1.0, 2.0]])], [np.array([[0.4, -0.9, 1.7]])], [np.array([1])])
    material = make_material(frames=10 if request.param == "ten frames" else 1)
    return analyse_forces(material.reference, material.predicted, material.numbers)


def test_round_trip_keeps_every_digit_and_every_type(statistics):
    text = json.dumps(softening_statistics_as_dict(statistics), allow_nan=False)
    again = softening_statistics_from_dict(json.loads(text))
    assert again == statistics
    assert repr(again) == repr(statistics)


def test_round_trip_inside_a_record(statistics):
    class Record(BaseModel):
        statistics: SofteningStatistics | None

    again = Record.model_validate_json(Record(statistics=statistics).model_dump_json()).statistics
    assert repr(again) == repr(statistics)


def test_numbers_are_plain_python_numbers(statistics):
    def leaves(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list | tuple):
            for inner in value:
                yield from leaves(inner)
        else:
            yield value

    kinds = {type(leaf) for leaf in leaves(softening_statistics_as_dict(statistics))}
    assert kinds <= {float, int, str, type(None)}


def test_foreign_data_is_refused_by_name(statistics):
    data = softening_statistics_as_dict(statistics)
    del data["slope"]
    with pytest.raises(ReferenceDataError, match="slope"):
        softening_statistics_from_dict(data)
