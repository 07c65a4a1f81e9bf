"""Typed access to the precomputed results."""

from softdash.catalog.catalog import Catalog, Population, Problem
from softdash.catalog.phonon_bands import PathSegment, PhononBands, PhononCurve
from softdash.catalog.resources import ResourceDescription

__all__ = ["Catalog", "PathSegment", "PhononBands", "PhononCurve", "Population", "Problem", "ResourceDescription"]
