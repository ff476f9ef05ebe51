"""The counter: a household found by number, name or certificate, enrolled and paid for without leaving the keyboard."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import push_url

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.kinds import Channel
from yingbao.collection.orders import queries as orders
from yingbao.collection.receipts import queries as receipts
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import BadInput, Refused, YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan, parse_yuan
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.registry import queries as registry
from yingbao.registry.facts import of_household
from yingbao.registry.finding import listing
from yingbao.registry.finding.listing import Filter, Search
from yingbao.registry.institutions import queries as institutions
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.open_order import open_order
from yingbao.usecases.serve_household import serve_household
from yingbao.web import policies
from yingbao.web.bills import Asked, Bill, bill_for, must_choose, read_asked
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.middleware import status_of
from yingbao.web.pages.counter import read_voucher
from yingbao.web.pages.households import change_for
from yingbao.web.pages.payments import find as find_payment
from yingbao.web.requests import WebRequest, filter_number, new_key, read_key, read_number, read_text

SCAN = "scan"
WAYS = ((Channel.CASH.value, Channel.CASH.label), (Channel.POS.value, Channel.POS.label), (SCAN, gettext_lazy("扫码")))
NOTES = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10)
MOST_HOMES = 20
LONGEST_SEARCH, LONGEST_AMOUNT = 60, 12


@shows(Right.COLLECT)
def counter(request: WebRequest) -> HttpResponse:
    """Show the counter with nobody at it, or go to the household that was chosen among those found."""
    chosen = filter_number(request, "household")
    if chosen is not None:
        return redirect("counter-household", household_id=chosen)
    return _page(request, {"here": "nobody"})


@changes(Right.COLLECT)
def find(request: WebRequest) -> HttpResponse:
    """Find households by what was typed or scanned; the only one is opened at once. By POST: it stands in no log."""
    text = read_text(request, "q", limit=LONGEST_SEARCH)
    homes = homes_found(request.actor, text) if text else []
    if len(homes) == 1:
        return redirect("counter-household", household_id=homes[0].pk)
    return _page(request, {"here": "found", "homes": homes, "q": text, "most": MOST_HOMES})


def homes_found(actor: Actor, text: str) -> list[Any]:
    """Return the households of whom a text means, in the order they were found, at most MOST_HOMES."""
    enrolled = enrolment.standing(actor.scope, year=policies.current().year)
    people = listing.search(actor, Search(text, Filter(), read_today(), enrolled)).residents
    ids = list(dict.fromkeys(one.household_id for one in people))[:MOST_HOMES]
    homes = {home.pk: home for home in registry.households(actor, ids)}
    return [homes[pk] for pk in ids if pk in homes]


@shows(Right.COLLECT)
def household(request: WebRequest, household_id: int) -> HttpResponse:
    """Open a household: everybody's tier as last year, what it comes to, and the till."""
    response = show(request, _family(request, household_id), None)
    return push_url(response, request.path) if request.htmx else response


@changes(Right.COLLECT)
def bill(request: WebRequest, household_id: int) -> HttpResponse:
    """Work out anew what was chosen costs, and the change. Nothing is kept."""
    return show(request, _family(request, household_id), read_asked(request))


@changes(Right.COLLECT)
def serve(request: WebRequest, household_id: int) -> HttpResponse:
    """Enrol and take the money, open an order to scan, or only enrol; what was refused is said above the same bill."""
    asked = must_choose(read_asked(request))
    found = _family(request, household_id)
    try:
        return _serve(request, found, asked)
    except (BadInput, Refused) as error:
        return show(request, found, asked, error)


def _family(request: WebRequest, household_id: int) -> Any:
    """Return a household for the till. Raises NotFound, and Refused for an institution's, which has thousands in it."""
    institution = institutions.of_household(household_id)
    if institution is not None:
        request.actor.must_reach(institution.division_id)
        raise Refused(
            say(N_("这是“{name}”的集体户，不在窗口按户收款。"), name=institution.name),
            todo=say(N_("请由单位一笔转账缴清，或请本人网上缴费；已离开单位的，先为本人立户。")),
        )
    return registry.household(request.actor, household_id)


def _serve(request: WebRequest, found: Any, asked: Asked) -> HttpResponse:
    way, amount = read_text(request, "channel", limit=20), read_number(request, "amount_fen")
    terms: dict[str, Any] = {
        "household_id": found.pk,
        "tiers": asked.tiers,
        "policy_name": settings.YINGBAO_POLICY,
        "on": read_today(),
        "key": read_key(request),
        "at": read_now(),
    }
    if request.POST.get("act") == "later":
        enrol_household(request.actor, **terms)
        messages.success(request, _("已登记，没有收款。"))
        return redirect("counter-household", household_id=found.pk)
    due_ids = sorted(asked.due_ids)
    if way == SCAN:
        order = open_order(request.actor, due_ids=due_ids, amount_fen=amount, **terms)["order"]
        return redirect("order", number=order) if order else _nothing_taken(request)
    _check_given(request, way, amount)
    payment = serve_household(
        request.actor,
        due_ids=due_ids,
        channel=way,
        amount_fen=amount,
        **read_voucher(request),
        **terms,
    )["payment"]
    if not payment:
        return _nothing_taken(request)
    given = _given(request) if way == Channel.CASH else None
    back = f"?given={given}" if given and given > amount else ""
    return redirect(reverse("counter-paid", args=[payment]) + back)


