"""Which tests compute by a network: they are left out where its library is not installed (`make test-lowest`)."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_chgnet = pytest.mark.skipif(find_spec("chgnet") is None, reason="computes by CHGNet")
