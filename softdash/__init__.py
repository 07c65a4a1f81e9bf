"""softdash: how much too soft is a universal machine-learning interatomic potential?"""

from __future__ import annotations

__version__ = "0.1.0"
