"""A receipt on paper: A5 or 80 mm, what was decided then, and a mark across what counts no more."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest
from django.db import transaction

from tests.journeys.cast import IN_TIME, POLICY, TOWN, Cast, at, family, household, mark
from tests.journeys.test_receipt_life import collect, void
from tests.journeys.test_receiving import enrol, holds, pay
from tests.journeys.test_taking_back import take
from tests.journeys.test_verifying import falsify
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Due, OfficeSeal, Payment, PaymentLine, Receipt
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.periods import DAY
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.print_receipts import print_receipt, print_receipt_slip, print_voucher
from yingbao.usecases.receipts import set_seal

SEAL = f"{TOWN}社保所"


def read(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def width_in_mm(pdf: bytes) -> int:
    return int(pypdfium2.PdfDocument(pdf)[0].get_width() / 72 * 25.4 + 0.5)


def one_with_dibao(cast: Cast) -> tuple[int, int]:
    """Let somebody with dibao pay cash; return payment and due."""
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", cast)
    (due,) = enrol(cast, [person])
    return int(pay(cast.village_agent, [person], [due], fen=3_500)["payment"]), due


@pytest.mark.clause("BN-4.3.3b")
def test_a_receipt_bears_the_seals_text_its_number_and_every_person(cast: Cast) -> None:
    members = family()
    payment = pay(cast.village_agent, members, enrol(cast, members))["payment"]
    text = read(print_receipt(cast.village_agent, payment_id=payment))
    for word in (SEAL, "00000101", "PJ0", "东村", members[0].name, members[3].name, "1,400.00", "village-agent"):
        assert word in text, word


@pytest.mark.clause("BN-4.3.3b")
def test_a_thermal_printer_gets_the_same_on_80_mm(cast: Cast) -> None:
    payment, _due = one_with_dibao(cast)
    slip = print_receipt_slip(cast.village_agent, payment_id=payment)
    assert width_in_mm(slip) == 80
    for word in (
        SEAL,
        "00000101",
        "350.00",
        "315.00",
        "￥35.00",
        "城乡低保对象",
        "PJ-5.1.2",
        "人民币叁拾伍元整",
        "视为无效票据",
    ):
        assert word in read(slip), word


@pytest.mark.clause("BN-4.3.2")
def test_a_pos_payment_has_a_voucher_for_the_payer_and_a_stub(cast: Cast) -> None:
    (person,) = household(date(1980, 1, 1))
    dues = enrol(cast, [person])
    payment = pay(cast.village_agent, [person], dues, channel="pos", fen=35_000)["payment"]
    falsify(Payment, {"pk": payment}, terminal="T01", reference="000123")
    voucher = print_voucher(cast.village_agent, payment_id=payment)
    assert width_in_mm(voucher) == 80
    text = read(voucher)
    for word in ("T01", "000123", "￥350.00", "缴费人留存", "存根联", SEAL, person.name, "00000101"):
        assert word in text, word
    assert "终端T01凭证000123" in read(print_receipt(cast.village_agent, payment_id=payment))
    falsify(Payment, {"pk": payment}, channel="cash")
    with pytest.raises(NotFound, match="不是POS缴费"):
        print_voucher(cast.village_agent, payment_id=payment)


@pytest.mark.clause("BN-4.3.3b")
def test_a_void_and_a_taken_back_form_are_marked(cast: Cast) -> None:
    answer = void(cast.village_agent, collect(cast))
    payment = Payment.objects.get().pk
    standing = read(print_receipt(cast.village_agent, payment_id=payment))
    assert "00000102" in standing and "作废" not in standing
    for printed in (print_receipt, print_receipt_slip):
        old = read(printed(cast.village_agent, payment_id=payment, receipt_id=answer["void"]))
        assert "00000101" in old and "作废" in old and "打印时夹纸" in old
    take(cast, payment)
    assert "已收回" in read(print_receipt(cast.village_agent, payment_id=payment))


def test_a_form_of_another_payment_is_not_printed(cast: Cast) -> None:
    first, second = collect(cast, key="one"), collect(cast, key="two")
    payment = Receipt.objects.get(pk=first).payment_id or 0
    with pytest.raises(NotFound, match="没有纸质收据"):
        print_receipt(cast.village_agent, payment_id=payment, receipt_id=second)
    for actor in (cast.outsider, cast.next_agent):
        with pytest.raises(NotFound):
            print_receipt(actor, payment_id=payment)


def cleared_for_less(cast: Cast) -> int:
    """Cash is taken at the full rate; a roster comes in before it clears, and less is owed. Return the payment."""
    (person,) = household(date(1950, 1, 1))
    agent: Actor = cast.village_agent
    payment = int(pay(agent, [person], enrol(cast, [person]), fen=35_000)["payment"])
    deposit_cash(agent, amount_fen=35_000, slip_number="S1", year=2023, on=IN_TIME, key="d", at=at(IN_TIME))
    declared = declare_cash(agent, year=2023, on=IN_TIME, key="declare", at=at(IN_TIME))["declaration"]
    mark(person, "dibao", cast)
    later = IN_TIME + DAY
    clear_declaration(cast.tax, declaration_id=declared, policy_name=POLICY, on=later, key="clear", at=at(later))
    assert Due.objects.get().amount_fen == 3_500
    return payment


@pytest.mark.clause("BN-4.3.3c")
def test_printed_again_after_less_was_owed_it_says_what_was_taken_then(cast: Cast) -> None:
    payment = cleared_for_less(cast)
    text = read(print_receipt(cast.village_agent, payment_id=payment))
    assert "￥350.00" in text and "低保" not in text and "315.00" not in text
    assert void(cast.village_agent, Receipt.objects.get().pk)  # and a spoiled one can be replaced by the same
    assert "￥350.00" in read(print_receipt(cast.village_agent, payment_id=payment))
    assert holds(cast)


def test_identity_and_clause_of_the_day_of_payment_stay_on_the_paper(cast: Cast) -> None:
    payment, due = one_with_dibao(cast)
    Due.objects.get(pk=due).enrolment.__class__.objects.update(subsidy_identity="", subsidy_fen=0, payable_fen=35_000)
    text = read(print_receipt(cast.village_agent, payment_id=payment))
    assert "城乡低保对象" in text and "PJ-5.1.2" in text and "￥35.00" in text


def test_what_was_not_kept_is_said_not_guessed(cast: Cast) -> None:
    payment = cleared_for_less(cast)
    falsify(PaymentLine, {"payment": payment}, decided=None)
    text = read(print_receipt(cast.village_agent, payment_id=payment))
    assert "收款时的身份及依据未留存" in text and "￥350.00" in text and "低保" not in text


def test_what_was_not_kept_and_has_not_changed_is_known_all_the_same(cast: Cast) -> None:
    payment, _due = one_with_dibao(cast)
    falsify(PaymentLine, {"payment": payment}, decided=None)
    assert "城乡低保对象" in read(print_receipt(cast.village_agent, payment_id=payment))


def test_old_paper_keeps_its_seal_and_paper_older_than_seals_gets_the_first(cast: Cast) -> None:
    payment, _due = one_with_dibao(cast)
    set_seal(cast.town_clerk, text="新刻的公章", on=IN_TIME + DAY, key="seal", at=at(IN_TIME))
    assert SEAL in read(print_receipt(cast.village_agent, payment_id=payment))
    OfficeSeal.objects.filter(text=SEAL).delete()
    assert "新刻的公章" in read(print_receipt(cast.village_agent, payment_id=payment))


@pytest.mark.clause("BN-4.3.3c")
def test_what_would_be_void_is_not_printed(cast: Cast) -> None:
    payment, _due = one_with_dibao(cast)
    falsify(PaymentLine, {"payment": payment}, amount_fen=3_600)
    with pytest.raises(Refused, match=r"没有打印.*实收36.00元与参保登记的应缴35.00元不符"):
        print_receipt(cast.village_agent, payment_id=payment)
    with transaction.atomic():
        OfficeSeal.objects.all().delete()
    with pytest.raises(Refused, match="公章"):
        print_receipt(cast.village_agent, payment_id=payment)
