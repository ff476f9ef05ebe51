"""Users, roles, what each may see and do, the audit trail, and remembered requests."""
