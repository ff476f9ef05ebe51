"""Institutions and the people on their lists (BN-3.2.2, BN-3.3.3)."""
