"""One script per figure, each printing a ratio against a limit or a peer; `python3 dev.py bench` runs them."""
