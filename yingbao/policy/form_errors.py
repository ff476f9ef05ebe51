"""What does not fit the form of a pack, in an officer's words: every mistake with its line and place in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.texts import Text, text

PUNCTUATION = N_("有中文标点（{marks}）：冒号、逗号、引号、括号要用英文（半角）的")
_MARKS = re.compile("[：，“”‘’｛｝［］、；]")
_DAY = N_("应是日期，写作 2026-06-30，不加引号；写的是“{input}”")
_MAPPING = N_("应写作“名称: 内容”的形式，冒号后面有一个空格")
_NUMBER = N_("应是整数，不加引号、不带小数；写的是“{input}”")
_USUAL: dict[str, str] = {
    "missing": N_("缺少这一项"),
    "extra_forbidden": N_("没有叫这个名称的项；多半是写错了名称，或者写错了地方"),
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dict_type": _MAPPING,
    "tuple_type": N_("应是一张清单，每一条前面写“- ”"),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "string_type": N_('应是文字；数字和日期要加引号，如 "990322000000"；写的是“{input}”'),
    "bool_type": N_("应是 true（是）或 false（否）；写的是“{input}”"),
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "literal_error": N_("只能写 {expected}；写的是“{input}”"),
    "union_tag_invalid": N_("{discriminator} 只能写 {expected_tags}；写的是“{tag}”"),
    "union_tag_not_found": N_("缺少 {discriminator}"),
    "greater_than_equal": N_("不能小于 {ge}；写的是“{input}”"),
    "less_than_equal": N_("不能大于 {le}；写的是“{input}”"),
    "too_short": N_("至少要写一条"),
}
# What the form itself says (``entries``, ``format``, ``kernel.money``), by how it begins.
_OWN: dict[str, str] = {
    "an amount in yuan is written": N_("金额写整数，或加引号写小数，如 '387.5'；写的是“{input}”"),
    "money is never a float": N_("金额写整数，或加引号写小数，如 '387.5'；写的是“{input}”"),
    "not an amount": N_("“{input}”不是金额：只写数字，不写“元”，如 400 或 '387.5'"),
    "finer than one fen": N_("“{input}”比一分还细"),
    "a percentage is written": N_("百分比写整数，或加引号写小数，如 '12.5'；写的是“{input}”"),
    "not a percentage": N_("“{input}”不是百分比：只写数字，不写百分号，如 50 或 '12.5'"),
    "last_day lies before first_day": N_("last_day（到哪一天）早于 first_day（从哪一天）"),
    "a condition names at least one": N_("条件是空的：至少写一样要符合的"),
    "age_to lies below age_from": N_("age_to（到几岁）小于 age_from（从几岁）"),
    "a share is either": N_("分担写 amount（金额）或 percent（百分比）之一"),
    "identities or who is needed": N_("要写 identities（哪些身份）或 who（哪些人）"),
    "percent and of_tier go together": N_("percent（百分比）和 of_tier（哪一档的）要一起写"),
    "an amount or a percentage": N_("要写 amount（金额）或 percent（百分比）"),
    "a pack either extends": N_("extends（继承）和 amends（修订）只能写一个"),
}
Lines = Callable[[Sequence[Any]], int | None]


def list_mistakes(error: ValidationError, content: Any, lines: Lines = lambda path: None) -> list[Message]:
    """Return every mistake as a sentence with its place; ``lines`` tells the line a path of keys stands in."""
    found: dict[tuple[Any, ...], list[Message]] = {}
    for one in error.errors(include_url=False):
        path = _path(one["loc"], content, missing=one["type"] == "missing")
        reasons = found.setdefault(path, [])  # two where one of two forms was expected, as a day or a word
        reasons.append(_say_reason(one))
    placed = sorted(((lines(path), path) for path in found), key=lambda pair: pair[0] or 0)
    return [_say_mistake(path, found[path], content, line) for line, path in placed]


def join_lines(messages: Sequence[Message]) -> Text:
    """Return sentences one below the other, numbered."""

    def join(language: str) -> str:
        numbered = enumerate((message.render(language) for message in messages), 1)
        return "\n" + "\n".join(f"  {number}. {sentence}" for number, sentence in numbered)

    return text(join("zh"), join("en"))


def find_lines(source: str) -> Lines:
    """Return what tells the line (from 1) a path of keys and positions stands in; of something missing its parent's."""
    root = yaml.compose(source, Loader=yaml.SafeLoader)

    def line_of(path: Sequence[Any]) -> int | None:
        node, line = root, 1
        for step in path:
            inner = _step(node, step)
            if inner is None:
                break
            mark, node = inner
            line = mark.start_mark.line + 1
        return line

    return line_of


