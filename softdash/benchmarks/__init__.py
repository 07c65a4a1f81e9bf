"""Benchmarks: one file per task of the paper; each turns reference data and a potential into tables."""
