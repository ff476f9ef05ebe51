"""What the demo prints: files taken in, who owes what, and the ending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from yingbao.accounts.actors import Actor
from yingbao.coverage.queries import starts_by_month
from yingbao.demo.desk import POLICY, SHOWN_ON, Desk, Taken
from yingbao.demo.papers import Made
from yingbao.demo.policy_tools import AMENDMENT, DEARER_YUAN, RATE, Tools, rate_in_force
from yingbao.demo.report_money import print_money, print_proofs, print_who_paid
from yingbao.demo.season import Season
from yingbao.demo.show import Show
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.messages import N_, Message
from yingbao.kernel.money import format_yuan
from yingbao.ledger.queries import money_check
from yingbao.policy import Policy, get_vocabulary
from yingbao.progress.weekly import Standing, percent, standings
from yingbao.usecases.assess_population import Assessed
from yingbao.usecases.verify import Check, verify
from yingbao.worklist.kinds import Kind
from yingbao.worklist.queries import open_by_kind

PAPERS = {
    "weekly": N_("周报进度表"),
    "notice": N_("一个缴费点的公示"),
    "receipt": N_("一户的参保收据"),
    "simulation": N_("调整一档标准的模拟结果"),
    "letter": N_("一位多重身份居民的缴费决定书"),
    "amendment": N_("虚构的年中修订（站点并不按它办理）"),
}
NONE = "–"


def print_taken(show: Show, taken: Taken, *, planted: int | None = None) -> None:
    """Print what a file's check said."""
    answer = taken.answer
    show.console.print(
        "  "
        + show.text(
            N_("{name}：{rows:,}行，导入{good:,}行，退回{bad:,}行，提醒{warnings:,}处"),
            name=taken.name,
            rows=answer["rows"],
            good=answer["good_rows"],
            bad=answer["bad_rows"],
            warnings=answer["warnings"],
        )
    )
    for count, examples in taken.problems:
        for number, example in enumerate(examples):
            where = show.text(N_("如第{row}行“{column}”"), row=example.row, column=example.column)
            many = f"[yellow]{count:>5}[/] ×" if number == 0 else " " * 7
            reason = example.reason.render(show.language)
            show.console.print(f"    {many} {reason}　[dim]{where}[/]", highlight=False)
    if planted is not None:
        found = answer["bad_rows"]
        show.console.print("    " + show.text(N_("埋下的错误{planted}行，找出{found}行"), planted=planted, found=found))


def print_rosters(show: Show, rosters: Sequence[Taken], *, planted: int) -> None:
    """Print the five rosters, and whether every planted mistake came back."""
    for taken in rosters:
        print_taken(show, taken)
    found = sum(taken.answer["bad_rows"] for taken in rosters)
    show.console.print("  " + show.text(N_("埋下的错误{planted}行，找出{found}行"), planted=planted, found=found))


def print_assessed(show: Show, assessed: Assessed, policy: Policy) -> None:
    """Print what the population would owe in tier 1, and who gives how much."""
    show.console.print(
        "  "
        + show.text(
            N_(
                "可参保{persons:,}人：个人应缴{payable}元，部门资助{subsidy}元，财政补助{fiscal}元；{zero:,}人个人应缴为零"
            ),
            persons=assessed.persons,
            payable=format_yuan(assessed.payable_fen),
            subsidy=format_yuan(assessed.subsidy_fen),
            fiscal=format_yuan(assessed.fiscal_fen),
            zero=assessed.nothing_to_pay,
        )
    )
    table = show.table(N_("身份"), N_("人数"), N_("资助（元）"), N_("资助部门"))
    for code, (persons, fen) in assessed.subsidies.items():
        identity = policy.identity(code)
        payer = show.department(identity.paid_by or "")
        table.add_row(identity.name.render(show.language), f"{persons:,}", format_yuan(fen), payer)
    show.console.print(table)


