"""What is done with many residents at once: a change, counted and confirmed; or a file to take away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.registry.finding import exports, listing
from yingbao.registry.finding.listing import read_filter
from yingbao.usecases.bulk_residents import MOST_AT_ONCE, Act, Whom, bulk_residents, count_meant
from yingbao.usecases.export_residents import MOST_ROWS, SHORTEST_PASSWORD, Whole, export_residents
from yingbao.web.clock import read_now
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.filters import ACTS, chips, places_of
from yingbao.web.pages.finding import remembered, search_of
from yingbao.web.requests import WebRequest, new_key, read_key, read_number, read_numbers, read_text

PRESET = ("household_no", "relation", "name", "cert_number", "sex", "birth_on", "village", "address", "phone")


@changes(Right.EDIT_REGISTER)
def ask_bulk(request: WebRequest) -> HttpResponse:
    """Show how many residents an act would change and ask for the reason. Nothing is changed yet."""
    act, whom = _read_act(request), _read_whom(request)
    meant = count_meant(request.actor, act=act, whom=whom)
    wanted, text = whom.search.filter, whom.search.text
    context = {
        "act": act,
        "word": dict(ACTS)[act],
        "meant": meant,
        "ticked": whom.ticked,
        "filter": wanted,
        "q": text,
        "chips": chips(wanted, text=text, places=places_of(request.actor)),
        "back": _back(request),
        "most": MOST_AT_ONCE,
        "key": new_key(),
    }
    return render(request, "web/bulk.html", context)


@changes(Right.EDIT_REGISTER)
def bulk(request: WebRequest) -> HttpResponse:
    """Do it: whom the search finds is looked up again."""
    answer = bulk_residents(
        request.actor,
        act=_read_act(request),
        whom=_read_whom(request),
        counted=read_number(request, "counted"),
        policy_name=settings.YINGBAO_POLICY,
        reason=read_text(request, "reason", limit=200),
        key=read_key(request),
        at=read_now(),
    )
    told = _("已办理 %(changed)s 人；%(already)s 人本来就是如此或不适用，没有改动。")
    messages.success(request, told % answer)
    return redirect(_back(request))


def _read_act(request: WebRequest) -> Act:
    act = read_text(request, "act", limit=40)
    if act not in [one.value for one in Act]:
        raise BadInput(say(N_("请选择要批量办理的事项。")))
    return Act(act)


def _read_whom(request: WebRequest) -> Whom:
    text = remembered(request) if request.POST.get("found") else ""
    search = search_of(request, text, read_filter(request.POST.dict()))
    everybody = request.POST.get("whom") == "all"
    return Whom(search, None if everybody else tuple(sorted(set(read_numbers(request, "resident")))))


def _back(request: WebRequest) -> str:
    base: dict[str, Any] = {"found": 1} if request.POST.get("found") else {}
    return f"{reverse('residents')}?{urlencode(base | read_filter(request.POST.dict()).codes())}"


@shows(Right.EXPORT_RESIDENTS)
def export(request: WebRequest) -> HttpResponse:
    """Ask which columns to take away, masked or whole."""
    wanted = read_filter(request.GET.dict())
    text = remembered(request) if request.GET.get("found") else ""
    total = listing.count(listing.find(request.actor, search_of(request, text, wanted)))
    context = {
        "filter": wanted,
        "q": text,
        "chips": chips(wanted, text=text, places=places_of(request.actor)),
        "total": total,
        "more": total > listing.MOST_COUNTED,
        "counted": listing.MOST_COUNTED,
        "most": MOST_ROWS,
        "shortest": SHORTEST_PASSWORD,
        "columns": [(one.key, one.name, one.key in PRESET) for one in exports.COLUMNS],
    }
    return render(request, "web/export.html", context)


@changes(Right.EXPORT_RESIDENTS)
def export_file(request: WebRequest) -> HttpResponse:
    """Give the file."""
    text = remembered(request) if request.POST.get("found") else ""
    content = export_residents(
        request.actor,
        search=search_of(request, text, read_filter(request.POST.dict())),
        columns=request.POST.getlist("column"),
        policy_name=settings.YINGBAO_POLICY,
        at=read_now(),
        whole=_read_whole(request),
    )
    return attach(content, name=f"residents-{read_now():%Y%m%d}.xlsx", kind=XLSX)


def _read_whole(request: WebRequest) -> Whole | None:
    if request.POST.get("numbers") != "whole":
        return None
    return Whole(read_text(request, "reason", limit=200), request.POST.get("password", "")[:100])
