"""Records that look like one person under two numbers, side by side: merge them, or say that they are two people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.certificates import PSN_CERT_TYPES, Form
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.registry import shown
from yingbao.registry.recognising import duplicates
from yingbao.registry.recognising.duplicates import ShownPair
from yingbao.usecases.merge_residents import merge_residents
from yingbao.usecases.tell_apart import tell_apart
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, filter_number, new_key, paginate, read_key, read_number, read_text

ON_A_PAGE = 10
WHOLE = 0  # the choice of all the actor sees
ID_CARD = PSN_CERT_TYPES[Form.ID_CARD]


@shows(Right.EDIT_REGISTER)
def pairs(request: WebRequest) -> HttpResponse:
    """List the pairs of a town, likeliest first; the bureau chooses the town, because a whole district takes longer."""
    actor = request.actor
    towns = list(divisions.towns(actor.scope))
    chosen = filter_number(request, "division")
    if chosen is None:
        chosen = towns[0].code if len(towns) > 1 else WHOLE
    found = duplicates.pairs(_scope(actor, towns, chosen))
    page = paginate(request, found, size=ON_A_PAGE)
    context = {
        "page": page,
        "rows": _rows(duplicates.shown(actor, list(page))),
        "towns": towns if len(towns) > 1 else [],
        "chosen": chosen,
        "key": new_key(),
    }
    return render(request, "web/duplicates.html", context)


def _scope(actor: Actor, towns: Iterable[Any], chosen: int) -> Scope:
    return next((town.scope for town in towns if town.code == chosen), actor.scope)


def _rows(found: Iterable[ShownPair]) -> list[dict[str, Any]]:
    rows = list(found)
    ids = {one.pk for row in rows for one in (row.first, row.second)}
    years = enrolment.standing_years(ids)
    codes = shown.identity_codes_on(ids, read_today())
    names = {pk: [policies.identity_name(code) for code in sorted(of_one)] for pk, of_one in codes.items()}
    return [
        {
            "pair": row,
            "sides": [
                {"person": one, "years": sorted(years.get(one.pk, ())), "identities": names.get(one.pk, [])}
                for one in (row.first, row.second)
            ],
            "keep": _likely_kept(row, years),
        }
        for row in rows
    ]


def _likely_kept(row: ShownPair, years: dict[int, set[int]]) -> int:
    """Return the record to choose beforehand: who is enrolled last, then who has an ID number, then the older."""
    both = (row.first, row.second)
    rank = {one.pk: (max(years.get(one.pk, {0})), one.certificate_kind == ID_CARD, -one.pk) for one in both}
    return max(rank, key=lambda pk: rank[pk])


@changes(Right.EDIT_REGISTER)
def merge(request: WebRequest) -> HttpResponse:
    """Merge two records into the one that was chosen."""
    ids = _ids(request)
    keep = read_number(request, "keep")
    if keep not in ids:
        raise BadInput(say(N_("请选择保留哪一条记录。")))
    answer = merge_residents(
        request.actor,
        keep_id=keep,
        drop_id=next(pk for pk in ids if pk != keep),
        versions={pk: read_number(request, f"version_{pk}") for pk in ids},
        reason=read_text(request, "reason", limit=200),
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已合并为一条记录，原来的证件号码仍能查到这个人。"))
    if answer["twice"]:
        years = "、".join(map(str, answer["twice"]))
        messages.warning(request, _("两条记录都办理了 %(years)s 年度参保，已生成待办事项。") % {"years": years})
    return redirect("resident", resident_id=keep)


@changes(Right.EDIT_REGISTER)
def apart(request: WebRequest) -> HttpResponse:
    """Remember that two records are two people."""
    one, other = _ids(request)
    reason = read_text(request, "reason", limit=200)
    tell_apart(request.actor, one_id=one, other_id=other, reason=reason, key=read_key(request), at=read_now())
    messages.success(request, _("已记录：不是同一人，今后不再提示。"))
    division = filter_number(request, "division")
    return redirect(reverse("duplicates") + (f"?division={division}" if division is not None else ""))


def _ids(request: WebRequest) -> tuple[int, int]:
    one, other = read_number(request, "one"), read_number(request, "other")
    if one == other:
        raise BadInput(say(N_("请选择两条不同的记录。")))
    return one, other
