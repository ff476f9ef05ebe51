"""Departments' rosters: read, checked against last month, accepted into identities, confirmed by the town."""
