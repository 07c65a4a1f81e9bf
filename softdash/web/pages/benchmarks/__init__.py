"""Benchmarks: every panel of the paper's Figs 2 to 6 with its page here, data source, kind and n."""
