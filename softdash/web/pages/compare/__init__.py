"""Potentials compared: errors before and after correction, slope against slope, medians of all data sets."""
