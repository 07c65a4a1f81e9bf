"""The page "What a slope can and cannot tell": each of its numbers is computed from the shipped tables.

``python -m softdash.benchmarks.slope_claims > docs/what-a-slope-tells.md`` writes it. The prose is ``page.md.jinja``;
the other modules each fill the numbers of some of its sections.
"""
