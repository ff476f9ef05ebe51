"""A register file (全员信息台账) against the register: rows, what changes, staging, set statements."""
