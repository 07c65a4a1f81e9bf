"""One file per revision; written once, and not changed after its release."""
