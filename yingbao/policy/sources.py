"""Reading the YAML files of the packs folder, the only I/O of the policy room."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say

PACKS_DIR = Path(__file__).resolve().parent.parent / "packs"
_HEAD = re.compile(r"^\ufeff?[{]?\s*[\"']?(pack|format)[\"']?\s*:", re.MULTILINE)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def list_names(folder: Path = PACKS_DIR) -> list[str]:
    """Return the names of all packs in ``folder``, sorted; other YAML, such as answers, is passed over."""
    return sorted(path.stem for path in folder.glob("*.yaml") if path.stem != "vocabulary" and _is_pack(path))


def _is_pack(path: Path) -> bool:
    """Tell by its head whether a file is meant as a pack: one with mistakes in it is to be named too."""
    return path.is_file() and _HEAD.search(path.read_text("utf-8", errors="replace")) is not None


def read_yaml(name: str, folder: Path = PACKS_DIR) -> Any:
    """Return the content of ``name``.yaml with lists as tuples. Raises NotFound, or BadInput when it is no YAML.

    What is not in ``folder`` is looked for among the packs that ship: an officer's own pack may extend those.
    """
    path = next((place for place in (folder / f"{name}.yaml", PACKS_DIR / f"{name}.yaml") if place.is_file()), None)
    if name != Path(name).name or path is None:
        known = sorted({*list_names(folder), *list_names(PACKS_DIR)})
        raise NotFound(
            say(N_("没有名为“{name}”的政策包"), name=name),
            todo=say(N_("可用的政策包：{names}"), names="、".join(known)),
        )
    try:
        return _freeze(yaml.load(path.read_text("utf-8"), Loader=_Loader))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or a day such as 31 February
        raise BadInput(say(N_("政策包“{name}”不是合规的 YAML：{error}"), name=name, error=str(error))) from error


def _freeze(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _freeze(item) for key, item in value.items()}
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
