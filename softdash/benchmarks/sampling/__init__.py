"""Frames worth computing by DFT, for a material without labels."""
