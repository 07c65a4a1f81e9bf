"""Methods: how every number is made, what it rests on, and what it does not say."""
