"""Energies of relaxed structures: surfaces, point defects, solid solution, ion migration (Figs 2 and 3 of the paper)."""
