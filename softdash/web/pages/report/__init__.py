"""One diagnosis under its own link: progress while it runs, then the report; the same for everybody with the link."""
