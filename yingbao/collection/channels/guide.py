"""What a channel's module says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guide:
    """How a payer goes about a channel, step by step, and what the channel calls its number of a payment."""

    steps: tuple[str, ...]
    reference: str