def _nothing_taken(request: WebRequest) -> HttpResponse:
    messages.success(request, _("已登记。个人应缴为零，请办理零申报。"))
    return redirect("counter")


@shows(Right.COLLECT)
def paid(request: WebRequest, payment_id: int) -> HttpResponse:
    """Show what was taken, the change to be handed out, the receipt to be printed, the way to the next household."""
    payment = find_payment(request.actor, payment_id)
    given = filter_number(request, "given") or 0
    back = given - payment.amount_fen
    change = {"given": given, "back": back, "notes": notes_of(back)} if back > 0 else {}
    return _page(request, {"here": "paid", "payment": payment, **change})


def show(request: WebRequest, found: Any, asked: Asked | None, error: YingbaoError | None = None) -> HttpResponse:
    """Render a household that the actor was found to see; after a refusal with why, and what was chosen kept."""
    today = read_today()
    facts = of_household(found.pk, on=today)
    drawn = bill_for(
        request.actor, found.members.all(), facts, division_code=found.division_id, asked=asked, today=today
    )
    context = {
        "here": "household",
        "household": found,
        "bill": drawn,
        "year": policies.current().year,
        "orders": orders.open_for(found.pk, year=policies.current().year, at=read_now()),
        "error": error,
        "key": new_key(),
        # Worked out anew beside somebody who goes on choosing, the bill must not take their cursor away.
        "focus": not (request.htmx and request.method == "POST"),
        **_till(request, drawn),
    }
    return _page(request, context, status=status_of(error) if error else 200)


def _till(request: WebRequest, drawn: Bill) -> dict[str, Any]:
    """Return the way to pay, what is given and what goes back, all in fen."""
    way = request.POST.get("channel", "")
    given = _given(request)
    back = None if given is None else given - drawn.fen
    return {
        "ways": WAYS,
        "way": way if way in dict(WAYS) else Channel.CASH.value,
        "typed": {name: request.POST.get(name, "") for name in ("given", "reference", "terminal")},
        "given": given,
        "unread": _typed(request) if given is None else "",
        "back": back,
        "notes": notes_of(back) if back and back > 0 else [],
        "likely": change_for(drawn.fen),
        "has_receipts": any(book.next_number <= book.last for book in receipts.books_of(request.actor.user_id)),
    }


def _given(request: WebRequest) -> int | None:
    """Return the money handed over in fen; None where nothing was typed, or no amount."""
    text = _typed(request)
    try:
        return parse_yuan(text) if 0 < len(text) <= LONGEST_AMOUNT else None
    except ValueError:
        return None


def _typed(request: WebRequest) -> str:
    return request.POST.get("given", "").strip()


def _check_given(request: WebRequest, way: str, amount: int) -> None:
    """Raise BadInput for cash that is too little, or that cannot be read: a slip of the finger is no amount."""
    given = _given(request)
    if way == Channel.CASH and given is None and _typed(request):
        raise BadInput(
            say(N_("收到的现金看不明白，没有收款。")),
            fact=say(N_("填的是“{typed}”。"), typed=_typed(request)[:LONGEST_AMOUNT]),
            todo=say(N_("请只填数字，如 1000 或 350.50；不找零的可以空着。")),
        )
    if way == Channel.CASH and given is not None and given < amount:
        raise BadInput(
            say(N_("收到的现金不够，没有收款。")),
            fact=say(N_("应收{owed}元，收到{given}元。"), owed=format_yuan(amount), given=format_yuan(given)),
            todo=say(N_("请收足后再提交；只为部分成员缴费的，请把其他成员改为“暂不”。")),
        )


def notes_of(fen: int) -> list[tuple[int, int]]:
    """Return (note or coin in fen, how many) that make up a sum with the fewest pieces; what is below 0.1 is left."""
    pieces = []
    for note in NOTES:
        if fen >= note:
            pieces.append((note, fen // note))
            fen %= note
    return pieces


def _page(request: WebRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, "web/counter.html", context | {"tally": tally_of(request.actor)}, status=status)


def tally_of(actor: Actor) -> dict[str, Any]:
    """Return the actor's day so far: what was taken or scanned by which way, cash in hand, receipts left."""
    year, today = policies.current().year, read_today()
    taken = [(Channel(way).label, *rest) for way, *rest in collection.tally_of_agent(actor.user_id, on=today)]
    scanned = orders.scanned(actor.user_id, on=today)
    if scanned[0]:
        taken.append((dict(WAYS)[SCAN], *scanned))
    books = [book for book in receipts.books_of(actor.user_id) if book.next_number <= book.last]
    return {
        "rows": taken,
        "count": sum(count for _way, count, _fen in taken),
        "fen": sum(fen for _way, _count, fen in taken),
        "cash": ledger.balance_of(actor.scope, year=year, kind=AccountKind.AGENT_CASH, holder=str(actor.user_id)),
        "book": books[0] if books else None,
        "left": sum(book.last - book.next_number + 1 for book in books),
    }
