"""One reader per file format; each has a function ``read``."""
