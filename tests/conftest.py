"""What all tests share: one thread per process, and a service with worker processes that end with the test.

Tests run side by side, and threads of several processes spin against each other: the limits come before numpy.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from tests.card_folder import write_card  # noqa: E402, F401
from tests.service_fixtures import (  # noqa: E402, F401
    compute_all,
    copper,
    service,
    settings,
    slow_potential,
    start_worker,
)
