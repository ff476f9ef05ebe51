"""The tests; ``dev.py test`` runs them all."""
