"""How to cite a report: the paper that defines the softening scale, and the report itself."""

from __future__ import annotations

from softdash.diagnosis.records import Report

PAPER_DOI = "10.1038/s41524-024-01500-6"
PAPER = (
    "B. Deng et al., Systematic softening in universal machine learning interatomic potentials, "
    f"npj Comput. Mater. 11, 9 (2025), doi:{PAPER_DOI}"
)


def bibtex(report: Report) -> str:
    """Return BibTeX entries of the paper and of the report."""
    title = "".join(letter for letter in report.title if letter not in "{}\\").strip()
    year, month = report.finished_at.year, report.finished_at.strftime("%b").lower()
    return f"""@article{{deng2025softening,
  author  = {{Deng, Bowen and others}},
  title   = {{Systematic softening in universal machine learning interatomic potentials}},
  journal = {{npj Computational Materials}},
  volume  = {{11}},
  pages   = {{9}},
  year    = {{2025}},
  doi     = {{{PAPER_DOI}}}
}}
@misc{{softdash-{report.id[:8]},
  title  = {{{title}}},
  year   = {{{year}}},
  month  = {month},
  note   = {{softdash {report.softdash_version}, report {report.id}, result SHA-256 {report.result_sha256}}}
}}"""
