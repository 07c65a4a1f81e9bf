"""Softening scale: its distribution over materials and elements, down to the parity plot of each material."""
