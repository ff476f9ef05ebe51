"""Append-only transfers between accounts: where every fen is."""
