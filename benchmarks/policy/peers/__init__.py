"""One script per peer, each run in its own environment on the same columns."""
