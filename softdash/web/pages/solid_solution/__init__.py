"""Solid solution: formation energies of Ca-Mg orderings in rocksalt, as published (Fig. 2c) and as recomputed."""
