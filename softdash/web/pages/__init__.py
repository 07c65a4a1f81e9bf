"""One module per page; each has ``register(app)``, which names its address and adds its callbacks.

A page whose address names a record registers ``is_found(**path_variables) -> bool``: false answers with status 404.
Its layout function takes the path variables and the query string as keyword arguments (all optional, all text).
"""

from __future__ import annotations

from softdash.web.pages.benchmarks import page as benchmarks
from softdash.web.pages.compare import page as compare
from softdash.web.pages.compare_reports import page as compare_reports
from softdash.web.pages.correction import page as correction
from softdash.web.pages.diagnose import page as diagnose
from softdash.web.pages.ion_migration import page as ion_migration
from softdash.web.pages.methods import page as methods
from softdash.web.pages.overview import page as overview
from softdash.web.pages.phonons import page as phonons
from softdash.web.pages.point_defects import page as point_defects
from softdash.web.pages.report import page as report
from softdash.web.pages.sampling import page as sampling
from softdash.web.pages.softening import page as softening
from softdash.web.pages.solid_solution import page as solid_solution
from softdash.web.pages.surfaces import page as surfaces
from softdash.web.parts import not_found as not_found_404

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
