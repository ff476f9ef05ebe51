"""What the demo prints of the money: who paid, where every fen is, and the proofs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from yingbao.demo.desk import Desk
from yingbao.demo.show import Show
from yingbao.kernel.messages import N_
from yingbao.kernel.money import format_yuan
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.queries import MoneyCheck, balances, by_holder, money_check
from yingbao.usecases.verify import Check


def print_who_paid(show: Show, desk: Desk, year: int) -> None:
    """Print what people, departments and the treasury paid or owe."""
    table = show.table(N_("谁出的钱"), N_("金额（元）"), title=N_("谁付了多少"))
    check = money_check(desk.bureau, year=year)
    scope = desk.bureau.scope
    table.add_row(show.text(N_("个人")), format_yuan(check.collected - check.refunded - check.refund_payable))
    owed: Counter[str] = Counter()
    for (payer, _village), fen in by_holder(scope, year=year, kind=AccountKind.DEPARTMENT_DUE).items():
        owed[payer] += fen
    for payer, fen in sorted(owed.items()):
        name = show.department(payer)
        table.add_row(show.text(N_("资助：{payer}"), payer=name), format_yuan(fen))
    fiscal = balances(scope, year=year)[AccountKind.FISCAL_DUE]
    table.add_row(show.text(N_("财政补助")), format_yuan(fiscal))
    show.console.print(table)


def print_money(show: Show, check: MoneyCheck) -> None:
    """Print where every fen collected is."""
    rows = {
        N_("收款合计"): check.collected,
        N_("　其中：线上和POS"): check.channels,
        N_("　其中：经办员现金"): check.cash,
        N_("手中现金"): check.in_hand,
        N_("已缴存"): check.deposited,
        N_("协议账户未申报"): check.in_agreement,
        N_("已申报"): check.declared,
        N_("已申报待入库"): check.in_transit,
        N_("渠道待清算（待认领）"): check.in_channels,
        N_("国库"): check.treasury,
        N_("已退款"): check.refunded,
        N_("应退款（重复缴费、待认领）"): check.refund_payable,
    }
    table = show.table(N_("资金"), N_("金额（元）"), title=N_("资金核对"))
    for name, fen in rows.items():
        table.add_row(show.text_of(name), format_yuan(fen))
    show.console.print(table)
    if check.holds:
        sentence = N_(
            "每一分钱都有去处：收款{came} = 手中{hand} + 协议账户{account} + 在途{way} + 国库{treasury} + 已退{back}"
        )
        words = show.text(
            sentence,
            came=format_yuan(check.collected),
            hand=format_yuan(check.in_hand),
            account=format_yuan(check.in_agreement),
            way=format_yuan(check.in_transit + check.in_channels),
            treasury=format_yuan(check.treasury),
            back=format_yuan(check.refunded),
        )
        show.console.print(f"  [bold green]✔ {words}[/]")
    else:
        show.console.print(f"  [bold red]✘ {show.text(N_('资金对不上，请查看账簿'))}[/]")


def print_proofs(show: Show, proofs: Sequence[Check]) -> None:
    """Print every proof and whether it holds."""
    for check in proofs:
        mark = "[green]✔[/]" if check.holds else "[red]✘[/]"
        broken = "" if check.holds else f"  [red]{len(check.broken)}[/] {check.broken[:5]}"
        show.console.print(f"  {mark} {check.sentence.render(show.language)}{broken}")
