"""Point defects: formation energies by potentials against DFT, as published (Fig. 2b) and as recomputed."""
