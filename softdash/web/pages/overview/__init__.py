"""Overview: what softening is, in one figure that one can drag, and how large it is, published and recomputed."""
