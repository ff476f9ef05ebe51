"""``yingbao policy sheet``: everything a pack says as one page, with examples the engine has assessed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yingbao.cli.output import Language, failing_clearly
from yingbao.cli.packs import Folder, PackName, open_policy
from yingbao.policy.factsheet import make_sheet, write_markdown


def sheet(
    pack: PackName,
    out: Annotated[Path | None, typer.Option("--out", help="写入这个文件 / write it into this file")] = None,
    folder: Folder = None,
    lang: Language = None,
) -> None:
    """生成政策说明（Markdown）：标准、时段、条款和测算示例 / write a pack's fact sheet, with worked examples."""
    with failing_clearly(lang):
        page = write_markdown(make_sheet(open_policy(pack, folder)), lang or "zh")
        if out is None:
            typer.echo(page, nl=False)
        else:
            out.write_text(page, "utf-8")
