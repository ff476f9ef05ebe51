"""Filters for differences of money: always with a sign, or never."""

from __future__ import annotations

from django import template

from yingbao.kernel.money import format_yuan

register = template.Library()


@register.filter
def signed_yuan(fen: int) -> str:
    """Return a difference in yuan with its sign, without decimals where they are zero: +1,234, −50.50, 0."""
    sign = "+" if fen > 0 else "−" if fen < 0 else ""
    return sign + unsigned_yuan(fen)


@register.filter
def unsigned_yuan(fen: int) -> str:
    """Return how large a difference is, in yuan."""
    return format_yuan(abs(fen)).removesuffix(".00")
