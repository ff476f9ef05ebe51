"""What a page's request carries, and how its fields are read."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import parse_yuan
from yingbao.kernel.texts import clean

PAGE_SIZE = 50
YEARS = range(1900, 2200)  # what the field can mean; a day at the calendar's end has no next one
LONGEST_AMOUNT = 20
LONGEST_FIELD = 2_000  # of any form; each field says how much it takes itself


class WebRequest(HttpRequest):
    """A request after the middleware: who acts is known."""

    actor: Actor
    htmx: HtmxDetails


def new_key() -> str:
    """Return a fresh id for a form: sent twice, the form still acts once."""
    return f"web-{uuid4()}"


def check_sent(request: HttpRequest) -> None:
    """Raise BadInput where a form holds what no keyboard types, or more than any field has room for."""
    for _name, values in request.POST.lists():
        for value in values:
            clean(value, limit=LONGEST_FIELD)


def read_key(request: HttpRequest) -> str:
    """Return the id a form came with. Raises BadInput without one."""
    key = request.POST.get("key", "")
    if not key.startswith("web-") or len(key) > 80 or "\0" in key:
        raise BadInput(_bad_form())
    return key


def read_text(request: HttpRequest, name: str, *, limit: int = 300) -> str:
    """Return a posted text without blanks around it; empty where it was not sent. Raises BadInput when too long."""
    return clean(request.POST.get(name, ""), limit=limit)


def read_date(request: HttpRequest, name: str) -> date:
    """Return a posted day. Raises BadInput for what is none."""
    return parse_date(request.POST.get(name, ""))


def parse_date(text: str) -> date:
    """Return the day that ``text`` writes as 2022-12-20. Raises BadInput."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise BadInput(say(N_("日期填写不正确。")), todo=say(N_("请按 2022-12-20 的格式填写。")))
    return day


def read_fen(request: HttpRequest, name: str) -> int:
    """Return a posted amount of yuan in fen; it must be more than 0. Raises BadInput."""
    text = request.POST.get(name, "")
    try:
        fen = parse_yuan(text) if len(text) <= LONGEST_AMOUNT else 0
    except ValueError:
        fen = 0
    if fen <= 0:
        raise BadInput(say(N_("金额填写不正确。")), todo=say(N_("请填写大于 0 的金额，最多两位小数，如 350.00。")))
    return fen


def read_numbers(request: HttpRequest, name: str) -> list[int]:
    """Return the ids that were ticked. Raises BadInput for what is no id."""
    return [parse_number(text) for text in request.POST.getlist(name)]


def read_number(request: HttpRequest, name: str) -> int:
    """Return a posted whole number. Raises BadInput for what is none."""
    return parse_number(request.POST.get(name, ""))


def parse_number(text: str) -> int:
    """Return the whole number ``text`` writes. Raises BadInput."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadInput(_bad_form())
    return int(text)


def filter_number(request: HttpRequest, name: str) -> int | None:
    """Return a number of the query string; None where there is none or it cannot be read."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def paginate(request: HttpRequest, found: Any, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the asked page of a query or list; a page past the end is the last."""
    return Paginator(found, size).get_page(request.GET.get("page"))


def _bad_form() -> Message:
    return say(N_("提交的表单不完整或已过期，请刷新页面后重新填写。"))
