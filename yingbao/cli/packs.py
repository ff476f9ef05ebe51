"""How commands name a pack: one that ships by its name, an officer's own by the path of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yingbao.policy import Policy, get_policy, read_policy

SUFFIX = ".yaml"
PackName = Annotated[
    str,
    typer.Argument(metavar="PACK", help="政策包名称，或其 .yaml 文件的路径 / a pack's name, or the path of its file"),
]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="政策包所在的文件夹 / the folder the pack is in, if not yingbao's own")
]


def open_policy(pack: str, folder: Path | None = None) -> Policy:
    """Return the policy of a pack named in a command. Raises NotFound, or BadInput for a file that is no pack."""
    path = Path(pack)
    if path.suffix == SUFFIX:
        return read_policy(path.stem, path.parent if folder is None else folder / path.parent)
    return get_policy(pack) if folder is None else read_policy(pack, folder)
