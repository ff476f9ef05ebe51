"""``yingbao reassess``: the policy was amended; see whom of the unpaid it changes, then write it down."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from yingbao.cli import late
from yingbao.cli.output import Language, failing_clearly, read_day


def reassess(
    user: Annotated[str, typer.Option("--as", help="以哪个用户的身份和权限办理（用户名）/ as which user")],
    on: Annotated[
        datetime | None,
        typer.Option(parser=read_day, help="按哪一天缴清测算，默认今天 / as if cleared on; default: today"),
    ] = None,
    confirm: Annotated[
        str, typer.Option(help="查看时给出的确认码：写入所显示的变化 / the code shown: writes what was shown")
    ] = "",
    lang: Language = None,
) -> None:
    """政策修订后重新测算未缴费的应缴：先查看，再确认 / bring the unpaid to an amended policy: look, then confirm."""
    with failing_clearly(lang):
        late.call(
            "yingbao.cli.reassess_with_database",
            "run",
            username=user,
            on=on.date() if on else None,
            confirm=confirm,
            lang=lang or "zh",
        )
