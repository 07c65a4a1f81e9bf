"""Phonons: bands of DFT and of potentials over each other, and how far the highest frequencies fall short."""
