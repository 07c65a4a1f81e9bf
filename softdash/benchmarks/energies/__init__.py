"""Energies of relaxed structures: surfaces, point defects, solid solution, ion migration (paper, Figs 2 and 3)."""
