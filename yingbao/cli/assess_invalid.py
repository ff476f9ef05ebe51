"""Why rows of an assessed file are ``invalid``: the most common reasons in words, and columns the file lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Policy
from yingbao.policy.facts import FACTS
from yingbao.policy.files import find_lacking
from yingbao.policy.totals import Totals

SHOWN = 5
_DATES = ("input.birth_date", "input.paid_on", "input.term_start")


def say_invalid(policy: Policy, totals: Totals, people: Sequence[Path]) -> Iterator[Message]:
    """Yield a line for each of the most common reasons of invalid rows, and what to do about some; none, no line."""
    common = sorted(totals.invalid_reasons, key=lambda pair: (-pair[1], pair[0]))
    if not common:
        return
    yield say(N_("有误（invalid）的行，原因（一行可有几种）："))
    for reason, count in common[:SHOWN]:
        rule = policy.explain(reason)
        said = {"count": count, "reason": reason, "title": rule.title, "text": rule.text}
        yield say(N_("  {count} 行 {reason} {title}：{text}"), **said)
    if len(common) > SHOWN:
        yield say(N_("  另有 {rest} 种原因，见结果的 reasons 列。"), rest=len(common) - SHOWN)
    facts = [name for name in FACTS if f"input.{name}" in dict(common)]
    for column, file in find_lacking(people, facts).items():
        yield say(N_("文件“{name}”没有列 {column}，本政策需要它。"), name=file.name, column=column)
    if any(reason in _DATES for reason, _ in common):
        yield say(
            N_(
                "日期只认 1985-01-02 这样的写法：1985/1/2、2025年10月10日、前后多一个空格的都不认。"
                "在 Excel 中选中这一列，“设置单元格格式”→“自定义”填 yyyy-mm-dd，再另存为 CSV UTF-8。"
            )
        )
