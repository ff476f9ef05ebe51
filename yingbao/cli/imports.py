"""``yingbao import``: files into the books by two words, on the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli import late
from yingbao.cli.output import Language, failing_clearly, read_day
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say

DATABASE = "yingbao.cli.imports_with_database"
POLICY = "liangping-2023"
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".xlsx、.xls 或 .csv")]
User = Annotated[str, typer.Option("--as", help="以哪个用户的身份和权限办理（用户名）")]
KINDS = ("targets", "register", "roster", "elsewhere", "deaths")
Kind = Annotated[str, typer.Argument(help=" | ".join(KINDS))]
Month = Annotated[datetime, typer.Option(formats=["%Y-%m"], help="名单的月份，如 2022-11")]
FileId = Annotated[int, typer.Argument(help="检查时给出的文件编号")]
Password = Annotated[
    str, typer.Option(envvar="YINGBAO_FILE_PASSWORD", help="文件的打开密码；最好放在环境变量里", show_envvar=True)
]
Policy = Annotated[str, typer.Option(envvar="YINGBAO_POLICY", help="政策包")]
Key = Annotated[str, typer.Option(help="请求编号：同一编号只办一次；缺省自动生成")]

app = typer.Typer(
    no_args_is_help=True, help="导入目标任务、全员台账、花名册、在别处参保和死亡名单：先检查，确认后才入账"
)


@app.command()
def targets(
    file: File,
    user: User,
    division: Annotated[int, typer.Option(help="这张表属于哪个镇街或区县（12 位代码）")],
    year: Annotated[int, typer.Option(help="参保年度")],
    due_on: Annotated[datetime, typer.Option(parser=read_day, help="完成期限")],
    key: Key = "",
    lang: Language = None,
) -> None:
    """检查一张目标任务表。"""
    facts = {"division_code": division, "year": year, "due_on": due_on.date()}
    _call("check", lang, file=file, kind="targets", user=user, key=key, password="", facts=facts)


@app.command()
def register(
    file: File, user: User, policy: Policy = POLICY, password: Password = "", key: Key = "", lang: Language = None
) -> None:
    """检查一份全员信息台账。"""
    facts = {"policy_name": policy}
    _call("check", lang, file=file, kind="register", user=user, key=key, password=password, facts=facts)


@app.command()
def roster(
    file: File,
    user: User,
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="花名册的月份，如 2022-11")],
    policy: Policy = POLICY,
    password: Password = "",
    key: Key = "",
    lang: Language = None,
) -> None:
    """检查一份部门花名册。"""
    facts = {"month": month.date(), "policy_name": policy}
    _call("check", lang, file=file, kind="roster", user=user, key=key, password=password, facts=facts)


@app.command()
def elsewhere(
    file: File,
    user: User,
    about: Annotated[str, typer.Option(help="employee 职工医保 | other_place 异地参保 | prison 服刑 | army 服役")],
    month: Month,
    full: Annotated[bool, typer.Option("--full/--changes", help="完整名单（没有的人视为已结束）还是增减名单")] = False,
    policy: Policy = POLICY,
    password: Password = "",
    key: Key = "",
    lang: Language = None,
) -> None:
    """检查一份在别处参保、服刑或服役人员名单。"""
    facts = {"about": about, "month": month.date(), "is_full": full, "policy_name": policy}
    _call("check", lang, file=file, kind="elsewhere", user=user, key=key, password=password, facts=facts)


@app.command()
def deaths(
    file: File,
    user: User,
    month: Month,
    policy: Policy = POLICY,
    password: Password = "",
    key: Key = "",
    lang: Language = None,
) -> None:
    """检查一份死亡人员名单。"""
    facts = {"month": month.date(), "policy_name": policy}
    _call("check", lang, file=file, kind="deaths", user=user, key=key, password=password, facts=facts)


@app.command()
def withdraw(
    kind: Annotated[str, typer.Argument(help="elsewhere | deaths")],
    file_id: FileId,
    user: User,
    reason: Annotated[str, typer.Option(help="corrected 来源单位更正 | wrong-file 传错文件 | wrong-terms 种类等选错")],
    policy: Policy = POLICY,
    key: Key = "",
    lang: Language = None,
) -> None:
    """撤回一份已入账的名单：它带来的改动恢复原状。"""
    _call("withdraw", lang, kind=kind, file_id=file_id, user=user, reason=reason, policy=policy, key=key)


@app.command()
def watch(
    user: User,
    on: Annotated[datetime | None, typer.Option(parser=read_day, help="哪一天；缺省为今天")] = None,
    policy: Policy = POLICY,
    lang: Language = None,
) -> None:
    """核对已参保的人：死亡或在别处参保的立为待办，情况消失的关闭；每晚运行，重复运行不变。"""
    with failing_clearly(lang):
        day = on.date() if on else None
        late.call(DATABASE, "watch", lang=lang or "zh", user=user, on=day, policy=policy)


@app.command()
def accept(kind: Kind, file_id: FileId, user: User, key: Key = "", lang: Language = None) -> None:
    """确认一份检查过的文件：没有问题的行入账，其余不动。"""
    _call("accept", lang, kind=kind, file_id=file_id, user=user, key=key)


@app.command()
def discard(kind: Kind, file_id: FileId, user: User, key: Key = "", lang: Language = None) -> None:
    """放弃一份检查过的文件。"""
    _call("discard", lang, kind=kind, file_id=file_id, user=user, key=key)


@app.command()
def rejects(kind: Kind, file_id: FileId, user: User, out: Path, lang: Language = None) -> None:
    """把有问题的行连同原因存为 .xlsx，改好后可再次导入。"""
    _call("save_rejects", lang, kind=kind, file_id=file_id, user=user, out=out)


def _call(function: str, lang: str | None, *, kind: str, **arguments: object) -> None:
    with failing_clearly(lang):
        if kind not in KINDS:
            todo = say(N_("请用 {kinds}"), kinds="、".join(KINDS))
            raise BadInput(say(N_("没有“{kind}”这种文件"), kind=kind), todo=todo)
        late.call(DATABASE, function, lang=lang or "zh", kind=kind, **arguments)
