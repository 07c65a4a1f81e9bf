"""Uploads of a CIF and a table of forces whose truth is known: softdash's own DFT states in every form."""
