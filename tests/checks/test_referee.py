"""A report's numbers are those that numpy and scipy give of its points, and the referee notices where they are not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import softdash
from softdash.settings import Settings

_CHECKS = Path(__file__).parents[2] / "checks"
_TABLES = Settings().precomputed_dir
_FRAMES = _TABLES / "references" / "gpaw_pbe"


@pytest.fixture(scope="module")
def referee() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(_CHECKS)
        import referee

        yield referee
        sys.modules.pop("referee", None)


def saved(name: str, potential: str, folder: Path, count: int | None = None) -> tuple[dict[str, Any], Path]:
    import ase.io

    file = folder / f"{name}.extxyz"
    ase.io.write(file, ase.io.read(_FRAMES / file.name, slice(count)))
    diagnosis = softdash.diagnose(file, potential)
    diagnosis.save(file.with_suffix(".csv"))
    return json.loads(diagnosis.save(file.with_suffix(".json")).read_text()), file.with_suffix(".csv")


@pytest.mark.parametrize(
    ("name", "potential", "count", "numbers"),
    [
        ("Cu3Au", "emt", None, 26),
        ("Al", "emt", 4, 24),
        ("Al", "chgnet-0.3.0", 1, 18),
        ("Li3OCl", "chgnet-0.2.0", None, 30),
        ("MgO", "chgnet-0.3.0", 3, 22),
    ],
)
def test_numpy_and_scipy_agree(
    referee: ModuleType, name: str, potential: str, count: int | None, numbers: int, tmp_path: Path
) -> None:
    found = list(referee.compared(*saved(name, potential, tmp_path, count), _TABLES))
    assert [str(number) for number in found if number.differs] == []
    assert len(found) >= numbers


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("statistics", "slope"), "slope"),
        (("statistics", "slope_interval", "high"), "upper end"),
        (("statistics", "softening_share"), "share of softening"),
        (("statistics", "frame_count"), "frames"),
        (("advice", "linear_correction_interval", "low"), "lower end of c*"),
        (("advice", "held_out", "mae_after"), "held-out MAE"),
    ],
)
def test_a_number_that_is_off_by_a_hundredth_of_a_percent_is_found(
    referee: ModuleType, path: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    report, points = saved("Cu3Au", "emt", tmp_path)
    place = report["results"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] *= 1.0001
    off = [number.where for number in referee.compared(report, points, _TABLES) if number.differs]
    assert off == [f"Cu3Au emt {name}"]
