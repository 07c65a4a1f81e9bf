"""The version of softdash; the one in pyproject.toml is the same (a test compares)."""

__version__ = "0.1.0"