def print_told(show: Show, told: Sequence[Told]) -> None:
    """Print what was done, a sentence each."""
    for template, params in told:
        spoken = {
            name: value.render(show.language) if isinstance(value, Message) else value for name, value in params.items()
        }
        show.console.print(f"  · {show.text_of(template).format(**spoken)}", highlight=False)


def prove(actor: Actor, *, year: int) -> list[Check]:
    """Return every proof of the books."""
    return verify(actor, year=year)


def print_tools(show: Show, tools: Tools) -> None:
    """Print what the simulated rate would cost whom, and whom of the unpaid the invented amendment would change."""
    total = tools.simulation.total
    more = {
        name: format_yuan(getattr(total.after, f"{name}_fen") - getattr(total.before, f"{name}_fen"))
        for name in ("personal", "department", "fiscal")
    }
    sentence = N_(
        "模拟：居民一档个人缴费{before}→{after}元，已参保{persons:,}人中{losers:,}人多缴；"
        "个人共多出{personal}元，部门资助多出{department}元，财政补助多出{fiscal}元"
    )
    words = show.text(
        sentence,
        before=format_yuan(rate_in_force()).removesuffix(".00"),
        after=DEARER_YUAN,
        persons=tools.simulation.persons,
        losers=total.swing.losers,
        **more,
    )
    show.console.print(f"  {words}", highlight=False)
    preview = tools.amendment
    words = show.text(
        N_("虚构的修订若被采用：未缴费的{open}人中{changed}人应缴有变化，合计{yuan}元；只看，没有改动"),
        open=preview.open,
        changed=len(preview.changed),
        yuan=format_yuan(preview.difference_fen),
    )
    show.console.print(f"  {words}", highlight=False)


def print_ending(show: Show, season: Season, made: Made, tools: Tools, proofs: Sequence[Check]) -> bool:
    """Print the whole ending; return whether every proof holds."""
    desk, year = season.desk, season.year
    _print_villages(show, desk, year)
    print_who_paid(show, desk, year)
    _print_coverage(show, desk, year)
    _print_exceptions(show, desk)
    print_money(show, money_check(desk.bureau, year=year))
    print_proofs(show, proofs)
    _print_files(show, desk, made.files | tools.files)
    _print_pages(show, tools)
    _print_seconds(show)
    return all(check.holds for check in proofs)


def _print_villages(show: Show, desk: Desk, year: int) -> None:
    lines = standings(desk.clerk, year=year, on=SHOWN_ON, low_income=get_vocabulary().low_income)
    lines.sort(key=lambda line: -(line.persons_percent or 0))
    headings = (
        N_("村（社区）"),
        N_("目标人数"),
        N_("完成"),
        "%",
        N_("目标（元）"),
        N_("完成（元）"),
        "%",
        N_("低收入参保"),
    )
    table = show.table(*headings, title=N_("各村完成情况"))
    villages = [line for line in lines if line.target_persons]
    for line in villages:
        table.add_row(*_village_cells(line))
    table.add_section()
    table.add_row(*_sum_cells(show, villages), style="bold")
    for line in lines:
        if not line.target_persons:  # what enrolled at the town itself is nobody's target
            table.add_row(*_village_cells(line))
    show.console.print(table)


def _sum_cells(show: Show, villages: Sequence[Standing]) -> list[str]:
    done, fen = sum(line.done.persons for line in villages), sum(line.done.amount_fen for line in villages)
    target, target_fen = sum(line.target_persons for line in villages), sum(line.target_fen for line in villages)
    return [
        show.text(N_("合计")),
        f"{target:,}",
        f"{done:,}",
        str(percent(done, target)),
        f"{target_fen // 100:,}",
        format_yuan(fen),
        str(percent(fen, target_fen)),
        "",
    ]


