"""Every form a page offers, with every field sent odd: a sentence with a 4xx, never a server error. Both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.test import Client
from django.urls import reverse

from tests.journeys.cast import household
from tests.web.conftest import Login, Story
from tests.web.harvest import Form, harvest
from tests.web.refunding import ask_for
from tests.web.test_who_sees_what import ACTS, PAGES, arguments
from yingbao.collection.models import Payment, Receipt, Refund

__all__ = ["arguments"]

# What no keyboard types, and what no field has room for, is a bad form wherever it stands.
NEVER = {"a byte no database takes": "好\0", "ten thousand signs": "长" * 10_000}
# What one field may take and another may not: at worst a sentence.
PERHAPS = {
    "an id no column holds": "9" * 18,
    "less than nothing": "-1",
    "the calendar's end": "9999-12-31",
    "an exponent": "9e999999",
    "a kind there is none of": "none-such",
}
SAID = {200, 302, 400, 403, 404, 409}
WITHOUT_A_DOOR = {"login", "logout", "language", "theme"}  # they keep nothing of what was typed
WORKING = [
    "town-clerk",
    "village-agent",
    "bureau",
    "tax",
    "health",
    "school",
    "resident",
]  # the others see the same, or less
TYPED = {  # what somebody might have typed where a form stands empty; so that what is odd is not what is missing
    **{"amount": "1.00", "slip": "S9", "given": "100", "reference": "R9", "terminal": "T9", "note": "核实"},
    **{"reason": "核实", "why": "核实", "name": "某某", "number": "12", "code": "U9", "username": "school", "q": "H0"},
    **{"series": "N9", "first": "1", "last": "2", "text": "某镇社保所", "on": "2022-12-15", "due_on": "2022-12-20"},
    **{"birth_on": "2001-02-03", "missing": "101", "n-10000": "3", "password": "secret", "password_again": "secret"},
}
# Forms that stand on no page of the story, for they wait for another state of it: (argument of the address, who, what).
WAITING: dict[str, tuple[str, str, dict[str, str]]] = {
    "accept-members": ("list", "school", {}),
    "discard-members": ("list", "school", {}),
    "members-on-platform": ("institution", "town-clerk", {}),
    "open-bill": ("institution", "school", {"all": "", "due": "1"}),
    "hand-receipts": ("", "town-clerk", {"agent": "village-agent", "series": "N9", "first": "1", "last": "2"}),
    "hand-receipts-to-town": ("", "bureau", {"town": "500155113000", "series": "N9", "first": "1", "last": "2"}),
    "write-off-book": ("book", "town-clerk", {"missing": "101"}),
    "find-receipt": ("receipt", "village-agent", {}),
    "top-up": (
        "due",
        "village-agent",
        {"household": "1", "amount_fen": "35000", "channel": "pos", "terminal": "T9", "reference": "R9"},
    ),
    "scan-top-up": ("due", "village-agent", {"household": "1", "amount_fen": "35000"}),
    "order-another": ("", "resident", {"tier_1": "1", "amount_fen": "35000"}),
    "register-platform": ("", "town-clerk", {"resident": "1", "household": "1"}),
    "restore-resident": ("resident", "town-clerk", {"version": "1", "relation": "other", "reason": "核实"}),
    "submit-eligibility": (
        "resident",
        "village-agent",
        {"choice": "PJ-2.1|household_booklet", "number": "12", "valid_until": "2023-01-01"},
    ),
    "bulk": (
        "",
        "town-clerk",
        {"act": "platform", "whom": "ticked", "resident": "1", "counted": "1", "reason": "核实"},
    ),
    "keep-filter": ("", "town-clerk", {"name": "某某", "division": "500155113000"}),
    "call-filter": ("filter", "town-clerk", {}),
    "drop-filter": ("filter", "town-clerk", {"name": "某某"}),
    "decide-match": ("match", "town-clerk", {"reason": "核实", "answer": "1", "number": "12"}),
    "revise-match": ("match", "town-clerk", {"reason": "核实", "answer": "1", "number": "12"}),
    "merge-residents": (
        "",
        "town-clerk",
        {"keep": "1", "drop": "2", "version_1": "1", "version_2": "1", "reason": "核实"},
    ),
    "tell-apart": ("", "town-clerk", {"one": "1", "other": "2", "reason": "核实"}),
    "remove-alias": ("alias", "bureau", {}),
    "take-kept": ("kept", "bureau", {"resident": "1"}),
    "keep-on": ("kept", "bureau", {}),
    "withdraw-transfer": ("kept", "town-clerk", {}),
    "give-back": ("kept", "tax", {"reference": "R9", "returned_on": "2022-12-15"}),
}


def pages(arguments: dict[str, list[object]]) -> Iterator[tuple[str, str]]:
    """Yield (part, address) of the pages on which forms may stand."""
    for name, (argument, seen, _hidden) in PAGES.items():
        if not name.endswith(("-pdf", "-file", "-slip")):
            yield from ((part, reverse(name, args=arguments[argument])) for part in WORKING if part in seen.split())


def more_pages(story: Story) -> Iterator[tuple[str, str]]:
    """Yield the pages of people and payments in other states than the tables' own."""
    agent, asked = "village-agent", ask_for(story, story.paid[3])
    yield agent, reverse("household", args=[story.owing[0].household_id])
    (alone,) = household(date(1990, 1, 1))
    yield agent, f"{reverse('household', args=[alone.household_id])}?tier_{alone.pk}=1"
    yield agent, f"{reverse('ask-refund')}?payment={story.payment}"
    yield agent, reverse("payment", args=[Payment.objects.filter(receipts__state="issued").latest("pk").pk])
    yield "town-clerk", reverse("refund", args=[asked])


def waiting(arguments: dict[str, list[object]]) -> dict[str, Form]:
    """Return the forms that stand on no page."""
    return {
        name: Form(reverse(name, args=arguments[argument]), by, {"key": f"web-{name}"} | fields)
        for name, (argument, by, fields) in WAITING.items()
    }


def answers(form: Form, values: dict[str, str], client: Client) -> Iterator[tuple[str, int]]:
    """Yield (what was odd in which field, the status it was answered with), field by field; a server error too."""
    client.raise_request_exception = False
    whole = {field: value or TYPED.get(field, "") for field, value in form.fields.items()}
    for field in whole:
        for what, value in values.items():
            yield f"{form.name} {field}, {what}", client.post(form.action, whole | {field: value}).status_code


def test_nothing_odd_in_any_field_of_any_form_is_a_server_error(
    story: Story, arguments: dict[str, list[object]], login: Login
) -> None:
    clients = {part: login(part) for part in WORKING}
    forms = harvest(clients, [*pages(arguments), *more_pages(story)])
    assert sorted(WAITING.keys() & forms.keys()) == []  # no longer
    forms |= waiting(arguments)
    assert sorted(ACTS.keys() - forms.keys()) == []
    kept = Payment.objects.count(), Receipt.objects.count(), Refund.objects.count()
    doors = [form for name, form in forms.items() if name not in WITHOUT_A_DOOR]
    bad = [answer for form in doors for answer in answers(form, NEVER, clients[form.by])]
    assert [(what, got) for what, got in bad if got != 400] == []
    assert (Payment.objects.count(), Receipt.objects.count(), Refund.objects.count()) == kept
    odd = [answer for form in forms.values() for answer in answers(form, PERHAPS, clients[form.by])]
    assert [(what, got) for what, got in odd if got not in SAID] == []
