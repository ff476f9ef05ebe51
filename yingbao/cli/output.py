"""What commands share: the language option, the console, and errors as one clear sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from yingbao.kernel.errors import YingbaoError

Language = Annotated[str | None, typer.Option("--lang", envvar="YINGBAO_LANG", help="zh | en")]


def console() -> Console:
    """Return a console on standard output as it is now."""
    return Console()


@contextmanager
def failing_clearly(lang: str | None) -> Iterator[None]:
    """End the command with the error's own sentence on standard error and exit code 1, not with a traceback."""
    try:
        yield
    except YingbaoError as error:
        typer.echo(error.render(lang or "zh"), err=True)
        raise typer.Exit(1) from error
