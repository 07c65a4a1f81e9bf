"""Words and expressions for units of force."""
