"""``yingbao assess``: a file of people in, a file of answers out."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli.output import Language, failing_clearly
from yingbao.cli.packs import open_policy
from yingbao.kernel.messages import N_, say
from yingbao.policy.files import assess_file


def assess(
    people: Annotated[Path, typer.Argument(help="人员文件（.csv 或 .parquet）/ people to assess")],
    policy: Annotated[str, typer.Option("--policy", help="政策包 / policy pack")],
    out: Annotated[Path, typer.Option("--out", help="结果文件（.csv 或 .parquet）/ where the answers go")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="未缴费人员按哪一天测算；默认为集中参保期最后一天 / "
            "day of the amounts of who has not paid; default: last day of the centralised period",
        ),
    ] = None,
    lang: Language = None,
) -> None:
    """按政策包测算每个人的缴费、资助和待遇期 / assess every person of a file."""
    with failing_clearly(lang):
        day: date | None = as_of.date() if as_of else None
        chosen = open_policy(policy)
        summary = assess_file(chosen, people, out, as_of=day)
        template = N_("已测算 {rows} 人（未缴费的按 {day}）：{counts}")
        comma = ", " if lang == "en" else "，"
        counts = comma.join(f"{status} {count}" for status, count in sorted(summary.by_status.items()))
        message = say(template, rows=summary.rows, day=day or chosen.default_as_of, counts=counts or "-")
        typer.echo(message.render(lang or "zh"))
