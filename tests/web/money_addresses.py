"""Addresses of refunds, of topping up by phone, and of money kept for nobody: no town or village sees any of that."""

from __future__ import annotations

from tests.journeys.kept import keep_for_nobody
from tests.web.conftest import Story
from tests.web.refunding import approved

ELSEWHERE = "town-clerk village-agent next-agent outsider"
SEEN, ABROAD = "bureau tax town-clerk village-agent auditor", "next-agent outsider"

# address name → (its arguments, who gets 200, who gets 404), as in test_who_sees_what
PAGES: dict[str, tuple[str, str, str]] = {
    "agent-cash": ("agent", SEEN, ABROAD),
    "refunds": ("", f"{SEEN} {ABROAD}", ""),
    "refund": ("refund", SEEN, ABROAD),
    "refund-slip": ("refund", "bureau town-clerk village-agent auditor", ABROAD),
    "ask-ending": ("due", "town-clerk village-agent", ABROAD),
    "kept": ("", f"bureau tax auditor {ELSEWHERE}", ""),
    "audit-file": ("", "bureau auditor", ""),
    "payments-file": ("", f"{SEEN} {ABROAD}", ""),
    "deposits-file": ("", f"{SEEN} {ABROAD}", ""),
    "transfers-file": ("", f"{SEEN} {ABROAD}", ""),
    "kept-money": ("kept", "bureau tax auditor", ELSEWHERE),
}
ACTS: dict[str, tuple[str, str]] = {
    "save-refund": ("", ELSEWHERE),
    "save-ending": ("due", ELSEWHERE),
    "reissue-receipt": ("payment", ELSEWHERE),
    "approve-refund": ("refund", "bureau town-clerk outsider"),
    "refuse-refund": ("refund", "bureau town-clerk outsider"),
    "pay-refund": ("refund", f"tax {ELSEWHERE}"),
    "scan-top-up": ("due", ELSEWHERE),
    "take-kept": ("kept", "bureau"),
    "ask-return": ("kept", "bureau"),
    "keep-on": ("kept", "bureau"),
    "give-back": ("kept", f"tax {ELSEWHERE}"),
}


def records(story: Story) -> dict[str, list[object]]:
    """Return the arguments of these addresses: who takes cash, a refund that was approved, money that is kept."""
    return {
        "agent": [story.cast.village_agent.user_id],
        "refund": [approved(story)],
        "kept": [keep_for_nobody(story.cast).pk],
    }