def _village_cells(line: Standing) -> list[str]:
    share = line.persons_percent
    colour = "red" if share is None or share < 95 else "green" if share >= 100 else "yellow"
    has_target = share is not None
    return [
        line.name,
        f"{line.target_persons:,}" if has_target else NONE,
        f"{line.done.persons:,}",
        f"[{colour}]{share}[/]" if has_target else NONE,
        f"{line.target_fen // 100:,}" if has_target else NONE,
        format_yuan(line.done.amount_fen),
        str(line.amount_percent) if has_target else NONE,
        f"{line.done.low_income_enrolled:,}/{line.low_income_persons:,}",
    ]


def _print_coverage(show: Show, desk: Desk, year: int) -> None:
    table = show.table(N_("待遇开始月份"), N_("人数"), title=N_("待遇从何时开始"))
    for month, persons in starts_by_month(desk.bureau, year=year).items():
        label = f"{month:%Y-%m}" if month else show.text(N_("文件未规定（已列为待请示事项）"))
        table.add_row(label, f"{persons:,}")
    show.console.print(table)


def _print_exceptions(show: Show, desk: Desk) -> None:
    table = show.table(N_("待办事项"), N_("件"), title=N_("发现的问题（每件都有负责人和期限）"))
    for kind, count in open_by_kind(desk.bureau).items():
        table.add_row(show.label(Kind(kind).label), f"{count:,}")
    show.console.print(table)


def _print_files(show: Show, desk: Desk, files: Mapping[str, Path]) -> None:
    show.console.print(f"[bold]{show.text(N_('写出的文件'))}[/]")
    for kind, path in files.items():
        payer = kind.removeprefix("settlement ")
        name = PAPERS.get(kind)
        label = show.text_of(name) if name else show.text(N_("资助参保人员清册：{payer}"), payer=show.department(payer))
        show.console.print(f"  {label}  {path}", highlight=False, soft_wrap=True)
    show.console.print(f"  {show.text(N_('导入的原始文件'))}  {desk.folder}", highlight=False, soft_wrap=True)


def _print_pages(show: Show, tools: Tools) -> None:
    """Print pages worth opening, and the commands that ask the same of the invented amendment."""
    pages = {
        N_("台账质量：逐村点数字看名单（登录 zhen1）"): "/quality/",
        N_("疑似重复的人员（登录 zhen1）"): "/duplicates/",
        N_("名单及其差异（登录 yibao）"): "/files/?kind=roster",
        N_("模拟（登录 yibao）"): f"/simulate/?{RATE}.amount={DEARER_YUAN}",
        N_("算一算：任何人的测算和依据"): f"/policy/{POLICY}/explain/",
        N_("一个居民的决定是怎么来的（登录 yibao）"): f"/residents/{tools.told}/decision/",
        N_("虚构的修订改了什么"): f"/policy/{POLICY}/diff/{AMENDMENT}/",
        N_("政策说明"): f"/policy/{POLICY}/sheet/",
    }
    show.console.print(f"[bold]{show.text(N_('值得打开的网页'))}[/]")
    for name, path in pages.items():
        show.console.print(f"  {show.text_of(name)}  {show.site}{path}", highlight=False, soft_wrap=True)
    amendment = tools.files["amendment"]
    home, lang = quote(str(amendment.parent.parent)), f"--lang {show.language}"
    commands = (
        f"yingbao policy diff {POLICY} {quote(str(amendment))} {lang}",
        f"YINGBAO_HOME={home} YINGBAO_POLICY={AMENDMENT} yingbao reassess --as yibao --on {SHOWN_ON} {lang}",
    )
    for command in commands:
        show.console.print(f"  $ {command}", highlight=False, soft_wrap=True)


def _print_seconds(show: Show) -> None:
    table = show.table(N_("步骤"), N_("秒"), title=N_("用时"))
    for title, seconds in show.seconds.items():
        table.add_row(title, f"{seconds:.1f}")
    table.add_row(show.text(N_("合计")), f"{sum(show.seconds.values()):.1f}", style="bold")
    show.console.print(table)
