"""``python -m softdash.benchmarks.slope_claims > docs/what-a-slope-tells.md``."""

import sys

from softdash.benchmarks.slope_claims.page import slope_page
from softdash.catalog import Catalog
from softdash.settings import get_settings

if __name__ == "__main__":
    sys.stdout.write(slope_page(Catalog(get_settings().precomputed_dir)))
