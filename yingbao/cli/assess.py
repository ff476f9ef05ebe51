"""``yingbao assess``: files of people in, files of answers or their totals out."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from yingbao.cli.assess_invalid import say_invalid
from yingbao.cli.output import Language, console, failing_clearly, read_day
from yingbao.cli.packs import open_policy
from yingbao.cluster.engines import LOCAL, open_engine
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.policy import Policy
from yingbao.policy.files import (
    Mapper,
    assess_file,
    assess_files,
    count_cores,
    is_single,
    refuse_overwriting,
    total_files,
)
from yingbao.policy.totals import AMOUNTS, COLUMNS, Totals

People = Annotated[
    list[Path],
    typer.Argument(help="人员文件（.csv 或 .parquet），或装着它们的文件夹 / files of people, or folders of such files"),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="结果文件（.csv 或 .parquet）；人员文件有多个时为文件夹；与 --totals 同用时为 .csv / "
        "where the answers go: a file, for several files a folder, with --totals a .csv",
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        parser=read_day,
        help="未缴费人员按哪一天测算；默认为集中参保期最后一天 / "
        "day of the amounts of who has not paid; default: last day of the centralised period",
    ),
]
Engine = Annotated[str, typer.Option("--engine", help="local（本机线程）或 dask（多台机器）/ local threads, or dask")]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="已有 Dask 集群的地址，如 tls://host:8786 / address of a Dask cluster that runs"),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="本机线程或进程数 / threads or processes on this machine")
]


def assess(
    people: People,
    policy: Annotated[str, typer.Option("--policy", help="政策包 / policy pack")],
    out: Out = None,
    totals: Annotated[bool, typer.Option("--totals", help="只要合计 / nothing but the totals")] = False,
    as_of: AsOf = None,
    engine: Engine = LOCAL,
    scheduler: Scheduler = None,
    workers: Workers = None,
    lang: Language = None,
) -> None:
    """按政策包测算每个人的缴费、资助和待遇期 / assess every person of a file."""
    with failing_clearly(lang):
        day: date | None = as_of.date() if as_of else None
        chosen = open_policy(policy)
        if totals and out is not None and out.suffix.lower() != ".csv":
            raise BadInput(say(N_("合计只能存为 .csv 文件，而不是“{name}”"), name=out.name))
        if out is not None and totals:
            refuse_overwriting([path for path in people if not path.is_dir()], out)
        with open_engine(engine, scheduler=scheduler, workers=workers) as mapper:
            if totals:
                found = total_files(chosen, people, as_of=day, mapper=mapper, pieces=workers or count_cores())
            else:
                found = _assess(chosen, people, out, day, mapper, engine)
        if totals:
            _show(found, out, lang)
        typer.echo(_summarise(found, day or chosen.default_as_of, lang))
        for line in say_invalid(chosen, found, people):
            typer.echo(line.render(lang or "zh"))


def _assess(
    policy: Policy, people: Sequence[Path], out: Path | None, day: date | None, mapper: Mapper, engine: str
) -> Totals:
    if out is None:
        raise BadInput(say(N_("没有说结果放在哪里")), todo=say(N_("请加上 --out，或用 --totals 只看合计。")))
    if engine == LOCAL and is_single(people, out):
        return assess_file(policy, people[0], out, as_of=day)
    return assess_files(policy, people, out, as_of=day, mapper=mapper)


def _summarise(totals: Totals, day: date, lang: str | None) -> str:
    comma = ", " if lang == "en" else "，"
    counts = comma.join(f"{status} {count}" for status, count in sorted(totals.by_status.items()))
    template = N_("已测算 {rows} 人（未缴费的按 {day}）：{counts}")
    return say(template, rows=totals.rows, day=day, counts=counts or "-").render(lang or "zh")


def _show(totals: Totals, out: Path | None, lang: str | None) -> None:
    """Print the totals in yuan, or write them to ``out`` in fen."""
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([getattr(line, name) for name in COLUMNS] for line in totals.lines)
        return
    titles = (
        N_("结果"),
        N_("档次"),
        N_("资助身份"),
        N_("人数"),
        N_("缴费标准"),
        N_("资助"),
        N_("个人缴费"),
        N_("财政补助"),
    )
    table = Table(*(say(title).render(lang or "zh") for title in titles))
    for line in totals.lines:
        words = [line.status, line.tier, line.subsidy_identity, line.people]
        amounts = [getattr(line, name) for name in AMOUNTS]
        sums = ["–" if fen is None else format_yuan(fen) for fen in amounts]
        table.add_row(*("" if word is None else str(word) for word in words), *sums)
    table.add_section()
    table.add_row("", "", "", str(totals.rows), *(format_yuan(totals.sum_of(name)) for name in AMOUNTS))
    console().print(table)
