"""What is particular to a channel: how a payer goes about it, and what the channel calls its number of a payment."""
