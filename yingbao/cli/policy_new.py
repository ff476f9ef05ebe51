"""``yingbao policy new`` and ``schema``: a new notice as a pack, written by an officer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli.output import Language, failing_clearly
from yingbao.kernel.messages import N_, say
from yingbao.policy.schema import write_text

Out = Annotated[Path | None, typer.Option("--out", help="写到哪个文件；不写则打印 / the file to write; else printed")]


def write_schema(out: Out = None, lang: Language = None) -> None:
    """打印政策包格式的 JSON Schema，供编辑器提示和检查 / print the JSON Schema of a pack, for editors."""
    with failing_clearly(lang):
        if out is None:
            typer.echo(write_text(), nl=False)
            return
        out.write_text(write_text(), "utf-8")
        typer.echo(say(N_("已写入 {path}"), path=out).render(lang or "zh"))
