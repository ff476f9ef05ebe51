"""Reading the YAML files of the packs folder, the only I/O of the policy room."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.form_errors import PUNCTUATION, chinese_marks
from yingbao.policy.texts import text

PACKS_DIR = Path(__file__).resolve().parent.parent / "packs"
_HEAD = re.compile(r"^\ufeff?[{]?\s*[\"']?(pack|format)[\"']?\s*:", re.MULTILINE)
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
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
    source = read_source(name, folder)
    try:
        return _freeze(yaml.load(source, Loader=_Loader))
    except yaml.YAMLError as error:
        raise _unreadable(name, source, error) from error
    except ValueError as error:  # a day such as 31 February
        raise BadInput(
            say(N_("政策包“{name}”中有不存在的日期"), name=name), fact=_find_day(source) or text(*[str(error)] * 2)
        ) from error


def read_source(name: str, folder: Path = PACKS_DIR) -> str:
    """Return the text of ``name``.yaml. Raises NotFound, or BadInput when it is no UTF-8."""
    path = next((place for place in (folder / f"{name}.yaml", PACKS_DIR / f"{name}.yaml") if place.is_file()), None)
    if name != Path(name).name or path is None:
        known = sorted({*list_names(folder), *list_names(PACKS_DIR)})
        raise NotFound(
            say(N_("没有名为“{name}”的政策包"), name=name),
            todo=say(N_("可用的政策包：{names}"), names="、".join(known)),
        )
    return read_text(path)


def read_text(path: Path) -> str:
    """Return the text of a file. Raises BadInput, saying how to save it, when it is not in UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(
            say(N_("文件“{name}”不是 UTF-8 编码"), name=path.name),
            fact=say(N_("多半是 GBK（GB18030）编码，中文读不出来")),
            todo=say(N_("请用记事本打开，“另存为”时编码选 UTF-8。")),
        ) from error


def _unreadable(name: str, source: str, error: yaml.YAMLError) -> BadInput:
    """Return the error that names the lines, and Chinese punctuation where it stands in them."""
    mark, start = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    what = say(N_("政策包“{name}”不是合规的 YAML"), name=name)
    if mark is None:
        return BadInput(what, fact=text(*[problem] * 2))
    first = min(start.line, mark.line) if start else mark.line
    lines = source.splitlines()[first : mark.line + 1]
    marks = chinese_marks("\n".join(lines[:1] + lines[-1:]))
    numbers = {"line": mark.line + 1, "column": mark.column + 1, "problem": problem}
    if first == mark.line:
        fact = say(N_("第 {line} 行第 {column} 个字符处读不懂（{problem}）"), **numbers)
    else:
        fact = say(N_("第 {first} 行到第 {line} 行读不懂（{problem}）"), first=first + 1, **numbers)
    usual = say(N_("检查缩进、冒号后面的空格和成对的引号、括号"))
    return BadInput(what, fact=fact, todo=say(PUNCTUATION, marks=marks) if marks else usual)


def _find_day(source: str) -> Message | None:
    for number, line in enumerate(source.splitlines(), 1):
        for found in _DAY.finditer(line):
            try:
                date(*map(int, found.groups()))
            except ValueError:
                return say(N_("第 {line} 行：没有 {day} 这一天"), line=number, day=found.group())
    return None


def _freeze(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _freeze(item) for key, item in value.items()}
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
