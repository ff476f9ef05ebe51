"""What commands share: the options of language and day, the console, and errors as one clear sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import yingbao
from yingbao.kernel.errors import BadInput, YingbaoError
from yingbao.kernel.messages import N_, Message, say

LANGUAGES = ("zh", "en")
OWN_FILES = Path(yingbao.__file__).resolve().parent


def _read_language(given: str | None) -> str | None:
    """Return zh or en, also for zh_CN or en-GB. Ends the command for a language there is not."""
    known = next((language for language in LANGUAGES if (given or "").lower().startswith(language)), None)
    if given and known is None:
        _end(say(N_("没有语言“{lang}”，可用：zh（中文）、en（English）"), lang=given))
    return known


def read_day(text: str) -> datetime:
    """Read the day of an option, YYYY-MM-DD. Ends the command with a sentence where it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        _end(say(N_("“{text}”不是日期，应写成 2026-01-05 这样"), text=text))
        raise


def _end(message: Message) -> None:
    """End the command in both languages: which one is wanted is not known while options are read."""
    typer.echo(f"{message.render('zh')} / {message.render('en')}", err=True)
    raise typer.Exit(1)


Language = Annotated[str | None, typer.Option("--lang", envvar="YINGBAO_LANG", callback=_read_language, help="zh | en")]


def console() -> Console:
    """Return a console on standard output as it is now."""
    return Console()


@contextmanager
def failing_clearly(lang: str | None) -> Iterator[None]:
    """End the command with the error's own sentence on standard error and exit code 1, not with a traceback.

    A file or folder that cannot be used is such an error; one of the program's own that is missing is a bug.
    """
    try:
        yield
    except YingbaoError as error:
        typer.echo(error.render(lang or "zh"), err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        place = error.filename2 or error.filename
        if not isinstance(place, str | bytes) or _is_own(place):
            raise
        typer.echo(_explain(error, place).render(lang or "zh"), err=True)
        raise typer.Exit(1) from error


def _is_own(place: str | bytes) -> bool:
    return Path(_text(place)).resolve().is_relative_to(OWN_FILES)


def _text(place: str | bytes) -> str:
    return place if isinstance(place, str) else place.decode(errors="replace")


def _explain(error: OSError, place: str | bytes) -> YingbaoError:
    """Say what is in the way, looking at the place itself: what a system raises for the same trouble differs."""
    path = Path(_text(place))
    blocker = next((parent for parent in path.parents if parent.exists() and not parent.is_dir()), None)
    if blocker is None and isinstance(error, FileExistsError | NotADirectoryError) and path.is_file():
        blocker = path
    if blocker is not None:
        return BadInput(say(N_("“{name}”是文件，不是文件夹"), name=blocker), todo=say(N_("请换一个文件夹。")))
    if path.is_dir():
        return BadInput(say(N_("“{name}”是一个文件夹，不是文件"), name=path), todo=say(N_("请写明文件夹里的文件名。")))
    if not path.parent.is_dir():
        return BadInput(
            say(N_("文件夹“{folder}”不存在，不能在里面读写文件"), folder=path.parent),
            todo=say(N_("请先建好这个文件夹，或换一个位置。")),
        )
    if isinstance(error, FileNotFoundError):
        return BadInput(say(N_("没有找到文件“{name}”。"), name=path), todo=say(N_("请检查文件名和所在文件夹。")))
    if isinstance(error, PermissionError):
        return BadInput(
            say(N_("没有权限读写“{name}”"), name=path),
            todo=say(N_("请确认它没有在别的程序里打开，或换一个位置。")),
        )
    return BadInput(
        say(N_("“{name}”读不出来或写不进去"), name=path),
        fact=say(N_("原因：{error}"), error=error.strerror or type(error).__name__),
        todo=say(N_("请检查磁盘，或换一个位置。")),
    )
