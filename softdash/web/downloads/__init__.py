"""Addresses of tables below `/download/`."""
