"""Assessing people by the whole of liangping-2023, beside others who do the same, in one run."""
