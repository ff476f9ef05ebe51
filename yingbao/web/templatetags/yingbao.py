"""Filters and small parts of pages: money, percent, dates, chips, icons."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from yingbao.accounts.roles import Role
from yingbao.kernel.certificates import mask
from yingbao.kernel.masking import mask_account, mask_phone
from yingbao.kernel.messages import Message
from yingbao.kernel.money import format_yuan
from yingbao.web.policies import department_name, identity_name, pack_with
from yingbao.web.words import ACTIONS, SUBJECTS

register = template.Library()
NOTHING = "–"


@register.filter
def yuan(fen: int | None) -> str:
    """Return fen as yuan with two decimals; a dash for None."""
    return NOTHING if fen is None else format_yuan(fen)


@register.filter
def whole_yuan(fen: int | None) -> str:
    """Return fen as yuan, without decimals where they are zero."""
    return NOTHING if fen is None else format_yuan(fen).removesuffix(".00")


@register.filter
def count(number: int | None) -> str:
    """Return a whole number with thousands separators; a dash for None."""
    return NOTHING if number is None else f"{number:,}"


@register.filter
def percent(part: int | None, whole: int | None) -> str:
    """Return ``part`` of ``whole`` as 98.3%, rounded down so that 100% means all; a dash where there is no whole."""
    if part is None or not whole:
        return NOTHING
    permille = part * 1000 // whole
    return f"{permille // 10}.{permille % 10}%"


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """Return ``part`` of ``whole`` as the width of a bar, at most 100%."""
    return f"{min(1000, (part or 0) * 1000 // whole) / 10}%" if whole else "0%"


@register.filter
def day(value: date | None) -> str:
    """Return a day as 2022-12-20; a dash for None."""
    return NOTHING if value is None else value.isoformat()[:10]


@register.filter
def last_day(end_on: date | None) -> str:
    """Return the last day of a half-open span that ends before ``end_on``."""
    return NOTHING if end_on is None else (end_on - timedelta(days=1)).isoformat()


@register.filter
def masked(number: str | None) -> str:
    """Return a certificate or phone number with its middle hidden."""
    return mask(number) if number else NOTHING


@register.filter
def masked_phone(number: str | None) -> str:
    """Return a phone number with its middle hidden."""
    return mask_phone(number) if number else NOTHING


@register.filter
def masked_account(number: str | None) -> str:
    """Return a bank account with only its last digits."""
    return mask_account(number) if number else NOTHING


@register.filter
def action(code: str) -> str:
    """Return what an audit entry's action is called."""
    return str(ACTIONS.get(code, code))


@register.filter
def subject(kind: str) -> str:
    """Return what a kind of record is called."""
    return str(SUBJECTS.get(kind, kind))


@register.filter
def role(code: str) -> str:
    """Return what a role is called."""
    return str(Role(code).label) if code in Role.values else code


@register.filter
def identity(code: str) -> str:
    """Return what an identity is called in the reader's language."""
    return identity_name(code) if code else ""


@register.filter
def department(code: str) -> str:
    """Return what a department is called in the reader's language."""
    return department_name(code) if code else NOTHING


@register.filter
def own_fiscal(enrolment: Any) -> int:
    """Return the fiscal subsidy that an enrolled person bears themselves (PJ-7.2e); 0 where there is none."""
    rate, subsidy, payable = enrolment.rate_fen, enrolment.subsidy_fen, enrolment.payable_fen
    return 0 if None in (rate, subsidy, payable) else max(0, payable - (rate - subsidy))


@register.filter
def minus(number: int, less: int) -> int:
    """Return a number less another."""
    return number - less


@register.filter
def negated(number: int) -> int:
    """Return a number with the other sign."""
    return -number


@register.filter
def add_float(value: float, more: int) -> str:
    """Return a place in a chart moved by some units, as SVG writes it."""
    return f"{value + more:.1f}"


@register.filter
def spoken(message: Any) -> str:
    """Return a Message in the reader's language; other values as they are."""
    return message.render(get_language() or "zh") if isinstance(message, Message) else str(message)


@register.filter
def in_language(pair: Any) -> str:
    """Return the half of a text with ``zh`` and ``en`` that the reader reads."""
    code = (get_language() or "zh")[:2]
    if isinstance(pair, dict):
        return str(pair.get(code) or pair.get("zh", ""))
    return str(getattr(pair, code, "") or getattr(pair, "zh", pair))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return ``mapping[key]``, or None."""
    return mapping.get(key)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon; it is decoration, the words beside it say what it means."""
    sprite = static("web/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag
def clause(rule_id: str) -> SafeString:
    """Return a clause's id, leading to its text where a pack holds it."""
    pack = pack_with(rule_id)
    if pack is None:
        return format_html('<span class="clause">{}</span>', rule_id)
    return format_html('<a class="clause" href="{}">{}</a>', reverse("rule", args=[pack, rule_id]), rule_id)


@register.simple_tag(takes_context=True)
def keep_query(context: template.Context, **changes: Any) -> str:
    """Return the page's query string with some values changed; an empty value drops it."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"
