"""Paper around a refund: what is taken back and printed, said where it is done; whom the tax officer is to pay."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.web.conftest import PAID_ON, TODAY, Login, Story
from tests.web.refunding import approved, ask_for
from yingbao.collection.models import Receipt
from yingbao.collection.queries import find_payment
from yingbao.registry.models import Resident
from yingbao.usecases.receipting import form_of


def page_of(login: Login, part: str, name: str, *args: object) -> str:
    return login(part).get(reverse(name, args=args)).content.decode()


def test_the_tax_officer_sees_whom_to_pay(story: Story, login: Login) -> None:
    refund, person = approved(story), story.paid[2]
    person.refresh_from_db()
    page = page_of(login, "tax", "refund", refund)
    assert person.name in page and person.certificate_number not in page
    assert person.certificate_number[-4:] in page and reverse("resident", args=[person.pk]) not in page
    assert person.name in page_of(login, "tax", "refunds")
    assert story.paid[0].name not in page  # of the same receipt, not refunded


@pytest.mark.clause("BN-4.3.3b")
def test_the_asker_is_told_to_take_the_paper_back_before(story: Story, login: Login) -> None:
    (form,) = Receipt.objects.filter(payment=story.payment)
    number = f"{form.book.series}-{form.number}"
    asking = login("village-agent").get(f"{reverse('ask-refund')}?payment={story.payment}").content.decode()
    assert f"先向缴费人收回收据 {number} 的原件" in asking
    page = page_of(login, "town-clerk", "refund", ask_for(story, story.paid[2]))
    assert "批准前先向缴费人收回原件" in page and number in page


@pytest.mark.clause("BN-4.3.3b")
def test_after_a_part_refund_page_and_day_say_what_to_take_back_and_what_to_print(story: Story, login: Login) -> None:
    refund = approved(story)
    (old,) = Receipt.objects.filter(payment=story.payment)
    before = page_of(login, "village-agent", "day")
    assert "退费后的收据" in before and f"{old.book.series}-{old.number}" in before
    assert reverse("payment", args=[story.payment]) + "#reissue" in before
    login("village-agent").post(reverse("reissue-receipt", args=[story.payment]), {"key": "web-form"})
    new = Receipt.objects.get(payment=story.payment, state="issued")
    asked = page_of(login, "town-clerk", "refund", ask_for(story, story.paid[3]))
    assert "批准前先向缴费人收回原件" in asked and "打印并交给" not in asked  # the newest comes back now
    for page in (page_of(login, "village-agent", "day"), page_of(login, "town-clerk", "refund", refund)):
        said = page.split("收回原件")[1]
        assert f"{old.book.series}-{old.number}" in said and f"{new.book.series}-{new.number}" in said
        assert "打印并交给留下的人" in said and "原件待另一人查看" in said
    assert "退费后的收据" not in page_of(login, "town-clerk", "day")  # not the clerk's to print


def test_the_days_payments_show_what_the_new_receipt_states(story: Story, login: Login, settings: Settings) -> None:
    approved(story)
    agent = login("village-agent")
    agent.post(reverse("reissue-receipt", args=[story.payment]), {"key": "web-form"})
    new = Receipt.objects.get(payment=story.payment, state="issued")
    payment = find_payment(story.payment)
    assert payment is not None and (payment.amount_fen, payment.stated_fen) == (108_500, 73_500)
    settings.YINGBAO_TODAY = PAID_ON.isoformat()
    assert "收据写 735.00" in page_of(login, "village-agent", "day")
    assert form_of(payment, seal="章", issued_on=TODAY, form=new).amount_fen == 73_500


@pytest.mark.clause("BN-4.3.3c")
@pytest.mark.parametrize(("gone", "on_paper", "payer"), [(0, True, 3), (2, True, 0), (0, False, 0)])
def test_a_payer_who_is_off_the_paper_is_not_its_payer(
    story: Story, login: Login, gone: int, on_paper: bool, payer: int
) -> None:
    """The eldest of who stays takes the head's place; a head who stays, or never was on it, is the payer."""
    members = story.paid
    assert Resident.objects.get(pk=members[0].pk).relation == "head"
    payment = find_payment(story.payment)
    assert payment is not None
    (form,) = payment.receipts.all()
    lines = [one for one in payment.lines.all() if one.resident_id != members[gone].pk]
    form.stated = [one.pk for one in lines]
    if not on_paper:
        payment._prefetched_objects_cache["lines"] = lines  # type: ignore[attr-defined]
    assert form_of(payment, seal="章", issued_on=TODAY, form=form).payer == members[payer].name
