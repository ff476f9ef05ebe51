"""How commands name a pack: one that ships by its name, an officer's own by the path of its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from yingbao.kernel.errors import BadInput, NotFound, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy, list_packs, read_policy

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
    path = (folder or Path()) / pack
    if folder is not None:
        check_folder(folder)
    if path.suffix == SUFFIX:
        _check_file(path)
        with naming_packs(path.parent):
            return read_policy(path.stem, path.parent)
    if path.is_dir() and (folder is not None or pack not in list_packs()):
        raise BadInput(
            say(N_("“{name}”是文件夹，不是政策包文件"), name=path),
            fact=say(N_("要检查其中全部政策包，用 yingbao policy lint --folder {name}"), name=path),
            todo=say(N_("请写明其中的 .yaml 文件。")),
        )
    if len(Path(pack).parts) > 1:
        _check_file(path.with_name(path.name + SUFFIX))
        raise BadInput(say(N_("请写明后缀：“{name}”"), name=path.with_name(path.name + SUFFIX)))
    if folder is None:
        return get_policy(pack)
    with naming_packs(folder):
        return read_policy(pack, folder)


def check_folder(folder: Path) -> None:
    """Raise NotFound for a folder of packs that is not there, BadInput for one that is none."""
    if folder.is_file():
        raise BadInput(say(N_("“{name}”是文件，不是文件夹"), name=folder), todo=say(N_("请换一个文件夹。")))
    if not folder.is_dir():
        raise NotFound(say(N_("没有文件夹“{name}”"), name=folder), todo=say(N_("请检查文件夹的名称和位置。")))


def _check_file(path: Path) -> None:
    if not path.parent.is_dir():
        check_folder(path.parent)
    if path.is_dir():
        raise BadInput(say(N_("“{name}”是一个文件夹，不是文件"), name=path), todo=say(N_("请写明文件夹里的文件名。")))
    if not path.is_file():
        raise NotFound(say(N_("没有找到文件“{name}”。"), name=path), todo=say(N_("请检查文件名和所在文件夹。")))


@contextmanager
def naming_packs(folder: Path | None) -> Iterator[None]:
    """Let the command an error suggests name a pack of ``folder`` by its path, as it then has to be typed."""
    try:
        yield
    except YingbaoError as error:
        todo = error.todo
        if folder is not None and todo is not None and "yingbao policy" in todo.template:
            path = folder / f"{todo.params.get('name')}{SUFFIX}"
            error.todo = say(todo.template, **{**todo.params, "name": path}) if path.is_file() else todo
        raise


def folder_of(pack: str, folder: Path | None) -> Path | None:
    """Return the folder a pack named in a command is in; None for those that go by their name alone."""
    path = (folder or Path()) / pack
    return path.parent if path.suffix == SUFFIX else folder
