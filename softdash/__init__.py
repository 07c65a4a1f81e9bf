"""How much too soft is a universal machine-learning interatomic potential: benchmarks, and your own material.

In Python: ``softdash.diagnose(frames, "chgnet-0.3.0")``, and ``softdash.ScaledCalculator`` for the correction. They are
loaded when they are asked for: importing softdash costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softdash.notebook import Diagnosis as Diagnosis
    from softdash.notebook import diagnose as diagnose
    from softdash.potentials.scaled_calculator import ScaledCalculator as ScaledCalculator

from softdash.version import __version__

_HOMES = {
    "Diagnosis": "softdash.notebook",
    "ScaledCalculator": "softdash.potentials.scaled_calculator",
    "diagnose": "softdash.notebook",
}

__all__ = ["Diagnosis", "ScaledCalculator", "__version__", "diagnose"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'softdash' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
