"""Rows told apart by the names of their sites."""

from __future__ import annotations

import numpy as np
import pytest

from softdash.structures.matching.label_order import order_by_labels

NUMBERS = np.array([22, 22, 8, 8, 8, 8])
OWN = ("Ti1", "Ti2", "O1", "O2", "O3", "O4")
SHUFFLED = [4, 0, 3, 1, 5, 2]


@pytest.mark.parametrize(
    "written",
    [
        OWN,
        ("TI1", "TI2", "o1", "O2", "O3", "O4"),
        ("Ti(1)", "Ti(2)", "O(1)", "O(2)", "O(3)", "O(4)"),
        ("Ti_1", "Ti_2", "O 1", "O-2", "O_3", "O.4"),
    ],
)
def test_own_labels_in_any_spelling(written: tuple[str, ...]) -> None:
    found = order_by_labels([written[row] for row in SHUFFLED], OWN, NUMBERS)
    assert found is not None
    assert np.array_equal(np.array(SHUFFLED)[found.order], np.arange(6))
    assert found.is_certain
    assert found.is_complete


def test_own_labels_in_an_order_of_their_own() -> None:
    own = ("Ti2", "Ti1", "O4", "O1'", "O1", "O7A")
    found = order_by_labels([own[row].upper() for row in SHUFFLED], own, NUMBERS)
    assert found is not None
    assert np.array_equal(np.array(SHUFFLED)[found.order], np.arange(6))
    assert found.is_certain


@pytest.mark.parametrize("own", [None, ("Ti", "Ti", "O", "O", "O", "O"), ("Ti0", "Ti1", "O2", "O3", "O4", "O5")])
@pytest.mark.parametrize(
    "written",
    [
        OWN,
        ("Ti0", "Ti1", "O0", "O1", "O2", "O3"),
        ("Ti1", "Ti2", "O3", "O4", "O5", "O6"),
    ],
)
def test_numbered_labels_count_the_atoms(own: tuple[str, ...] | None, written: tuple[str, ...]) -> None:
    found = order_by_labels([written[row] for row in SHUFFLED], own, NUMBERS)
    assert found is not None
    assert np.array_equal(np.array(SHUFFLED)[found.order], np.arange(6))
    assert found.is_complete
    assert not found.is_certain


def test_deuterium_is_hydrogen() -> None:
    found = order_by_labels(["D2", "O1", "D1"], None, np.array([1, 1, 8]))
    assert found is not None
    assert found.order.tolist() == [2, 0, 1]


def test_labels_of_sites_that_symmetry_multiplied_give_groups() -> None:
    own = ("Ti1", "Ti1", "O1", "O1", "O2", "O2")
    found = order_by_labels(["O2", "Ti1", "O1", "O2", "Ti1", "O1"], own, NUMBERS)
    assert found is not None
    assert found.order.tolist() == [1, 4, 2, 5, 0, 3]
    assert not found.is_complete
    assert not found.is_certain


@pytest.mark.parametrize(
    "written",
    [
        ("Ti", "Ti", "O", "O", "O", "O"),
        ("Ti1", "Ti1", "O1", "O1", "O1", "O1"),
        ("Ti1", "Ti3", "O1", "O2", "O3", "O4"),
        ("Ti1", "Ti2", "O1", "O2", "O3", "Ti3"),
        ("Ti5", "Ti6", "O7", "O8", "O9", "O10"),
        ("a", "b", "c", "d", "e", "f"),
        ("Ti1", "Ti2", "O1", "O2", "O3"),
    ],
)
def test_labels_that_tell_no_order(written: tuple[str, ...]) -> None:
    assert order_by_labels(written, OWN, NUMBERS) is None


def test_plain_elements_in_the_structure_tell_no_order() -> None:
    plain = ("Ti", "Ti", "O", "O", "O", "O")
    assert order_by_labels(plain, plain, NUMBERS) is None
