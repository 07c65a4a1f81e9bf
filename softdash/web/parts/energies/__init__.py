"""What the pages of energies share."""
