from __future__ import annotations

import subprocess
import sys


def test_statistics_need_no_library_of_atoms_or_tables():
    code = "import sys, softdash.softening; print([m for m in ('ase', 'scipy', 'pandas', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
