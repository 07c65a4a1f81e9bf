"""Labelled frames: atoms with reference forces, what they are made of, and how they were read."""
