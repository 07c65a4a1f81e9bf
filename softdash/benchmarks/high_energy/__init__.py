"""Forces of compounds away from equilibrium: the softening scale of each."""
