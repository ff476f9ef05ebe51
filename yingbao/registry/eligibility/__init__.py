"""What shows that somebody may enrol, its scans, and the town office's word on it."""
