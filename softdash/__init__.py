"""How much too soft is a universal machine-learning interatomic potential: benchmarks, and your own material."""

from __future__ import annotations

__version__ = "0.1.0"
