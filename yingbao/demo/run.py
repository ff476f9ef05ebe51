"""The demo from end to end: one town, one season, all of it through the code an office would use."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from yingbao.demo import declaring, desk, papers, policy_tools, report
from yingbao.demo.behaviour import plan
from yingbao.demo.desk import POLICY, SHOWN_ON, Desk, Files
from yingbao.demo.institutions import Institutions, look_back
from yingbao.demo.money import look_after_money
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.demo.registers import REGISTER_FILE
from yingbao.demo.season import Season, replay
from yingbao.demo.show import Show
from yingbao.demo.town import build
from yingbao.demo.upkeep import keep_up
from yingbao.kernel.messages import N_
from yingbao.policy import get_policy
from yingbao.usecases.assess_population import assess_population


def run(show: Show, *, home: Path, seed: int) -> bool:
    """Play the whole season into the database that is set up; return whether every proof holds at its end."""
    folder = home / "office"
    with show.step(N_("虚构一个镇：59,719人、23,128户，写成办公室里的文件")):
        town = build(seed)
        files = desk.write_files(town, folder)
        behaviour = plan(town, seed=seed)
    with show.step(N_("建立行政区划、用户，发放票据")):
        people = desk.set_up(folder, behaviour.habits.agents)
        desk.hand_out_receipts(people)
    ids = _take_files(show, people, town, files)
    with show.step(N_("测算：谁应缴多少、为什么")):
        assessed = assess_population(people.clerk, policy_name=POLICY, tier=1, on=SEASON_BEGIN)
        report.print_assessed(show, assessed, get_policy(POLICY))
    season = Season(town=town, behaviour=behaviour, desk=people, newborns=files.newborns, ids=ids)
    with show.step(N_("逐日重演参保季：收款、开票、缴存、申报、到账、周报")):
        _replay(show, season, folder)
    with show.step(N_("九月一个上午的台账维护：名单、分户、合并、审核")):
        report.print_told(show, keep_up(season, folder=folder, at=desk.moment(SHOWN_ON, time(8, 30))))
    with show.step(N_("同一天的资金：窗口扫码、票据、退费、现金盘点")):
        desk.let_a_resident_in(town, ids)
        report.print_told(show, look_after_money(season, folder=folder))
    with show.step(N_("提取清册、公示、打印")):
        made = papers.make(people, home / "files", year=season.year, at=desk.moment(SHOWN_ON, time(9)))
    with show.step(N_("政策工具：模拟、决定书、年中修订")):
        at = desk.moment(SHOWN_ON, time(9, 30))
        tools = policy_tools.use_tools(season, home=home, language=show.language, at=at)
        report.print_tools(show, tools)
    with show.step(N_("核对每一分钱")):
        proofs = report.prove(people.bureau, year=season.year)
    return report.print_ending(show, season, made, tools, proofs)


def _take_files(show: Show, people: Desk, town: Town, files: Files) -> dict[int, int]:
    with show.step(N_("导入附件2目标任务表")):
        report.print_taken(show, desk.take_targets(people))
    with show.step(N_("导入全员信息台账")):
        register = desk.take_register(people, people.folder / REGISTER_FILE)
        report.print_taken(show, register, planted=files.planted_rows(rosters=False))
    with show.step(N_("导入五部门加密花名册")):
        rosters = desk.take_rosters(people, files)
        report.print_rosters(show, rosters, planted=files.planted_rows(rosters=True))
        return desk.find_ids(town, range(len(town.residents)))


def _replay(show: Show, season: Season, folder: Path) -> None:
    made = Institutions()
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=36),
        TextColumn("{task.fields[tally]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=show.console) as progress:
        days = (SHOWN_ON - SEASON_BEGIN).days
        task = progress.add_task(str(SEASON_BEGIN), total=days, tally="")

        def told(on: date, counted: Counter[str]) -> None:
            tally = show.text(
                N_("{persons:,}人　{payments:,}笔缴费　{deposits:,}次缴存　{declarations:,}批申报"),
                persons=counted["persons"],
                payments=counted["payments"],
                deposits=counted["deposits"],
                declarations=counted["declarations"] + counted["zero declarations"],
            )
            progress.update(task, advance=1, description=str(on), tally=tally)

        besides = made.days(season, folder) | {declaring.LATE_ON: lambda: declaring.collect_late(season)}
        replay(season, until=SHOWN_ON, told=told, besides=besides)
    for taken, planted in made.taken:
        report.print_taken(show, taken, planted=planted)
    report.print_told(show, look_back(made, season, at=desk.moment(SHOWN_ON, time(8))))
