"""Refunds: asked for by one, decided by another, paid out by the way the money came."""
