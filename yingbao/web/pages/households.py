"""A household: the counter for whoever may collect, and a resident's own household."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from yingbao.accounts.roles import Right, Role
from yingbao.collection import queries as collection
from yingbao.collection.kinds import Channel, DueState
from yingbao.collection.receipts import queries as receipts
from yingbao.collection.refunding import queries as refunding
from yingbao.divisions import queries as divisions
from yingbao.registry import queries as registry
from yingbao.registry.editing import past
from yingbao.registry.facts import of_residents
from yingbao.registry.institutions import queries as institutions
from yingbao.registry.kinds import HouseholdState, ResidentState
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import shows
from yingbao.web.explaining import Offer, offer_for
from yingbao.web.pages.family import cards_of
from yingbao.web.pages.standing import acts_of
from yingbao.web.requests import WebRequest, filter_number, new_key

COUNTER_CHANNELS = (Channel.CASH, Channel.POS)
ROUND_FEN = 100_00


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def household(request: WebRequest, household_id: int) -> HttpResponse:
    """Show a household: who is enrolled, what each owes, and the counter.

    An institution's collective household may have thousands in it, and is shown as that institution.
    """
    institution = institutions.of_household(household_id)
    if institution is None or request.actor.role == Role.RESIDENT:
        return show_household(request, registry.household(request.actor, household_id))
    request.actor.must_reach(institution.division_id)
    if any(request.actor.may(right) for right in institutions.SEES):
        return redirect("institution", institution_id=institution.pk)
    return redirect(f"{reverse('residents')}?division={institution.division_id}")


def show_own_household(request: WebRequest) -> HttpResponse:
    """Show a resident their own household."""
    return show_household(request, registry.own_household(request.actor))


def show_household(request: WebRequest, found: Any) -> HttpResponse:
    """Render a household that the actor was found to see."""
    policy, today = policies.current(), read_today()
    rows = members_of(request, found, today)
    open_rows = [row for row in rows if row["due"] and row["due"].state == DueState.OPEN]
    chosen = [row for row in rows if row["chosen"]]
    channel = request.GET.get("channel", Channel.CASH)
    payments = payments_of(found, policy.year)
    # An institution pays for many in one payment: who sees their own household alone sees their own refunds alone.
    shown = None if request.actor.may(Right.SEE_MONEY) else [one.pk for one in found.members.all()]
    context = {
        "household": found,
        "year": policy.year,
        "rows": rows,
        "went_to": past.went_to(request.actor, found.pk) if found.state != HouseholdState.PRESENT else [],
        "gone": [one for one in found.members.all() if one.pk not in {row["person"].pk for row in rows}],
        "unregistered": [row["person"] for row in rows if row["unregistered"]],
        "tills": tills_of(request, open_rows),
        "open_dues": [row["due"] for row in open_rows if row["due"].amount_fen],
        "offers_open": any(row["offer"] and not row["offer"].why_not and not row["offer"].closed for row in rows),
        "chosen": chosen,
        "chosen_waits": any(row["unregistered"] for row in chosen),
        "chosen_fen": sum(row["chosen"].payable_fen for row in chosen),
        "channels": [(value, Channel(value).label) for value in COUNTER_CHANNELS],
        "channel": channel if channel in COUNTER_CHANNELS else Channel.CASH,
        "payments": payments,
        "refunds": refunding.of_payments((one.pk for one, _fen in payments), residents=shown),
        "acts": acts_of(request, rows),
        "key": new_key(),
        "platform_key": new_key(),
        "has_receipts": any(book.next_number <= book.last for book in receipts.books_of(request.actor.user_id)),
    }
    dues = [row["due"] for row in rows if row["due"]]
    context["owes_nothing"] = bool(dues) and not any(due.amount_fen for due in dues)
    context["cards"] = cards_of(rows) if request.actor.role == Role.RESIDENT else None
    context["changes"] = change_for(context["chosen_fen"])
    return render(request, "web/household.html", context)


def payments_of(found: Any, year: int) -> list[Any]:
    """Return what was paid for a household, each with how much; in a collective one for who looks at it alone."""
    if institutions.of_household(found.pk) is None:
        return collection.parts_of(collection.payments_of_household(found.pk, year=year))
    own = [one.pk for one in found.members.all()]
    return collection.parts_of(collection.payments_for(own, year=year))


def members_of(request: WebRequest, found: Any, today: date) -> list[dict[str, Any]]:
    """Return each member with this year's due or, where there is none, what each tier would cost today.

    Whoever has died, left or been merged is a member no more, but for what they owe or have paid this year.
    """
    everybody = list(found.members.all())
    dues = collection.dues_of([one.pk for one in everybody], year=policies.current().year)
    people = [one for one in everybody if one.state == ResidentState.PRESENT or one.pk in dues]
    facts = of_residents([one.pk for one in people], on=today)
    rows = []
    for one in sorted(people, key=lambda person: (person.relation != "head", person.birth_on)):
        due = dues.get(one.pk)
        offered = None if due else offer_for(facts[one.pk], today)
        chosen = _chosen(request, one.pk, offered)
        pays = one.state == ResidentState.PRESENT and (due is None or due.state == DueState.OPEN)
        waits = pays and not one.on_platform  # PJ-4.3: no payment before registering
        rows.append({"person": one, "due": due, "offer": offered, "chosen": chosen, "unregistered": waits})
    return rows


def tills_of(request: WebRequest, open_rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is open village by village: whoever moved after enrolling owes where they enrolled.

    Who is not on the national platform is left out; ``reached`` tells whether the actor takes money there.
    """
    by_village: defaultdict[int, list[Any]] = defaultdict(list)
    for row in open_rows:
        if row["due"].amount_fen and not row["unregistered"]:
            by_village[row["due"].division_id].append(row["due"])
    return [
        {
            "dues": dues,
            "fen": sum(due.amount_fen for due in dues),
            "village": divisions.get(code).name if len(by_village) > 1 or code not in request.actor.scope else "",
            "reached": code in request.actor.scope,
            "key": new_key(),
        }
        for code, dues in by_village.items()
    ]


def _chosen(request: WebRequest, resident_id: int, offered: Offer | None) -> Any:
    if offered is None or offered.why_not:
        return None
    tier = filter_number(request, f"tier_{resident_id}")
    return next((choice for choice in offered.choices if choice.tier == tier and choice.payable_fen is not None), None)


def change_for(fen: int) -> list[tuple[int, int]]:
    """Return (money given, change) for the next notes a payer is likely to hand over; empty where nothing is due."""
    if not fen:
        return []
    given = {-(-fen // ROUND_FEN) * ROUND_FEN, -(-fen // (5 * ROUND_FEN)) * 5 * ROUND_FEN}
    return [(amount, amount - fen) for amount in sorted(given)]
