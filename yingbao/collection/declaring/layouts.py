"""How a district names and orders the columns of the two files it exchanges with the tax client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import QuerySet

from yingbao.collection.kinds import LayoutKind
from yingbao.collection.models import ExchangeLayout
from yingbao.divisions.codes import SIZES
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.sheets import Layout
from yingbao.sheets.exchange import DECLARATION_FILE, RESULT_FILE
from yingbao.sheets.layout import header_key
from yingbao.sheets.rejects import EXTRA_COLUMNS

Columns = Sequence[tuple[str, str]]  # (our field, their heading), in their order
OURS = {LayoutKind.DECLARATION: DECLARATION_FILE, LayoutKind.RESULT: RESULT_FILE}
LONGEST_HEADING = 30
# Without these a result says nothing that can be taken in.
NEEDED = {LayoutKind.DECLARATION: (), LayoutKind.RESULT: ("answer", "cleared_on", "reason")}
FORMULA = ("=", "+", "-", "@", "'")


def district_of(division_code: int) -> int:
    """Return the code of the district whose layouts a division works by."""
    return division_code - division_code % SIZES["district"]


def current(kind: LayoutKind, *, division_code: int) -> Layout:
    """Return the layout that counts for a division: its district's newest, else ours."""
    newest = saved(kind, division_code=division_code).first()
    return OURS[kind] if newest is None else _layout(kind, newest.columns)


def readable(kind: LayoutKind, *, division_code: int) -> list[Layout]:
    """Return every layout a file may still come in: the newest first, the older ones, ours."""
    known = saved(kind, division_code=division_code)
    return [*(_layout(kind, one.columns) for one in known), OURS[kind]]


def saved(kind: LayoutKind, *, division_code: int) -> QuerySet[ExchangeLayout]:
    """Return a district's own layouts of a kind, the newest first."""
    found = ExchangeLayout.objects.filter(division_id=district_of(division_code), kind=kind)
    return found.select_related("set_by").order_by("-id")


def ours(kind: LayoutKind) -> list[tuple[str, str]]:
    """Return our own columns: (field, heading)."""
    return [(column.key, column.name) for column in OURS[kind].columns]


def check(kind: LayoutKind, columns: Columns) -> None:
    """Raise BadInput for a layout by which a line could not be found again, or a result not be understood."""
    known = {column.key for column in OURS[kind].columns}
    fields = [field for field, _heading in columns]
    if not set(fields) <= known or len(set(fields)) != len(fields):
        raise _bad(say(N_("列不认识或重复。")))
    headings = [header_key(heading) for _field, heading in columns]
    if any(not key or len(key) > LONGEST_HEADING or key.startswith(FORMULA) for key in headings):
        raise _bad(say(N_("每一列都要有表头，最多 {most} 个字，不能以 = + - @ 开头。"), most=LONGEST_HEADING))
    doubled = next((name for (_, name), key in zip(columns, headings, strict=True) if headings.count(key) > 1), None)
    if doubled is not None:
        raise _bad(say(N_("表头“{heading}”用了两次。"), heading=doubled))
    reserved = next((name for _, name in columns if name in EXTRA_COLUMNS), None)
    if reserved is not None:
        raise _bad(say(N_("表头“{heading}”留给未通过的行，不能用。"), heading=reserved))
    _check_needed(kind, set(fields))


def _check_needed(kind: LayoutKind, fields: set[str]) -> None:
    if "line" not in fields and not {"name", "cert_number"} <= fields:
        raise _bad(say(N_("必须有“行号”，或者“姓名”和“证件号码”，否则回执对不上申报的人。")))
    missing = [OURS[kind].column(key).name for key in NEEDED[kind] if key not in fields]
    if missing:
        raise _bad(say(N_("回执文件还缺少：{columns}。"), columns="、".join(missing)))


def _bad(what: Message) -> BadInput:
    return BadInput(what, todo=say(N_("格式没有保存，请改正后再保存。")))


def _layout(kind: LayoutKind, columns: Columns) -> Layout:
    # Under headings of their own a file is read by those alone: an alias of ours may be another column's heading.
    layout = OURS[kind]
    named = tuple(replace(layout.column(field), name=heading, aliases=()) for field, heading in columns)
    return replace(layout, columns=named)
