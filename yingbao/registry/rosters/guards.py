"""Rosters that would do great harm are refused as a whole: nobody reads four thousand cancellations one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say

FEWEST = 10  # of fewer people half may well leave in a month: they are read one by one


def must_not_shrink(named: Mapping[str, int], held: Mapping[str, int], name_of: Callable[[str], Message]) -> None:
    """Raise Refused where a full list names fewer than half of those who hold an identity, by code and in total.

    ``named`` is code → people in the file, ``held`` code → people who hold it now by this department's word.
    """
    for code, now in named.items():
        if _is_halved(now, held.get(code, 0)):
            raise _shrunk(say(N_("“{identity}”"), identity=name_of(code)), now, held[code])
    total, before = sum(named.values()), sum(held.get(code, 0) for code in named)
    if _is_halved(total, before):
        raise _shrunk(say(N_("各类人员合计")), total, before)


def must_not_empty(removed: Mapping[str, int], held: Mapping[str, int], name_of: Callable[[str], Message]) -> None:
    """Raise Refused where an add/remove list takes an identity from more than half of those who hold it."""
    for code, gone in removed.items():
        if _is_halved(held.get(code, 0) - gone, held.get(code, 0)):
            raise _emptied(say(N_("“{identity}”"), identity=name_of(code)), gone, held[code])
    gone, before = sum(removed.values()), sum(held.values())
    if _is_halved(before - gone, before):
        raise _emptied(say(N_("各类人员合计")), gone, before)


def must_not_be_older(month: date, newest: date | None) -> None:
    """Raise Refused where a full list speaks for an earlier month than the newest accepted roster."""
    if newest is not None and month < newest:
        raise Refused(
            say(
                N_("已有 {newest} 的花名册导入，{month} 的全量名单没有接收。"), newest=_text(newest), month=_text(month)
            ),
            fact=say(N_("全量名单上没有的人会被取消身份，较早月份的名单不能再取消以后才有的身份。")),
            todo=say(N_("请报送 {newest} 或以后月份的名单；个别更正请用增减名单。"), newest=_text(newest)),
        )


def _is_halved(now: int, before: int) -> bool:
    return before >= FEWEST and now * 2 < before


def _shrunk(what: Message, now: int, before: int) -> Refused:
    return Refused(
        say(
            N_("名单中{what}只有 {now} 人，不到现有 {before} 人的一半，整份名单没有接收。"),
            what=what,
            now=now,
            before=before,
        ),
        fact=say(N_("全量名单上没有的人会被取消身份；名单不全会误取消 {count} 人。"), count=before - now),
        todo=say(N_("请核对名单是否完整后重新报送；确有这样大的变动，请先用增减名单分次减少。")),
    )


def _emptied(what: Message, gone: int, before: int) -> Refused:
    return Refused(
        say(
            N_("名单要减少{what} {gone} 人，超过现有 {before} 人的一半，整份名单没有接收。"),
            what=what,
            gone=gone,
            before=before,
        ),
        fact=say(N_("“新增或减少”一列填反，也会是这个结果。")),
        todo=say(N_("请核对“新增或减少”一列；确需减少，请分成几份报送。")),
    )


def _text(month: date) -> str:
    return f"{month:%Y-%m}"
