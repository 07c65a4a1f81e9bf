"""Rows of forces brought to the atoms, and the cell, that they belong to."""
