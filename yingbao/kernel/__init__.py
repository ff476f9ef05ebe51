"""The pure kernel: money, dates, certificates, working days, errors. No Django, no clock, no I/O."""
