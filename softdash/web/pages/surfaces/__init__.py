"""Surfaces: surface energies by potentials against DFT, as published (Fig. 2a) and as recomputed."""
