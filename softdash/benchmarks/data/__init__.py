"""Reference data: which sets there are, where they come from, how they are read and written."""
