"""Assessment on many machines: engines of others, handed one file at a time. Which and why: docs/adr/0012."""
