"""Two or more reports beside each other: one table, slopes, force parity and errors over each other."""
