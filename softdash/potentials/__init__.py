"""Potentials: one file per library behind one small interface, collected by a registry."""
