"""Ion migration: energies along paths and their barriers, as published (Fig. 3) and as recomputed."""
