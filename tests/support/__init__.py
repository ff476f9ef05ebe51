"""What tests lean on: a PostgreSQL cluster, a browser, the tracked files."""
