"""What makes a receipt void (BN-4.3.3c), asked before it is issued and again before it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class FormLine:
    """One person of a receipt: what was taken, what was due then, what the decision of then says they pay."""

    name: str
    tier: int
    amount_fen: int
    due_fen: int
    payable_fen: int


@dataclass(frozen=True, slots=True)
class Form:
    """What a receipt is to state. ``seal`` is that of the issuing office on the day of issue, empty for none."""

    seal: str
    household_no: str
    payer: str
    handler: str
    issued_on: date | None
    amount_fen: int
    lines: Sequence[FormLine]


def faults(form: Form) -> list[Message]:
    """Return why a receipt so filled would be void, a sentence each; empty where it is good (BN-4.3.3c)."""
    return [*_without_seal(form), *_incomplete(form), *_disagreeing(form)]


def _without_seal(form: Form) -> Iterator[Message]:
    if not form.seal:
        yield say(N_("开具单位没有在用的公章"))


def _incomplete(form: Form) -> Iterator[Message]:
    wanted = {
        N_("户号"): form.household_no,
        N_("缴费人"): form.payer,
        N_("经办人"): form.handler,
        N_("开具日期"): form.issued_on,
        N_("参保人"): form.lines,
    }
    for name, value in wanted.items():
        if not value:
            yield say(N_("缺少{name}"), name=say(name))
    for place, line in enumerate(form.lines, 1):
        if not line.name or line.tier < 1 or line.amount_fen <= 0:
            yield say(N_("第 {place} 行：姓名、档次、金额不全"), place=place)


def _disagreeing(form: Form) -> Iterator[Message]:
    for place, line in enumerate(form.lines, 1):
        if not line.amount_fen == line.due_fen == line.payable_fen:
            yield say(
                N_("第 {place} 行：实收{taken}元与参保登记的应缴{owed}元不符"),
                place=place,
                taken=format_yuan(line.amount_fen),
                owed=format_yuan(line.payable_fen),
            )
    summed = sum(line.amount_fen for line in form.lines)
    if summed != form.amount_fen:
        yield say(
            N_("各行之和{summed}元与收款{paid}元不符"),
            summed=format_yuan(summed),
            paid=format_yuan(form.amount_fen),
        )
