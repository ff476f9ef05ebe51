"""``yingbao roster-template``: the form a department fills in, on the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli import late
from yingbao.cli.imports import POLICY, Policy, User
from yingbao.cli.output import Language, failing_clearly

DATABASE = "yingbao.cli.rosters_with_database"
Password = Annotated[
    str,
    typer.Option(envvar="YINGBAO_FILE_PASSWORD", help="表的打开密码，至少八个字符；缺省时询问两次", show_envvar=True),
]


def roster_template(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="存为哪个 .xlsx 文件")],
    user: User,
    full: Annotated[bool, typer.Option("--full/--changes", help="月度全量名单，还是通知附件的增减花名册")] = False,
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="填入本部门这个月的人员作底稿，如 2022-11")
    ] = None,
    policy: Policy = POLICY,
    password: Password = "",
    lang: Language = None,
) -> None:
    """下载花名册空表或底稿，用您给的密码加密。"""
    again = password
    if not password:
        password, again = (typer.prompt(asked, hide_input=True) for asked in ("打开密码", "再填一次"))
    with failing_clearly(lang):
        late.call(
            DATABASE,
            "save_template",
            out=out,
            user=user,
            form="full" if full else "changes",
            month=month.date() if month else None,
            policy_name=policy,
            password=password,
            password_again=again,
        )
