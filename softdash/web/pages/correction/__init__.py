"""Correction and fine-tuning: what one factor and what few labels repair (the paper's Fig. 6a), and how to do it."""
