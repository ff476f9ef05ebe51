"""Public notices of who paid what."""
