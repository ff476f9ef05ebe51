"""The checks behind ``lint``, one file per part of a pack; each yields findings and asks the authority's question."""
