"""The books as .xlsx: the trial balance and every account of a day, or one account's statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.kernel.messages import N_, say, translate
from yingbao.kernel.periods import DAY
from yingbao.ledger import tree
from yingbao.ledger.kinds import AccountKind
from yingbao.sheets import Column, Kind, Sheet, xlsx_bytes
from yingbao.sheets.cells import Value

if TYPE_CHECKING:
    from yingbao.ledger.models import Account

Name = Callable[["Account"], str]
AT_ONCE = 500  # accounts whose totals are asked for in one pair of statements


def write_ledger(actor: Actor, *, year: int, on: date, kind: str, language: str, holder: Name) -> bytes:
    """Return the trial balance at the end of ``on`` and, on a second sheet, every account. Needs SEE_MONEY.

    ``kind`` keeps the accounts of one kind, "" all of them; the balance is always the whole one. ``holder`` gives
    the name of whoever an account belongs to, in the reader's language.
    """
    until = say(N_("{year}年度，截至{day}，单位：元"), year=year, day=on.isoformat()).render(language)
    totals = tree.by_kind(actor, year=year, on=on)
    whole = tree.Total(sum(one.came for one in totals.values()), sum(one.went for one in totals.values()))
    named = [(_kind(kind), total) for kind, total in totals.items()]
    named.append((translate(N_("合计（应为零）"), language), whole))
    kinds: list[list[Value]] = [[name, total.came, total.went, total.balance] for name, total in named]
    sums = _sums(language, N_("借方"), N_("贷方"), N_("余额"))
    place = _texts(language, N_("账户"), N_("村（社区）"), N_("持有人"))
    rows = _accounts(actor, year=year, on=on, kind=kind, holder=holder)
    title, every = (translate(text, language) for text in (N_("科目余额"), N_("账户余额")))
    sheets = [
        Sheet(title, [place[0], *sums], kinds, title, (until,)),
        Sheet(every, [*place, *sums], rows, every, (until,)),
    ]
    return xlsx_bytes(sheets=sheets)


def write_statement(
    actor: Actor, *, account_id: int, begin_on: date, end_on: date, language: str, holder: Name
) -> bytes:
    """Return one account's transfers in [begin_on, end_on), with opening, running and closing balance.

    Raises NotFound outside the actor's divisions. Needs SEE_MONEY.
    """
    found = tree.account(actor, account_id)
    opening = tree.balance_before(found, begin_on=begin_on)
    names = [part for part in (_kind(found.kind), found.division.name, holder(found)) if part]
    span = say(N_("{first}至{last}，单位：元"), first=begin_on.isoformat(), last=(end_on - DAY).isoformat())
    title = translate(N_("对账单"), language)
    columns = [
        Column("on", translate(N_("日期"), language), kind=Kind.DATE),
        *_texts(language, N_("对方账户")),
        *_sums(language, N_("收入"), N_("付出"), N_("余额")),
        *_texts(language, N_("经办")),
    ]
    above = (" · ".join(names), span.render(language))
    rows = _statement(found, opening, begin_on=begin_on, end_on=end_on, first=translate(N_("期初余额"), language))
    return xlsx_bytes(sheets=[Sheet(title, columns, rows, title, above)])


def _accounts(actor: Actor, *, year: int, on: date, kind: str, holder: Name) -> Iterator[list[Value]]:
    found = list(tree.accounts(actor, year=year, kind=kind))
    for begin in range(0, len(found), AT_ONCE):
        some = found[begin : begin + AT_ONCE]
        totals = tree.totals_of([one.pk for one in some], on=on)
        for one in some:
            total = totals[one.pk]
            yield [_kind(one.kind), one.division.name, holder(one), total.came, total.went, total.balance]


def _statement(found: Account, opening: int, *, begin_on: date, end_on: date, first: str) -> Iterator[list[Value]]:
    yield [begin_on, first, None, None, opening, ""]
    for one in tree.movements(found, begin_on=begin_on, end_on=end_on).iterator():
        other = one.credit if one.debit_id == found.pk else one.debit
        came, went = (one.amount_fen, None) if one.debit_id == found.pk else (None, one.amount_fen)
        yield [one.on, _kind(other.kind), came, went, opening + one.running, one.user.display_name]


def _kind(kind: str) -> str:
    return str(AccountKind(kind).label)


def _texts(language: str, *names: str) -> list[Column]:
    return [Column(name, translate(name, language), width=18) for name in names]


def _sums(language: str, *names: str) -> list[Column]:
    return [Column(name, translate(name, language), kind=Kind.MONEY, width=16) for name in names]
