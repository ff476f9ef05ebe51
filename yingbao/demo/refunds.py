"""A day of refunds: paid twice, insured as an employee, the wrong tier, and a due that came out short is topped up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from yingbao.accounts.actors import Actor
from yingbao.collection import queries as collection
from yingbao.collection.refunding import queries as refunding
from yingbao.demo.counter import Open, can_enrol
from yingbao.demo.desk import POLICY
from yingbao.demo.season import Season
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.messages import N_
from yingbao.kernel.money import format_yuan
from yingbao.policy import get_policy
from yingbao.registry.facts import of_residents
from yingbao.storage.fields import Json
from yingbao.usecases.ask_refund import ask_refund
from yingbao.usecases.decide_refund import approve_refund
from yingbao.usecases.deciding import decide
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.pay_refund import pay_refund
from yingbao.usecases.top_up import missing_of, top_up
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind


def play(season: Season, *, at: datetime) -> list[Told]:
    """Play the day of ``at``; say what was done, sentence by sentence. What the season has no case of is left out."""
    free = can_enrol(season, season.desk.clerk, at)
    employee, hasty = next(free), next(free)
    return [
        *_paid_twice(season, at),
        _insured_as_employee(season, employee, at),
        _wrong_tier(season, hasty, at),
        *_short(season, at),
    ]


def _paid_twice(season: Season, at: datetime) -> Iterator[Told]:
    """Money that came online for people who had paid goes back through the channel."""
    found = worklist.open_items(season.desk.clerk).filter(kind=Kind.DUPLICATE_PAYMENT, subject_kind="payment").first()
    if found is not None:
        lines = [line.pk for line in refunding.lines_of_payment(found.subject_id) if line.due_id is None]
        fen = _pay_back(season, found.subject_id, lines, "paid-twice", at)
        yield N_("退费：重复缴的{yuan}元，一人申请、另一人审批，税务局按原渠道退回"), {"yuan": format_yuan(fen)}


def _insured_as_employee(season: Season, one: Open, at: datetime) -> Told:
    """Somebody found work a day after paying: before benefits begin all of it goes back, and the enrolment ends."""
    payment = _enrol(season, one, 1, at, "employee")
    fen = _pay_back(season, payment, _lines(payment), "employee", at)
    return N_("退费：一人参加职工医保，待遇未开始，退{yuan}元，参保登记取消"), {"yuan": format_yuan(fen)}


def _wrong_tier(season: Season, one: Open, at: datetime) -> Told:
    payment = _enrol(season, one, 1, at, "wrong")
    fen = _pay_back(season, payment, _lines(payment), "wrong-tier", at)
    again = collection.find_payment(_enrol(season, one, 2, at, "right"))
    words: Json = {"yuan": format_yuan(fen), "again": format_yuan(again.amount_fen if again else 0)}
    return N_("退费：一人档次选错，退{yuan}元，按新档次重新登记，缴{again}元"), words


def _short(season: Season, at: datetime) -> Iterator[Told]:
    """Cash of the last days before the deadline cleared after it: the rest is paid."""
    clerk, policy, on = season.desk.clerk, get_policy(POLICY), at.date()
    found = worklist.open_items(clerk).filter(kind=Kind.PAID_TOO_LITTLE).first()
    due = collection.dues_of([found.subject_id], year=policy.year).get(found.subject_id) if found else None
    if due is None:
        return
    missing = missing_of(policy, [due], of_residents([due.enrolment.resident_id], on=on), on=on).get(due.pk)
    if missing is not None and missing.fen:
        terms: Json = {"policy_name": POLICY, "on": on, "key": "demo-top-up", "at": at}
        top_up(season.desk.channels["wechat"], due_id=due.pk, channel="wechat", amount_fen=missing.fen, **terms)
        yield N_("补缴：一人过期限才到账，少缴的{yuan}元补齐，当天到账"), {"yuan": format_yuan(missing.fen)}


def _enrol(season: Season, one: Open, tier: int, at: datetime, key: str) -> int:
    """Let somebody enrol and pay by WeChat; return the payment."""
    facts, _fen = one
    policy, on = get_policy(POLICY), at.date()
    answer = enrol_and_pay(
        season.desk.channels["wechat"],
        household_id=facts.household_id,
        tiers={facts.resident_id: tier},
        channel="wechat",
        amount_fen=decide(policy, facts, tier=tier, paid_on=on).payable_fen or 0,
        policy_name=POLICY,
        on=on,
        key=f"demo-refund-{key}",
        at=at,
    )
    return int(answer["payment"])


def _lines(payment_id: int) -> list[int]:
    return [line.pk for line in refunding.lines_of_payment(payment_id)]


def _pay_back(season: Season, payment_id: int, lines: list[int], reason: str, at: datetime) -> int:
    """Ask, approve and pay out; return the fen."""
    clerk, second, tax = season.desk.clerk, season.desk.second_clerk, season.desk.tax
    terms: Json = {"policy_name": POLICY, "on": at.date(), "at": at}
    asked = ask_refund(
        clerk, payment_id=payment_id, line_ids=lines, reason=reason, note="", key=f"demo-ask-{payment_id}", **terms
    )
    refund = int(asked["refund"])
    approve_refund(second, refund_id=refund, why="已核实", key=f"demo-approve-{payment_id}", **terms)
    ids = [one.pk for one in refunding.case_of(clerk, refund)]
    _pay_out(tax, ids, payment_id, at)
    return int(asked["amount_fen"])


def _pay_out(tax: Actor, ids: list[int], payment_id: int, at: datetime) -> None:
    reference, key = f"TK{payment_id:08d}", f"demo-pay-back-{payment_id}"
    pay_refund(tax, refund_ids=ids, way="channel", reference=reference, on=at.date(), key=key, at=at)
