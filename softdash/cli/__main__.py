"""``python -m softdash.cli``."""

from __future__ import annotations

from softdash.cli import main

main()
