"""No DFT yet? States sampled of a structure, under their own link: progress, what to expect, the inputs to compute."""
