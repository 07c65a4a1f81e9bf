"""Phonon bands, densities of states and highest frequencies."""
