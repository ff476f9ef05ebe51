"""Targets, weekly tables, and who is still missing."""
