"""Finding residents: a text and a filter, what narrows it shown as chips, page after page; filters kept by name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import push_url

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.divisions.codes import SIZES
from yingbao.enrolment import queries as enrolment
from yingbao.registry import shown
from yingbao.registry.finding import listing, saved
from yingbao.registry.finding.listing import Filter, Search, read_filter
from yingbao.registry.kinds import ElsewhereKind
from yingbao.storage.encrypted import seal, unseal
from yingbao.usecases.save_filter import delete_filter, rename_filter, save_filter
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.filters import ACTS, chips, choices, places_of
from yingbao.web.requests import WebRequest, filter_number, new_key, read_key, read_text

LONGEST_SEARCH = 60
SEARCH = "search"  # in the session
HOUSEHOLD_FORMS = {"no-head": "head", "head-age": "head", "address": "address"}  # check → what its form does


@shows(Right.SEE_RESIDENTS)
def residents(request: WebRequest) -> HttpResponse:
    """List the residents that a filter means; with ``found`` those of them the last search asked for."""
    text = remembered(request) if request.GET.get("found") else ""
    return render(request, "web/residents.html", _found(request, text, read_filter(request.GET.dict())))


@changes(Right.SEE_RESIDENTS)
def search(request: WebRequest) -> HttpResponse:
    """Take a name, certificate number or household number. By POST, so that none of it stands in an address or log."""
    text = read_text(request, "q", limit=LONGEST_SEARCH)
    request.session[SEARCH] = seal(text).hex()
    wanted = read_filter(request.POST.dict())
    address = f"{reverse('residents')}?{urlencode({'found': '1', **wanted.codes()})}"
    if not request.htmx:
        return redirect(address)
    # Enter puts the reader on the first one found; while somebody still types, the cursor stays where it is.
    context = _found(request, text, wanted) | {"enter": "go" in request.POST}
    return push_url(render(request, "web/parts/found.html", context), address)


def remembered(request: WebRequest) -> str:
    """Return the last search of this login; sessions lie in the database, so it is sealed there."""
    return unseal(bytes.fromhex(request.session[SEARCH])) if SEARCH in request.session else ""


def search_of(request: WebRequest, text: str, wanted: Filter) -> Search:
    """Return what a page looks for: text and filter, on its day, in its insurance year."""
    enrolled = enrolment.standing(request.actor.scope, year=policies.current().year)
    return Search(text, wanted, read_today(), enrolled)


def _found(request: WebRequest, text: str, wanted: Filter) -> dict[str, Any]:
    actor = request.actor
    after, before = filter_number(request, "after"), filter_number(request, "before")
    found = listing.search(
        actor, search_of(request, text, wanted), after=after, before=before, counted="count" in request.GET
    )
    places = places_of(actor)
    begin = max(filter_number(request, "from") or 1, 1) if after or before else 1
    base: dict[str, Any] = ({"found": 1} if text else {}) | wanted.codes()
    return {
        "found": found,
        "rows": [row | {"mend": _form(actor, wanted.check, row["person"])} for row in _rows(actor, found.residents)],
        "q": text,
        "filter": wanted,
        "query": urlencode(base),
        "chips": chips(wanted, text=text, places=places),
        "places": places,
        "fields": [(*one, wanted.codes().get(one[0], "")) for one in choices()],
        "saved": [(one, urlencode(read_filter(one.filter).codes())) for one in saved.filters_of(actor)],
        "acts": ACTS,
        "begin": begin,
        "end": begin + len(found.residents) - 1,
        "most": listing.MOST_COUNTED,
        "key": new_key(),
        **_neighbours(found, base, begin),
    }


def _form(actor: Actor, check: str, person: Any) -> str:
    """Return the address of the form that mends what a check found of somebody; empty without a check or the right."""
    if not check or not actor.may(Right.EDIT_REGISTER if check == "alike" else Right.EDIT_CONTACT):
        return ""
    if check == "alike":
        return f"{reverse('duplicates')}?division={person.division_id - person.division_id % SIZES['town']}"
    if check == "eligibility":
        return reverse("eligibility", args=[person.pk])
    if check in HOUSEHOLD_FORMS:
        return f"{reverse('change-household', args=[person.household_id])}?do={HOUSEHOLD_FORMS[check]}"
    return reverse("edit-resident", args=[person.pk])


def _neighbours(found: Any, base: dict[str, Any], begin: int) -> dict[str, str]:
    """Return the addresses of the page before and the page after, where they are. They name the row they begin at."""
    pages: dict[str, str] = {}
    if found.residents and found.has_next:
        pages["next"] = urlencode({**base, "after": found.residents[-1].pk, "from": begin + len(found.residents)})
    if found.residents and found.has_previous:
        pages["previous"] = urlencode(
            {**base, "before": found.residents[0].pk, "from": max(begin - listing.PAGE_SIZE, 1)}
        )
    return pages


def _rows(actor: Actor, people: list[Any]) -> list[dict[str, Any]]:
    ids, today = [one.pk for one in people], read_today()
    dues, codes = collection.dues_of(ids, year=policies.current().year), shown.identity_codes_on(ids, today)
    elsewhere = shown.elsewhere_on(ids, today)
    return [_row(one, dues.get(one.pk), codes.get(one.pk, ()), elsewhere.get(one.pk)) for one in people]


def _row(person: Any, due: Any, codes: Any, elsewhere: str | None) -> dict[str, Any]:
    return {
        "person": person,
        "due": due,
        "identities": [policies.identity_name(code) for code in sorted(codes)],
        "elsewhere": ElsewhereKind(elsewhere).label if elsewhere else "",
    }


# --- filters kept by name -------------------------------------------------------------------------------------------


@changes(Right.SEE_RESIDENTS)
def keep_filter(request: WebRequest) -> HttpResponse:
    """Keep the filter of the form under a name."""
    wanted = read_filter(request.POST.dict())
    save_filter(request.actor, name=read_text(request, "name"), wanted=wanted, key=read_key(request), at=read_now())
    messages.success(request, _("筛选方案已保存，在“我的筛选”里随时可用。"))
    return redirect(f"{reverse('residents')}?{urlencode(wanted.codes())}")


@changes(Right.SEE_RESIDENTS)
def call_filter(request: WebRequest, filter_id: int) -> HttpResponse:
    """Give a kept filter another name."""
    name, key = read_text(request, "name"), read_key(request)
    rename_filter(request.actor, filter_id=filter_id, name=name, key=key, at=read_now())
    messages.success(request, _("筛选方案已改名。"))
    return redirect("residents")


@changes(Right.SEE_RESIDENTS)
def drop_filter(request: WebRequest, filter_id: int) -> HttpResponse:
    """Forget a kept filter."""
    delete_filter(request.actor, filter_id=filter_id, key=read_key(request), at=read_now())
    messages.success(request, _("筛选方案已删除。"))
    return redirect("residents")
