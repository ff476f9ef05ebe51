"""A pack as a file an officer goes on writing: every part with what it is for, the unanswered ones as examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from yingbao.policy.drafting.parts import PARTS, Part

LINE = 118
_HEAD = ("format", "pack", "extends", "amends", "assessable", "year", "division", "title")
_HEAD_COMMENT = """\
# {title}
#
# 每个数字写明依据的规则（rule），规则写明文件和条款；没有答到的部分是注释里的例子，去掉行首的“# ”并改成通知上的内容。
# 写完运行 yingbao policy lint {name}.yaml，按提示补上；--questions 打印给主管部门的请示。
# Every number names the rule it rests on. Parts not answered are commented examples: take away the “# ” and write
# what the notice says. Then run yingbao policy lint {name}.yaml; --questions prints the letter to the authority.
"""
_RULES = """\
# 规则：通知中的原句（text）、出处（source），没有说清时怎样理解（interpretation），要请示的问题（ask）。
# Rules: the sentence of the notice, where it stands, how it is read where it leaves room, and what to ask."""
_RULES_EXAMPLE = """rules:
  - id: DOC-1
    title: {zh: 个人缴费标准, en: Personal contribution}
    text: {zh: 个人缴费标准为每人每年400元。, en: The personal contribution is 400 yuan per person and year.}
    source: {document: DOC, clause: 二、（一）}"""
_DOCUMENTS = """\
# 文件：文号没有的写 null；id 供规则引用。
# Documents: number null where there is none; rules name them by id."""
_DOCUMENTS_EXAMPLE = """documents:
  - id: DOC
    title: {zh: 关于做好2026年度城乡居民基本医疗保险参保缴费工作的通知, en: Notice on enrolment and payment 2026}
    number: 某医保发〔2025〕1号
    issuer: {zh: 某县医疗保障局, en: Medical insurance bureau of the county}
    issued_on: 2025-09-10
    file: notice.txt"""


def write_pack(content: Mapping[str, Any], schema: str) -> str:
    """Return the YAML text of a pack; ``schema`` is where the editor finds the JSON Schema, from the file's folder."""
    blocks = [f"# yaml-language-server: $schema={schema}\n" + _head(content)]
    blocks.append(_block("documents", content, _DOCUMENTS, _DOCUMENTS_EXAMPLE))
    blocks.append(_block("rules", content, _RULES, _RULES_EXAMPLE))
    for name, part in PARTS.items():
        blocks.append(_block(name, content, _comment(part), part.example))
    return "\n\n".join(blocks) + "\n"


def _head(content: Mapping[str, Any]) -> str:
    title = content["title"]
    comment = _HEAD_COMMENT.format(title=title["zh"], name=content["pack"])
    return comment + "\n".join(line for key in _HEAD if key in content for line in emit(key, content[key]))


def _block(name: str, content: Mapping[str, Any], comment: str, example: str) -> str:
    """Return one part with its comment; not answered, its example as comment."""
    if content.get(name):
        return "\n".join([comment, *emit(name, content[name])])
    lines = [comment, *(f"# {line}" for line in example.splitlines())]
    if name in ("documents", "rules"):  # the form asks for them, be they empty
        lines.append(f"{name}: []")
    return "\n".join(lines)


def _comment(part: Part) -> str:
    texts = (f"{part.title_zh}：{part.zh}", f"{part.title_en}: {part.en}")
    return "\n".join(f"# {line}" for text in texts for line in text.splitlines())


def emit(key: str, value: Any, indent: int = 0) -> Iterator[str]:
    """Yield the lines of one key: on one line where that is short enough, else its content below it."""
    margin = " " * indent
    line = f"{margin}{key}: {flow(value)}"
    if (_width(line) <= LINE and not _holds_entries(value)) or not isinstance(value, Mapping | list):
        yield line
        return
    yield f"{margin}{key}:"
    if isinstance(value, Mapping):
        for inner, item in value.items():
            yield from emit(str(inner), item, indent + 2)
    else:
        for item in value:
            yield from _emit_item(item, indent + 2)


def _emit_item(item: Any, indent: int) -> Iterator[str]:
    margin = " " * indent
    line = f"{margin}- {flow(item)}"
    if not isinstance(item, Mapping) or (_width(line) <= LINE and not any(map(_holds_entries, item.values()))):
        yield line
        return
    lines = [line for key, value in item.items() for line in emit(str(key), value, indent + 2)]
    yield f"{margin}- {lines[0].lstrip()}"
    yield from lines[1:]


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9)
    return text.removesuffix("...\n").strip()


def _holds_entries(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)


def _width(text: str) -> int:
    """Return how wide a line looks: a Chinese sign takes two places."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
