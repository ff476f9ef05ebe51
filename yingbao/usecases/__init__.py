"""One file per journey; each opens the one transaction."""
