"""Every form of a report: what it says in words and rows, and the files and pages that carry it."""