def chinese_marks(source: str) -> str:
    """Return the Chinese punctuation in a text, each mark once."""
    return " ".join(dict.fromkeys(_MARKS.findall(source)))


def _step(node: Any, step: Any) -> tuple[Any, Any] | None:
    """Return the node to point at, and the node to go on from."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _path(loc: Sequence[Any], content: Any, *, missing: bool) -> tuple[Any, ...]:
    """Return the keys and positions that stand in the file; pydantic also names the form it tried."""
    path: list[Any] = []
    place = content
    for step in loc:
        if (isinstance(place, Mapping) and step in place) or (
            isinstance(place, list | tuple) and isinstance(step, int) and step < len(place)
        ):
            place = place[step]
        elif not (missing and step == loc[-1]):
            continue
        path.append(step)
    return tuple(path)


def _say_reason(error: Any) -> Message:
    given = error.get("input")
    context = {key: str(value).replace("'", "").replace(" or ", ", ") for key, value in error.get("ctx", {}).items()}
    if error["type"] == "value_error":
        said = str(error["ctx"]["error"])
        template = next((sentence for start, sentence in _OWN.items() if said.startswith(start)), None)
    else:
        said, template = error["msg"], _USUAL.get(error["type"])
    if template is None:
        return say(N_("不合格式：{reason}"), reason=said)
    if template is _MAPPING and isinstance(given, str) and (marks := chinese_marks(given)):
        return say(PUNCTUATION, marks=marks)
    return say(template, **{**context, "input": "-" if given is None else given})


def _say_mistake(path: tuple[Any, ...], reasons: list[Message], content: Any, line: int | None) -> Message:
    names: dict[str, Message] = {"place": _say_place(path, content), "reason": _either(reasons)}
    if line is None:
        return say(N_("{place}：{reason}"), **names)
    return say(N_("第 {line} 行，{place}：{reason}"), line=line, **names)


def _either(reasons: Sequence[Message]) -> Message:
    found = reasons[0]
    for reason in reasons[1:]:
        found = say(N_("{one}；或者{other}"), one=found, other=reason)
    return found


def _say_place(path: tuple[Any, ...], content: Any) -> Text:
    """Return where a value stands: keys as they are written, entries of lists counted from 1 and named."""
    return text("".join(_steps(path, content, "zh")).lstrip(), ", ".join(_steps(path, content, "en")) or "the pack")


def _steps(path: tuple[Any, ...], content: Any, language: str) -> Iterator[str]:
    if not path and language == "zh":
        yield "整个政策包"
    place = content
    for number, step in enumerate(path):
        place = place[step] if isinstance(place, list | tuple) or step in place else None
        if isinstance(step, int):
            name = (place.get("code") or place.get("id")) if isinstance(place, Mapping) else None
            yield _say_entry(step + 1, name, language)
        else:
            yield f" 的 {step}" if number and language == "zh" else str(step)


def _say_entry(position: int, name: Any, language: str) -> str:
    if language == "zh":
        return f" 第 {position} 条" + (f"（{name}）" if name else "")
    return f"entry {position}" + (f" ({name})" if name else "")
