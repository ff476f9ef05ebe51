"""Every address, every part of the cast, every status: 200, 302, 403, 404."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, reverse
from pytest_django.fixtures import Settings

from tests.journeys.cast import POLICY, VILLAGE, at
from tests.journeys.institutions import school_of
from tests.web import institution_addresses, money_addresses
from tests.web.conftest import TODAY, WEEK_ON, Login, Story
from tests.web.moments import count_the_cash, open_an_order, swipe
from yingbao.collection.models import DeclarationLine, Due, Receipt
from yingbao.ledger.models import Account
from yingbao.registry.eligibility.attachments import Scan
from yingbao.registry.eligibility.evidence import Document
from yingbao.registry.kinds import Evidence
from yingbao.registry.models import Attachment
from yingbao.usecases.submit_eligibility import submit_eligibility
from yingbao.web.urls import urlpatterns

STAFF = "bureau tax health town-clerk village-agent next-agent outsider auditor"
EVERYONE = f"{STAFF} school administrator resident neighbour"
PARTS = EVERYONE.split()
COLLECTORS = "town-clerk village-agent next-agent outsider"
RESIDENTS_SEEN = "bureau town-clerk village-agent auditor"  # of VILLAGE
ABROAD = "next-agent outsider"  # have the right, but elsewhere: it must look as if it were not there
MONEY_SEEN = f"{RESIDENTS_SEEN} tax"

# address name → (its arguments, who gets 200, who gets 404); everybody else 403, whoever is not logged in 302
PAGES: dict[str, tuple[str, str, str]] = (
    institution_addresses.PAGES
    | money_addresses.PAGES
    | {
        "home": ("", EVERYONE, ""),
        "residents": ("", f"{RESIDENTS_SEEN} {ABROAD}", ""),
        "export": ("", "bureau town-clerk outsider auditor", ""),
        "quality": ("", f"{RESIDENTS_SEEN} {ABROAD}", ""),
        "resident": ("resident", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "decision": ("resident", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "decision-pdf": ("resident", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "eligibility": ("resident", RESIDENTS_SEEN, ABROAD),
        "reviews": ("", f"{RESIDENTS_SEEN} {ABROAD}", ""),
        "review": ("review", RESIDENTS_SEEN, ABROAD),
        "attachment": ("attachment", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "reveal": ("resident", "bureau town-clerk auditor", "outsider"),
        "household": ("household", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "register-resident": ("", "bureau town-clerk outsider", ""),
        "next-number": ("", "", "bureau town-clerk outsider"),
        "edit-resident": ("resident", "bureau town-clerk village-agent", ABROAD),
        "resident-history": ("resident", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "change-household": ("household", "bureau town-clerk village-agent", ABROAD),
        "household-history": ("household", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "counter": ("", COLLECTORS, ""),
        "counter-household": ("household", "town-clerk village-agent", ABROAD),
        "counter-paid": ("payment", "town-clerk village-agent", ABROAD),
        "order": ("order", MONEY_SEEN, f"{ABROAD} resident neighbour"),
        "online": ("", "resident neighbour", ""),
        "another": ("", "resident neighbour", ""),
        "pay-guide": ("", EVERYONE, ""),
        "payments": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "payment": ("payment", f"{MONEY_SEEN} resident", f"{ABROAD} neighbour"),
        "receipt-pdf": ("payment", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "receipt-slip": ("payment", f"{RESIDENTS_SEEN} resident", f"{ABROAD} neighbour"),
        "voucher-pdf": ("pos_payment", f"{RESIDENTS_SEEN}", f"{ABROAD} neighbour resident"),
        "day": ("", COLLECTORS, ""),
        "work": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "progress": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "week": ("week", f"{MONEY_SEEN} next-agent", "outsider"),
        "week-file": ("week", f"{MONEY_SEEN} next-agent", "outsider"),
        "money": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "ledger-accounts": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "ledger-file": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "ledger-account": ("account", MONEY_SEEN, ABROAD),
        "statement-file": ("account", MONEY_SEEN, ABROAD),
        "transfers": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "entry": ("entry", MONEY_SEEN, ABROAD),
        "deposits": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "declarations": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "declaration": ("declaration", MONEY_SEEN, ABROAD),
        "declaration-file": ("declaration", "town-clerk village-agent tax", ABROAD),
        "layouts": ("", "bureau tax", ""),
        "counts": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "count": ("", COLLECTORS, ""),
        "count-sum": ("", COLLECTORS, ""),
        "count-pdf": ("count", MONEY_SEEN, ABROAD),
        "proofs": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "receipts": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "receipt-book": ("book", MONEY_SEEN, ABROAD),
        "receipt-reviews": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "stubs": ("", f"{MONEY_SEEN} {ABROAD}", ""),
        "settlements": ("", "bureau tax health town-clerk outsider auditor", ""),
        "settlement": ("settlement", "bureau tax auditor", "health town-clerk outsider"),
        "settlement-file": ("settlement", "bureau tax auditor", "health town-clerk outsider"),
        "notices": ("", f"{RESIDENTS_SEEN} {ABROAD} school", ""),
        "notice-pdf": ("notice", f"{RESIDENTS_SEEN} school", ABROAD),
        "files": ("", "bureau tax health town-clerk outsider auditor", ""),
        "file": ("file", "bureau auditor", "tax health town-clerk outsider"),
        "differences": ("file", "bureau auditor", "health"),
        "differences-file": ("file", "bureau auditor", "health"),
        "roster-template": ("", "health", ""),
        "aliases": ("", "bureau health auditor", ""),
        "confirmations": ("", "town-clerk outsider", ""),
        "rejects": ("file", "", "bureau tax auditor health town-clerk outsider"),
        "matches": ("", "bureau town-clerk outsider", ""),
        "duplicates": ("", "bureau town-clerk outsider", ""),
        "simulate": ("", "bureau health auditor", ""),
        "simulate-file": ("", "bureau health auditor", ""),
        "audit": ("", "bureau auditor", ""),
        "users": ("", "administrator", ""),
    }
)
# address name → (its arguments, who may); an empty form is 400 for them, 403 for the others, 302 without login
ACTS: dict[str, tuple[str, str]] = (
    institution_addresses.ACTS
    | money_addresses.ACTS
    | {
        "save-new-resident": ("", "bureau town-clerk outsider"),
        "register-platform": ("", "bureau town-clerk outsider"),
        "save-resident": ("resident", f"bureau {COLLECTORS}"),
        "change-certificate": ("resident", "bureau town-clerk outsider"),
        "record-leaving": ("resident", "bureau town-clerk outsider"),
        "restore-resident": ("resident", "bureau town-clerk outsider"),
        "save-household": ("household", f"bureau {COLLECTORS}"),
        "submit-eligibility": ("resident", f"{COLLECTORS} bureau"),
        "decide-review": ("review", "bureau town-clerk outsider"),
        "reveal-now": ("resident", "bureau town-clerk outsider auditor"),
        "enrol": ("household", COLLECTORS),
        "pay": ("household", COLLECTORS),
        "serve": ("household", COLLECTORS),
        "close-order": ("order", f"{COLLECTORS} resident neighbour"),
        "order-online": ("", "resident neighbour"),
        "order-another": ("", "resident neighbour"),
        "find-payee": ("", "resident neighbour"),
        "ask-bulk": ("", "bureau town-clerk outsider"),
        "bulk": ("", "bureau town-clerk outsider"),
        "export-file": ("", "bureau town-clerk outsider auditor"),
        "keep-filter": ("", f"{RESIDENTS_SEEN} {ABROAD}"),
        "call-filter": ("filter", f"{RESIDENTS_SEEN} {ABROAD}"),
        "drop-filter": ("filter", f"{RESIDENTS_SEEN} {ABROAD}"),
        "assign-mending": ("", "bureau town-clerk outsider"),
        "change-tier": ("due", f"{COLLECTORS} resident neighbour"),
        "cancel-enrolment": ("due", f"{COLLECTORS} resident neighbour"),
        "top-up": ("due", COLLECTORS),
        "deposit": ("", COLLECTORS),
        "declare-cash": ("", COLLECTORS),
        "declare-zero": ("", COLLECTORS),
        "register-receipts": ("", "bureau"),
        "hand-receipts-to-town": ("", "bureau"),
        "hand-receipts": ("", "town-clerk outsider"),
        "set-seal": ("", "town-clerk outsider"),
        "return-receipts": ("book", f"{COLLECTORS} bureau"),
        "end-blanks": ("book", COLLECTORS),
        "write-off-book": ("book", "town-clerk outsider"),
        "review-receipts": ("", "town-clerk outsider"),
        "refuse-receipt": ("receipt", "town-clerk outsider"),
        "void-receipt": ("receipt", COLLECTORS),
        "report-missing": ("receipt", COLLECTORS),
        "find-receipt": ("receipt", COLLECTORS),
        "file-stubs": ("", "town-clerk outsider"),
        "close-work": ("work_item", "bureau town-clerk outsider"),
        "clear": ("declaration", "tax"),
        "refuse-line": ("line", "tax"),
        "save-layout": ("", "bureau tax"),
        "reset-layout": ("", "bureau tax"),
        "save-count": ("", COLLECTORS),
        "accept-hand-over": ("count", COLLECTORS),
        "extract": ("", "bureau tax"),
        "draw-up-notice": ("", "village-agent next-agent"),
        "approve-notice": ("notice", "town-clerk outsider"),
        "roster-template-file": ("", "health"),
        "add-alias": ("", "bureau"),
        "remove-alias": ("alias", "bureau"),
        "confirm-identities": ("", "town-clerk outsider"),
        "object-to-identity": ("identity", "town-clerk outsider"),
        "upload": ("", "bureau tax health town-clerk outsider"),
        "decide-match": ("match", "bureau town-clerk outsider"),
        "revise-match": ("match", "bureau town-clerk outsider"),
        "merge-residents": ("", "bureau town-clerk outsider"),
        "tell-apart": ("", "bureau town-clerk outsider"),
    }
)
ACCEPTS = {
    "accept-file": "bureau tax town-clerk outsider",
    "withdraw-file": "bureau town-clerk outsider",
    "discard-file": "bureau tax health town-clerk outsider",
}
PUBLIC = {"policies", "policy", "policy-sheet", "policy-diff", "choose-policy-diff", "rule", "work-out", "login"}
POSTED_BY_ANYONE = {"logout", "language", "theme"}
REPORTS = {"report-week"}
SEARCHES = {"search-residents", "ask-refund"}  # the latter for a payment the query names
# Asked by POST, so that nothing of it stands in an address or log, and changing nothing: who gets an answer.
ASKED_BY_POST = {
    "counter-find": ("", COLLECTORS),
    "counter-bill": ("household", "town-clerk village-agent"),
    "online-bill": ("", "resident neighbour"),
    "another-bill": ("", "resident neighbour"),
    "find-payer": ("kept", "bureau"),
}
ONLY_IN_THE_DEMO = {"phone", "phone-pay"}


@pytest.fixture
def arguments(story: Story, login: Login) -> dict[str, list[object]]:
    page = login("auditor").get(reverse("transfers")).content.decode()
    entry = re.search(r"/money/entries/([0-9a-f-]{36})/", page)
    assert entry
    review, attachment = _hand_in(story)
    school, list_id, bill_id = school_of("school", on=TODAY)
    return {
        "": [],
        "institution": [school],
        "list": [list_id],
        "bill": [bill_id],
        "review": [review],
        "attachment": [attachment],
        "resident": [story.paid[1].pk],
        "household": [story.paid[0].household_id],
        "payment": [story.payment],
        "receipt": [Receipt.objects.get(payment_id=story.payment).pk],
        "book": [Receipt.objects.get(payment_id=story.payment).book_id],
        "pos_payment": [swipe(story)],
        "week": [WEEK_ON.isoformat()],
        "entry": [_entry_of(login, story)],
        "account": [Account.objects.filter(division_id=VILLAGE).order_by("pk")[0].pk],
        "settlement": [story.settlement],
        "notice": [story.notice],
        "file": [story.cast.roster.pk],
        "match": [1],
        "work_item": [story.work_item],
        "declaration": [story.open_declaration],
        "line": [DeclarationLine.objects.filter(declaration_id=story.open_declaration).values_list("pk", flat=True)[0]],
        "count": [count_the_cash(story)],
        **money_addresses.records(story),
        "due": [Due.objects.get(enrolment__resident=story.owing[0]).pk],
        "filter": [1],
        "alias": [1],
        "identity": [1],
        "order": [open_an_order(story)],
    }


def _hand_in(story: Story) -> tuple[int, int]:
    """Hand in evidence for somebody paid for; return the review's id and its scan's."""
    answer = submit_eligibility(
        story.cast.village_agent,
        resident_id=story.paid[1].pk,
        basis="PJ-2.1",
        document=Document(Evidence.HOUSEHOLD_BOOKLET, "510100190001010000"),
        scans=[Scan("a.jpg", b"\xff\xd8\xff")],
        policy_name=POLICY,
        on=TODAY,
        key="hand-in",
        at=at(TODAY),
    )
    return answer["review"], Attachment.objects.get().pk


def _entry_of(login: Login, story: Story) -> str:
    page = login("auditor").get(reverse("payment", args=[story.payment])).content.decode()
    found = re.search(r"/money/entries/([0-9a-f-]{36})/", page)
    assert found
    return found[1]


def names() -> Iterator[str]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern) and pattern.name
        yield pattern.name


def test_every_address_is_in_a_table() -> None:
    assert set(names()) == {
        *PAGES,
        *ACTS,
        *ACCEPTS,
        *PUBLIC,
        *POSTED_BY_ANYONE,
        *REPORTS,
        *SEARCHES,
        *ASKED_BY_POST,
        *ONLY_IN_THE_DEMO,
    }


def test_every_page_for_every_part(arguments: dict[str, list[object]], login: Login) -> None:
    clients = {part: login(part) for part in ["", *PARTS]}
    wrong = []
    for name, (argument, seen, hidden) in PAGES.items():
        address = reverse(name, args=arguments[argument])
        for part, client in clients.items():
            wanted = 302 if not part else 200 if part in seen.split() else 404 if part in hidden.split() else 403
            got = client.get(address).status_code
            if got != wanted:
                wrong.append(f"{name} as {part or 'nobody'}: {got}, not {wanted}")
    assert wrong == []


def test_every_act_for_every_part(arguments: dict[str, list[object]], login: Login) -> None:
    clients = {part: login(part) for part in ["", *PARTS]}
    wrong = []
    for name, (argument, may) in ACTS.items():
        address = reverse(name, args=arguments[argument])
        for part, client in clients.items():
            wanted = 302 if not part else 400 if part in may.split() else 403
            got = client.post(address).status_code
            if got != wanted:
                wrong.append(f"{name} as {part or 'nobody'}: {got}, not {wanted}")
            if part in may.split() and client.get(address).status_code != 405:
                wrong.append(f"{name} can be had by GET")
    assert wrong == []


def test_what_is_asked_by_post_is_answered_where_it_may(arguments: dict[str, list[object]], login: Login) -> None:
    for name, (argument, may) in ASKED_BY_POST.items():
        address = reverse(name, args=arguments[argument])
        answered = {part for part in PARTS if login(part).post(address).status_code == 200}
        assert answered == set(may.split()), name
        assert login("").post(address).status_code == 302


def test_the_payers_phone_is_there_in_the_demo_only(
    arguments: dict[str, list[object]], login: Login, settings: Settings
) -> None:
    address = reverse("phone", args=arguments["order"])
    assert login("").get(address).status_code == login("").post(f"{address}pay/").status_code == 404
    settings.YINGBAO_DEMO = True
    assert login("").get(address).status_code == 200


def test_files_are_decided_by_who_sees_them(arguments: dict[str, list[object]], login: Login) -> None:
    wrong = []
    for name, may in ACCEPTS.items():
        for part in PARTS:
            got = login(part).post(reverse(name, args=arguments["file"])).status_code
            wanted = {400} if part == "bureau" else {404} if part in may.split() else {403}
            if got not in wanted:
                wrong.append(f"{name} as {part}: {got}, not {wanted}")
    assert wrong == []


def test_only_who_sees_residents_searches_them(story: Story, login: Login) -> None:
    seen = {part for part in PARTS if login(part).post(reverse("search-residents"), {"q": "x"}).status_code == 302}
    assert seen == set(f"{RESIDENTS_SEEN} {ABROAD}".split())
    assert login("").post(reverse("search-residents"))["Location"].startswith("/login/")


def test_only_who_reports_makes_weekly_tables(story: Story, login: Login) -> None:
    made = {part for part in PARTS if login(part).post(reverse("report-week")).status_code == 302}
    assert made == {"bureau", "town-clerk", "outsider"}


@pytest.mark.clause("PJ-8.3.2")
def test_the_rules_are_open_to_anybody(login: Login, db: None) -> None:
    for address in (
        "/policy/",
        "/policy/liangping-2023/",
        "/policy/banan-2022/",
        "/policy/banan-2022/diff/liangping-2023/",
        "/policy/liangping-2023/rules/PJ-7.2d/",
        "/policy/liangping-2023/explain/",
        "/policy/liangping-2023/sheet/",
    ):
        assert login("").get(address).status_code == 200
    assert login("").get("/policy/liangping-2023/rules/PJ-99/").status_code == 404


def test_pages_with_residents_are_kept_by_no_cache(arguments: dict[str, list[object]], login: Login) -> None:
    client = login("auditor")
    for name in (
        "residents",
        "resident",
        "decision",
        "decision-pdf",
        "household",
        "payment",
        "receipt-pdf",
        "settlement",
    ):
        response = client.get(reverse(name, args=arguments[PAGES[name][0]]))
        assert response.headers["Cache-Control"] == "no-store", name


def test_changes_need_the_forms_own_token(story: Story, login: Login) -> None:
    client = login("village-agent")
    client.handler.enforce_csrf_checks = True
    response = client.post(reverse("deposit"), {"amount": "1", "slip": "x", "key": "web-1"})
    assert response.status_code == 403


def test_the_policy_of_contents_allows_only_our_own(story: Story, login: Login) -> None:
    response = login("town-clerk").get("/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert " style=" not in page and "<style" not in page
    assert re.findall(r"<script(?![^>]* src=)", page) == []
