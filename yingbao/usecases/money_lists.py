"""Lists of money as .xlsx: payments, deposits and transfers as a page has filtered them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.collection import queries as collection
from yingbao.collection.custody import queries as custody
from yingbao.kernel.messages import N_, say, translate
from yingbao.ledger import queries as ledger
from yingbao.sheets import Column, Kind, Sheet, xlsx_bytes
from yingbao.sheets.cells import Value

if TYPE_CHECKING:
    from yingbao.collection.models import Deposit, Payment
    from yingbao.ledger.models import Transfer

MOST = 100_000  # rows of a sheet, the newest; it says so
AT_ONCE = 1_000  # rows read at a time


def write_payments(actor: Actor, *, year: int, channel: str, language: str) -> bytes:
    """Return the payments of the actor's divisions, newest first; ``channel`` "" keeps all. Needs SEE_MONEY."""
    found = collection.payments(actor, year=year)
    found = found.filter(channel=channel) if channel else found
    columns = (N_("村（社区）"), N_("户号"), N_("方式"), N_("经办"), N_("缴费"))
    return _book(N_("缴费"), columns, (_payment(one) for one in _newest(found)), language)


def write_deposits(actor: Actor, *, year: int, language: str) -> bytes:
    """Return the deposits, newest first; those that brought an earlier day's cash are marked (BN-4.3.3d)."""
    found = list(_newest(custody.deposits(actor, year=year)))
    late, mark = custody.late_deposits(found), translate(N_("迟缴"), language)
    columns = (N_("村（社区）"), N_("经办员"), N_("缴款单号"), N_("提醒"))
    return _book(N_("缴存"), columns, (_deposit(one, mark if one.pk in late else "") for one in found), language)


def write_transfers(actor: Actor, *, year: int, kind: str, on: date, language: str) -> bytes:
    """Return the transfers until the end of ``on``, newest first; ``kind`` "" keeps all. Needs SEE_MONEY."""
    found = ledger.transfers(actor, year=year, kind=kind, on=on)
    columns = (N_("收入账户（借）"), N_("付出账户（贷）"), N_("村（社区）"), N_("人员"), N_("分录"))
    return _book(N_("分录"), columns, (_transfer(one) for one in _newest(found)), language)


def _book(title: str, columns: tuple[str, ...], rows: Iterator[list[Value]], language: str) -> bytes:
    """Write the columns after the two every list begins with, the day and the amount."""
    texts = [Column(name, translate(name, language), width=20) for name in columns]
    first = Column("on", translate(N_("日期"), language), kind=Kind.DATE)
    second = Column("fen", translate(N_("金额"), language), kind=Kind.MONEY, width=16)
    above = say(N_("从新到旧，最多 {n} 条，单位：元"), n=MOST).render(language)
    heading = translate(title, language)
    return xlsx_bytes(sheets=[Sheet(heading, [first, second, *texts], rows, heading, (above,))])


def _newest(found: QuerySet[Any]) -> Iterator[Any]:
    return islice(found.iterator(chunk_size=AT_ONCE), MOST)


def _payment(one: Payment) -> list[Value]:
    place, channel = one.division.name, str(one.get_channel_display())
    return [
        one.collected_on,
        one.amount_fen,
        place,
        one.household.number,
        channel,
        one.collected_by.display_name,
        str(one.pk),
    ]


def _deposit(one: Deposit, mark: str) -> list[Value]:
    return [one.deposited_on, one.amount_fen, one.division.name, one.agent.display_name, one.slip_number, mark]


def _transfer(one: Transfer) -> list[Value]:
    debit, credit = (str(side.get_kind_display()) for side in (one.debit, one.credit))
    return [one.on, one.amount_fen, debit, credit, one.debit.division.name, one.user.display_name, str(one.entry)]
