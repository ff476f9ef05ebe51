"""What the page tests of refunds share: a refund asked for in the story, and a due that came out short."""

from __future__ import annotations

from tests.journeys.cast import POLICY, at
from tests.web.conftest import TODAY, Story
from yingbao.collection.models import PaymentLine
from yingbao.registry.models import Resident
from yingbao.usecases.ask_refund import ask_refund
from yingbao.usecases.decide_refund import approve_refund


def ask_for(story: Story, person: Resident, reason: str = "employee") -> int:
    """Let the village's agent ask for what somebody paid; return the refund."""
    line = PaymentLine.objects.get(resident=person)
    answer = ask_refund(
        story.cast.village_agent,
        payment_id=line.payment_id,
        line_ids=[line.pk],
        reason=reason,
        note="",
        policy_name=POLICY,
        on=TODAY,
        key=f"ask-{line.pk}",
        at=at(TODAY),
    )
    return int(answer["refund"])


def approved(story: Story) -> int:
    """Let a refund be asked for and approved; return it."""
    refund = ask_for(story, story.paid[2])
    approve_refund(
        story.cast.town_clerk, refund_id=refund, why="已核实", policy_name=POLICY, on=TODAY, key="yes", at=at(TODAY)
    )
    return refund
