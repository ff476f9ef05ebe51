"""Prove that the books are whole: run nightly and at the end of the demo; `yingbao verify` at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import audits as collection
from yingbao.coverage import audits as coverage
from yingbao.kernel.messages import Message, N_, say
from yingbao.ledger import audits as ledger
from yingbao.settlement import audits as settlement


@dataclass(frozen=True, slots=True)
class Check:
    """One proof: its name in the stable vocabulary, the sentence, and the ids of the records that break it."""

    name: str
    sentence: Message
    broken: list[int]

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it."""
        return not self.broken


def verify(actor: Actor, *, year: int) -> list[Check]:
    """Return every proof over the actor's divisions and whether it holds. Reads only; needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    scope = actor.scope
    proofs: list[tuple[str, Message, Callable[..., list[int]]]] = [
        ("balance", say(N_("所有账户余额之和为零")), ledger.unbalanced_entries),
        ("no-negative", say(N_("经办员、协议账户、渠道、在途资金都不为负")), ledger.negative_places),
        ("payments-posted", say(N_("每笔缴费与账簿金额一致")), collection.payments_off_the_books),
        ("lines-add-up", say(N_("每笔缴费等于其明细之和")), collection.payments_off_their_lines),
        ("cleared-has-money", say(N_("每笔到账的应缴都有收款或零申报")), collection.cleared_without_money),
        ("receipts", say(N_("每笔现金和POS缴费都有收据，收据号不缺不重")), collection.receipts_out_of_order),
        ("due-is-decision", say(N_("每笔应缴等于参保登记时的决定")), collection.dues_off_their_decision),
        ("locked-when-cleared", say(N_("到账即锁定身份，未到账不锁定")), collection.locks_out_of_step),
        ("coverage", say(N_("每笔到账都有待遇期记录，没有到账的没有")), coverage.out_of_step),
        ("department-due", say(N_("部门应付等于已锁定的资助")), ledger.departments_off),
        ("billed-once", say(N_("清册金额等于明细，且与锁定的资助一致")), settlement.lists_off),
    ]
    return [Check(name, sentence, broken(scope, year=year)) for name, sentence, broken in proofs]
