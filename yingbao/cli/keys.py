"""``yingbao rotate-keys``: put residents' data under a new key, step by step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli import late
from yingbao.cli.output import Language, failing_clearly
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.storage.secrets import ROTATING, begin_rotation

WORK = "yingbao.cli.keys_with_database"
RESTART = N_("新密钥（编号 {number}）已写入 secrets.env。请重启网页服务，再运行 yingbao rotate-keys。")


def rotate_keys(
    new: Annotated[
        bool, typer.Option("--new", help="第一步：生成新密钥，保留旧密钥 / step 1: a new key; the old one is kept")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="最后一步：移除旧密钥 / last step: remove the old key")
    ] = False,
    index_too: Annotated[
        bool,
        typer.Option("--index-too", help="另换检索密钥，须先停网页服务 / new blind indexes; stop the site first"),
    ] = False,
    lang: Language = None,
) -> None:
    """更换居民资料的加密密钥：--new，重启，不带参数运行，--finish，重启 / put residents' data under a new key."""
    with failing_clearly(lang):
        if new + finish + index_too > 1:
            raise BadInput(say(N_("一次只能做一步：--new、--finish、--index-too 请分开运行。")))
        home = Path(os.environ.get("YINGBAO_HOME", "var")).resolve()
        if new:
            _tell(say(RESTART, number=begin_rotation(home).number), lang)
            return
        os.environ[ROTATING] = "1"
        step = "finish" if finish else "renew_indexes" if index_too else "reseal"
        late.call(WORK, step, home=home, lang=lang or "zh")


def _tell(message: Message, lang: str | None) -> None:
    typer.echo(message.render(lang or "zh"))
