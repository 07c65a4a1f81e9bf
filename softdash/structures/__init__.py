"""Readers of uploads: from files to atomic configurations with reference labels."""
