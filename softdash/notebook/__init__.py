"""softdash in Python: ``softdash.diagnose(frames, potential="chgnet-0.3.0")`` in a notebook or a script.

The same functions as behind the page, the API and the command line, hence the same numbers.
"""

from __future__ import annotations

from softdash.notebook.diagnosing import diagnose
from softdash.notebook.diagnosis import Diagnosis

__all__ = ["Diagnosis", "diagnose"]
