"""``yingbao simulate``: what a changed policy costs over the people of a file, or of the site's register."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from yingbao.cli import late
from yingbao.cli.output import Language, console, failing_clearly, read_day
from yingbao.cli.packs import open_policy
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy import Policy
from yingbao.policy.edits import list_edits, new_findings
from yingbao.policy.people_files import read_population
from yingbao.policy.population import births_that_matter
from yingbao.policy.simulate import Simulation
from yingbao.policy.simulate import simulate as compare
from yingbao.policy.whatif import read_changes, what_if

SITE = "yingbao.cli.simulate_with_database"
WORKBOOK = "yingbao.usecases.simulation_workbook"
MONEY = (("personal_fen", N_("个人缴费")), ("department_fen", N_("部门资助")), ("fiscal_fen", N_("财政补助")))


def simulate(
    policy: Annotated[str, typer.Option("--policy", help="现行政策包 / the policy in force")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PLACE=VALUE", help="改一处数值，可多次 / change a value, repeatable"),
    ] = None,
    against: Annotated[str | None, typer.Option("--against", help="与另一政策包比较 / another pack instead")] = None,
    people: Annotated[
        Path | None, typer.Option("--people", help="人员文件（可有 division 列）/ a file of people")
    ] = None,
    register: Annotated[bool, typer.Option("--register", help="用台账 / the register of the site")] = False,
    user: Annotated[str | None, typer.Option("--as", help="以谁的身份看台账（用户名）/ whose register")] = None,
    everyone: Annotated[
        bool, typer.Option("--everyone", help="台账：加上应参保未登记的 / register: and who may enrol and has not")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", parser=read_day, help="未缴清的按哪一天（文件）/ day of who has not paid (file)"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="结果 .xlsx / the workbook")] = None,
    lang: Language = None,
) -> None:
    """模拟：改动政策后个人、部门、财政各多多少 / what a changed policy costs, whom it helps and whom it burdens."""
    with failing_clearly(lang):
        before = open_policy(policy)
        after = _changed(before, settings or [], against)
        if register == (people is not None) or register == (user is None):
            raise BadInput(say(N_("请用 --people 指定人员文件，或用 --register --as 用户名 指定台账，二者选一。")))
        if out is not None and out.suffix.lower() != ".xlsx":
            raise BadInput(say(N_("文件“{name}”应以 .xlsx 结尾"), name=out.name))
        if people is not None:
            found, options = _of_file(before, after, people, as_of.date() if as_of else None), {}
        else:
            done = late.call(SITE, "run", before=before, after=after, username=user, everyone=everyone)
            found, options = done.simulation, {"names": lambda key: done.names.get(key, key), "towns": done.towns}
        _print(found, before, after, lang or "zh")
        if out is not None:
            out.write_bytes(
                import_module(WORKBOOK).write_simulation(found, before, after, language=lang or "zh", **options)
            )


def _changed(before: Policy, settings: list[str], against: str | None) -> Policy:
    if bool(settings) == (against is not None):
        raise BadInput(say(N_("请用 --set 改动数值，或用 --against 指定另一政策包，二者选一。")))
    return open_policy(against) if against is not None else what_if(before, read_changes(settings))


def _of_file(before: Policy, after: Policy, people: Path, as_of: date | None) -> Simulation:
    day = as_of or before.default_as_of
    population = read_population(people, before, births_that_matter(before, after, as_of=day))
    return compare(before, after, population, as_of=day)


def _print(found: Simulation, before: Policy, after: Policy, lang: str) -> None:
    if before.name == after.name:
        _print_edits(before, after, lang)
    table = _table([N_("元"), N_("现行"), N_("假设"), N_("增减")], lang)
    for key, name in MONEY:
        was, becomes = getattr(found.total.before, key), getattr(found.total.after, key)
        table.add_row(say(name).render(lang), *(format_yuan(fen) for fen in (was, becomes, becomes - was)))
    console().print(table)
    swing = found.total.swing
    sentence = say(
        N_(
            "{persons} 人：少缴 {winners} 人共 {won} 元，多缴 {losers} 人共 {lost} 元，"
            "不变 {same} 人，其余 {rest} 人无法比较。"
        ),
        persons=found.persons,
        winners=swing.winners,
        won=format_yuan(swing.won_fen),
        losers=swing.losers,
        lost=format_yuan(swing.lost_fen),
        same=swing.same,
        rest=found.persons - swing.winners - swing.losers - swing.same,
    )
    console().print(sentence.render(lang), highlight=False)
    note = say(N_("假设测算，不是决定：没有人改变选择，未缴清的按 {day} 测算。"), day=found.as_of)
    console().print(note.render(lang), highlight=False)


def _print_edits(before: Policy, after: Policy, lang: str) -> None:
    table = _table([N_("改动的值"), N_("现行"), N_("假设"), N_("现行值的依据"), N_("随标准变动")], lang)
    for edit in list_edits(before, after):
        texts = [text.render(lang) for text in (edit.what, edit.before, edit.after)]
        table.add_row(*texts, edit.rule or "", "✓" if edit.follows else "")
    console().print(table)
    for finding in new_findings(before, after):
        console().print(f"{finding.severity}  {finding.place}  {finding.message.render(lang)}", highlight=False)


def _table(headers: list[str], lang: str) -> Any:
    table = Table()
    for header in headers:
        message: Message = say(header)
        table.add_column(message.render(lang), overflow="fold")
    return table
