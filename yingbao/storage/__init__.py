"""What every app's tables share: the one transaction, append-only tables, encrypted fields, fen columns."""
