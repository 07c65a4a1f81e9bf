"""Formulas in running text; files of reports write them alike."""

from __future__ import annotations

from softdash.reports.material_names import formula_text as formula_text
from softdash.reports.material_names import subscripted as subscripted
from softdash.reports.material_names import title_text as title_text
