"""Households, residents, identities, rosters, and who is covered elsewhere."""
