"""Commands that keep a site: secrets, demo, serve, verify, users."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli import late
from yingbao.cli.output import failing_clearly, read_day
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.secrets import make_secrets

DEMO_MARK = "this-is-a-demo"
SITE = "yingbao.cli.site_with_database"
Lang = Annotated[str | None, typer.Option(help="zh 或 en；缺省取 YINGBAO_LANG，再缺省为 zh")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="端口")]


def demo(
    serve_it: Annotated[bool, typer.Option("--serve/--no-serve", help="演示结束后是否打开网页服务")] = True,
    port: Port = 8000,
    seed: Annotated[int, typer.Option(help="同一种子，同一个镇")] = 2023,
    lang: Lang = None,
) -> None:
    """演示：一个镇、一个参保季，从头到尾（数据写入 YINGBAO_HOME，缺省 .demo）。"""
    with failing_clearly(lang):
        home = _home(".demo")
        _clear_demo(home)
        _demo_environment(home)
        held = late.call(SITE, "play", home=home, seed=seed, lang=lang, port=port)
    if serve_it:
        late.call(SITE, "print_logins", lang=lang, port=port)
        _serve(port)
    raise typer.Exit(0 if held else 1)


def serve(port: Port = 8000, lang: Lang = None) -> None:
    """打开网页服务（只在本机 127.0.0.1；对外由反向代理承担）。"""
    with failing_clearly(lang):
        home = _home("var")
        if (home / DEMO_MARK).exists():
            _demo_environment(home)
            late.call(SITE, "print_logins", lang=lang, port=port)
        else:
            os.environ["YINGBAO_HOME"] = str(home)
    _serve(port)


def migrate(lang: Lang = None) -> None:
    """建立或更新数据库的表。"""
    with failing_clearly(lang):
        late.call(SITE, "migrate")


def secrets() -> None:
    """生成运行所需的密钥（已有的保留）。"""
    typer.echo(make_secrets(_home("var")))


def verify(
    year: Annotated[int | None, typer.Option(help="参保年度；缺省为当前政策的年度")] = None, lang: Lang = None
) -> None:
    """核对账簿：逐条证明每一分钱、每张票据、每笔到账都对得上；有不符的以 1 退出。"""
    with failing_clearly(lang):
        home = _home("var")
        if (home / DEMO_MARK).exists():
            _demo_environment(home)
        held = late.call(SITE, "print_proofs", year=year, lang=lang)
    raise typer.Exit(0 if held else 1)


def nightly(
    on: Annotated[
        datetime | None, typer.Option(parser=read_day, metavar="DATE", help="按这一天结束时检查；缺省为今天")
    ] = None,
    lang: Lang = None,
) -> None:
    """每晚检查：逐镇查缴存、申报、台账和未参保的人，新增或办结待办，再核对账簿；有不符或没查成的以 1 退出。"""
    with failing_clearly(lang):
        home = _home("var")
        if (home / DEMO_MARK).exists():
            _demo_environment(home)
        well = late.call(SITE, "print_night", on=on.date() if on else None, lang=lang)
    raise typer.Exit(0 if well else 1)


def _home(default: str) -> Path:
    return Path(os.environ.get("YINGBAO_HOME", default)).resolve()


def _clear_demo(home: Path) -> None:
    """Empty an earlier demo's folder; a folder that holds anything else is never touched."""
    if not home.exists() or not any(home.iterdir()):
        home.mkdir(parents=True, exist_ok=True)
    elif (home / DEMO_MARK).exists():
        shutil.rmtree(home)
        home.mkdir()
    else:
        raise Refused(
            say(N_("文件夹 {home} 里已有不是演示的数据，没有动它。"), home=str(home)),
            todo=say(N_("请换一个空文件夹：设置环境变量 YINGBAO_HOME 后再运行。")),
        )
    (home / DEMO_MARK).touch()
    make_secrets(home)


def _demo_environment(home: Path) -> None:
    os.environ["YINGBAO_HOME"] = str(home)
    os.environ.setdefault("YINGBAO_DATABASE_URL", f"sqlite:///{home}/yingbao.sqlite3?synchronous=NORMAL")
    os.environ["YINGBAO_PACKS"] = str(home / "packs")  # never an office's own folder: the demo's amendment is invented
    os.environ["YINGBAO_DEMO"] = "1"
    os.environ["YINGBAO_TODAY"] = "2023-09-28"


def _serve(port: int) -> None:
    (Path(os.environ["YINGBAO_HOME"]) / "static").mkdir(exist_ok=True)  # else WhiteNoise warns at every start
    # A request computes longer than it waits for the database: two processes a core keep every core at work, and two
    # threads in each are enough for one to wait. More threads only queue for the interpreter (benchmarks/README.md).
    workers = str(2 * (os.cpu_count() or 1))
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", workers, "--threads", "2"]
    os.execv(sys.executable, [*command, "--preload", "--log-level", "warning", "yingbao.config.wsgi:application"])
