"""One module per page; each has ``register(app)``, which names its address and adds its callbacks.

A page whose address names a record registers ``is_found(**path_variables) -> bool``: false answers with status 404.
Its layout function takes the path variables and the query string as keyword arguments (all optional, all text).
"""

from __future__ import annotations

from softdash.web.pages import (
    benchmarks,
    compare,
    compare_reports,
    correction,
    diagnose,
    ion_migration,
    methods,
    not_found_404,
    overview,
    phonons,
    point_defects,
    report,
    sampling,
    softening,
    solid_solution,
    surfaces,
)

PAGES = (
    not_found_404,
    overview,
    benchmarks,
    softening,
    compare,
    compare_reports,
    surfaces,
    point_defects,
    solid_solution,
    ion_migration,
    phonons,
    correction,
    diagnose,
    report,
    sampling,
    methods,
)
"""Pages in the order of registration."""
