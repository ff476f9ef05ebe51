"""``yingbao policy``: look into the policy packs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from yingbao.cli.output import Language, console, failing_clearly
from yingbao.cli.packs import Folder, PackName, folder_of, naming_packs, open_policy
from yingbao.cli.policy_diff import diff, print_origins
from yingbao.cli.policy_lint import lint_packs
from yingbao.cli.policy_new import new_pack, write_schema
from yingbao.cli.policy_sheet import sheet
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy import Policy, PolicyIdentity, get_policy, list_packs
from yingbao.policy.entries import When
from yingbao.policy.saying import say_start, say_when

app = typer.Typer(no_args_is_help=True, help="查看政策包 / look into the policy packs")
app.command("diff")(diff)
app.command("lint")(lint_packs)
app.command("new")(new_pack)
app.command("schema")(write_schema)
app.command("sheet")(sheet)
Cells = list[str | Message]


@app.command("list")
def list_(lang: Language = None) -> None:
    """列出政策包 / list the packs."""
    with failing_clearly(lang):
        table = _table([N_("政策包"), N_("年度"), N_("名称"), N_("继承"), N_("可测算")], lang)
        for name in list_packs():
            policy = get_policy(name)
            usable = say(N_("是")) if policy.file.assessable else say(N_("否，仅作基础"))
            cells: Cells = [name, str(policy.year), policy.title, policy.file.extends or "", usable]
            table.add_row(*_texts(cells, lang))
        console().print(table)


@app.command()
def show(
    pack: PackName,
    origins: Annotated[bool, typer.Option("--origins", help="每一项数值的来源 / where each value comes from")] = False,
    folder: Folder = None,
    lang: Language = None,
) -> None:
    """显示政策包的标准、时段和规则 / show rates, windows and rules of a pack."""
    with failing_clearly(lang):
        policy = open_policy(pack, folder)
        console().print(f"[bold]{policy.title.render(lang or 'zh')}[/]  {policy.name}  {policy.hash[:12]}")
        for table in (_rates(policy, lang), _windows(policy, lang), _rules(policy, lang)):
            console().print(table)
        if origins:
            print_origins(policy, lang or "zh")


@app.command()
def explain(
    pack: PackName,
    rule_id: Annotated[str, typer.Argument(metavar="RULE")],
    folder: Folder = None,
    lang: Language = None,
) -> None:
    """解释一条规则：原文、出处和理解 / explain a rule: sentence, source, reading."""
    with failing_clearly(lang):
        policy = open_policy(pack, folder)
        with naming_packs(folder_of(pack, folder)):
            rule = policy.explain(rule_id)
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")  # Chinese has no spaces to break at; else long sentences are cut short
        document = (
            f"{rule.document.number or ''} {rule.document.title.text.render(lang or 'zh')}" if rule.document else "-"
        )
        for label, value in (
            (N_("规则"), rule.id),
            (N_("标题"), rule.title),
            (N_("原文"), rule.text),
            (N_("文件"), document.strip()),
            (N_("条款"), rule.clause or "-"),
            (N_("理解"), rule.interpretation or "-"),
            (N_("待请示"), rule.ask or "-"),
            (N_("来自"), rule.origin),
        ):
            table.add_row(*_texts([say(label), value], lang))
        console().print(table)


@app.command()
def identities(pack: PackName, folder: Folder = None, lang: Language = None) -> None:
    """列出身份、资助金额和部门 / list identities, subsidies and departments."""
    with failing_clearly(lang):
        policy = open_policy(pack, folder)
        tiers = [say(N_("{tier} 档"), tier=tier) for tier in policy.tiers]
        others = [N_("资助期限"), N_("认定部门"), N_("资助部门"), N_("规则")]
        table = _table([N_("代码"), N_("身份"), *tiers, *others], lang)
        for identity in policy.identities.values():
            table.add_row(*_texts(_identity_cells(policy, identity), lang))
        console().print(table)


def _table(headers: Sequence[str | Message], lang: str | None, *, title: str | None = None) -> Table:
    table = Table(title=say(title).render(lang or "zh") if title else None, title_justify="left")
    for header in headers:
        table.add_column((header if isinstance(header, Message) else say(header)).render(lang or "zh"), overflow="fold")
    return table


def _texts(cells: Sequence[str | Message], lang: str | None) -> list[str]:
    return [cell.render(lang or "zh") if isinstance(cell, Message) else cell for cell in cells]


def _rates(policy: Policy, lang: str | None) -> Table:
    headers = [N_("人群"), N_("档次"), N_("适用于"), N_("个人缴费（元）"), N_("期间"), N_("规则")]
    table = _table(headers, lang, title=N_("缴费标准"))
    for rate in policy.file.rates:
        known = policy.vocabulary.populations.get(rate.population)
        population: str | Message = known.name if known else rate.population
        period = f"{rate.first_day} … {rate.last_day}"
        whom = _whom(policy, rate.when)
        cells: Cells = [population, str(rate.tier), whom, format_yuan(rate.amount), period, rate.rule or ""]
        table.add_row(*_texts(cells, lang))
    if (fiscal := policy.file.fiscal) is not None:
        period = f"{fiscal.first_day} … {fiscal.last_day}"
        cells = [say(N_("财政补助")), "", "", format_yuan(fiscal.amount), period, fiscal.rule or ""]
        table.add_row(*_texts(cells, lang))
    return table


def _whom(policy: Policy, when: When | None) -> str | Message:
    return "" if when is None else say_when(when, policy.vocabulary)


def _windows(policy: Policy, lang: str | None) -> Table:
    table = _table([N_("参保时段"), N_("适用于"), N_("待遇开始"), N_("规则")], lang, title=N_("参保时段"))
    for window in sorted(policy.file.windows, key=lambda window: window.first_day):
        days = f"{window.first_day} … {window.last_day}"
        table.add_row(*_texts([days, _whom(policy, window.who), say_start(window.coverage), window.rule or ""], lang))
    return table


def _rules(policy: Policy, lang: str | None) -> Table:
    table = _table([N_("规则"), N_("标题"), N_("条款"), N_("来自")], lang, title=N_("规则"))
    for rule in policy.pack.rules.values():
        table.add_row(*_texts([rule.id, rule.title, rule.clause or "-", rule.origin], lang))
    return table


def _identity_cells(policy: Policy, identity: PolicyIdentity) -> Cells:
    amounts = [identity.amount_fen(tier) for tier in policy.tiers]
    departments = policy.vocabulary.departments
    known = [departments.get(code or "") for code in (identity.confirmed_by, identity.paid_by)]
    until = say(N_("{day} 前"), day=identity.before) if identity.before else say(N_("全年"))
    rules = dict.fromkeys(s.rule for s in identity.subsidies if s.rule)
    return [
        identity.code,
        identity.name,
        *("–" if amount is None else format_yuan(amount) for amount in amounts),
        until if identity.subsidies else "",
        *(department.name if department else "" for department in known),
        " ".join(rules),
    ]
