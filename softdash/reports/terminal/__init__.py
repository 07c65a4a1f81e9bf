"""A report as lines of a terminal."""
