"""Scripts of the house that need .venv; ``dev.py`` starts them."""
