"""Diagnose: files or an example in, what was understood, choice of potentials, and off to the report."""
