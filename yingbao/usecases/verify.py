"""Prove that the books are whole: run nightly and at the end of the demo; `yingbao verify` at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import audits as collection
from yingbao.collection.custody import audits as custody
from yingbao.collection.declaring import audits as declaring
from yingbao.coverage import audits as coverage
from yingbao.enrolment import audits as enrolment
from yingbao.kernel.messages import N_, Message, say
from yingbao.ledger import audits as ledger
from yingbao.registry import audits as registry
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


Proof = tuple[str, Message, Callable[..., list[int]]]
REGISTER: list[Proof] = [
    ("one-head", say(N_("有人在册的户恰有一位户主")), registry.households_without_one_head),
    ("own-village", say(N_("每个人都在其户所在的村（社区）")), registry.people_away_from_their_household),
    (
        "here-or-gone",
        say(N_("死亡、迁出都有日期，合并的记录都指向现用记录")),
        registry.people_neither_here_nor_gone,
    ),
    ("identity-periods", say(N_("同一人同一身份的起止时间不重叠")), registry.identities_overlapping),
    ("elsewhere-periods", say(N_("同一人在别处参保的同类时间不重叠")), registry.spans_elsewhere_overlapping),
    ("rosters-by-two", say(N_("花名册的报送人和确认人不是同一人")), registry.rosters_accepted_by_their_sender),
    (
        "collective-households",
        say(N_("每个单位的集体户都在该单位所在地，户内人员都有参保依据")),
        registry.collective_households_off_their_place,
    ),
    ("institutions-by-two", say(N_("单位名单给予的身份由上报人以外的人确认")), registry.identities_on_one_word),
    ("eligibility-reviewed", say(N_("待审核和不符合条件的人员都有审核记录")), registry.eligibility_off_its_review),
]


PROOFS: list[Proof] = [
    ("own-books", say(N_("资金不跨村、不跨年度转移")), ledger.crossing_transfers),
    ("books-balance", say(N_("每个村各账户余额之和为零")), ledger.unbalanced_villages),
    ("no-negative", say(N_("手中现金、协议账户、渠道、在途、国库都不为负")), ledger.negative_places),
    ("somebodys-money", say(N_("每一分在途的钱都有经办人")), ledger.nobodys_money),
    ("payments-posted", say(N_("每笔缴费与账簿金额一致")), collection.payments_off_the_books),
    ("lines-add-up", say(N_("每笔缴费等于其明细之和")), collection.payments_off_their_lines),
    ("unpaid-posted", say(N_("待缴总额与账簿居民应缴一致")), collection.unpaid_off_the_books),
    ("cleared-has-money", say(N_("每笔到账都有收款，现金和零应缴都有申报")), collection.cleared_without_money),
    (
        "refunds",
        say(N_("应退款等于重复、多收、待认领和已批准退费之和减去已退")),
        collection.refunds_off_the_books,
    ),
    ("kept-money", say(N_("每笔待认领到款都在渠道账上，认领或退回后转出")), collection.kept_off_the_books),
    ("refund-lines", say(N_("每项缴费退的不超过缴的")), collection.lines_refunded_beyond),
    (
        "cancelled-refunded",
        say(N_("已缴费或到账而取消的参保都有退费，或经两人取消")),
        collection.cancelled_without_refund,
    ),
    ("receipts", say(N_("每笔现金和POS缴费都有收据，号码不缺")), collection.receipts_out_of_order),
    ("orders", say(N_("每张缴费订单等于其明细，由本户的缴费付清")), collection.orders_off_their_lines),
    ("transfers-by-two", say(N_("对公转账由开通知单以外的人登记到账")), collection.transfers_on_one_word),
    ("everybody-owes", say(N_("参保人数等于应缴人数，取消参保的不再应缴")), collection.people_off_their_dues),
    ("receipt-runs", say(N_("收据号段都在其上级号段之内，互不重叠")), collection.runs_out_of_place),
    (
        "books-written-off",
        say(N_("已核销的收据本号码齐全，作废、收回和遗失都经他人复核")),
        collection.written_off_unseen,
    ),
    ("due-is-decision", say(N_("每笔应缴等于参保登记时的决定")), collection.dues_off_their_decision),
    ("locked-when-cleared", say(N_("到账即锁定身份，未到账不锁定")), collection.locks_out_of_step),
    ("department-due", say(N_("部门应付等于已锁定的资助")), enrolment.department_dues_off),
    ("fiscal-due", say(N_("财政应补等于已锁定的财政补助")), enrolment.fiscal_dues_off),
    ("coverage", say(N_("到账的都有待遇期记录，没有到账的都没有")), coverage.out_of_step),
    ("settlement-lists", say(N_("清册金额等于明细，明细等于已锁定的资助")), settlement.lists_off),
    *REGISTER,
    ("deposits-posted", say(N_("每张缴款单都在账簿中，金额一致")), custody.deposits_off_the_books),
    ("hand-overs-posted", say(N_("每次现金移交都在账簿中，金额一致")), custody.hand_overs_off_the_books),
    ("collected-is-there", say(N_("未申报的现金收款都在经办员手中或协议账户")), custody.collected_without_cash),
    ("declared-posted", say(N_("已申报待入库等于没有回执的申报行")), declaring.declared_off_the_books),
    ("declared-in-step", say(N_("已申报的应缴恰有一行等待回执")), declaring.dues_out_of_step),
    (
        "declarations-add-up",
        say(N_("每批申报等于其明细，有回执日期的都已全部答复")),
        declaring.batches_off_their_lines,
    ),
]


def verify(actor: Actor, *, year: int) -> list[Check]:
    """Return every proof over the actor's divisions and whether it holds. Reads only; needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    scope = actor.scope
    return [Check(name, sentence, broken(scope, year=year)) for name, sentence, broken in PROOFS]
