"""The audit trail on pages: in the reader's words, asked by day, person and record, as .xlsx, never unindexed."""

from __future__ import annotations

import ast
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

import yingbao.usecases
from tests.journeys.cast import VILLAGE, at
from tests.web.conftest import PAID_ON, TODAY, Login, Story
from yingbao.accounts.models import AuditEntry, User
from yingbao.accounts.queries import audit_by, audit_trail
from yingbao.collection.models import Payment, Receipt
from yingbao.kernel.periods import DAY
from yingbao.registry.models import Household
from yingbao.storage.bulk import insert_rows
from yingbao.web.pages import trail
from yingbao.web.words import ACTIONS, DETAILS, SUBJECTS


@pytest.fixture
def auditor(login: Login, story: Story) -> Client:
    return login("auditor")


def page_of(client: Client, **asked: str | int) -> str:
    response = client.get(reverse("audit"), asked)
    assert response.status_code == 200
    return response.content.decode()


def listed(client: Client, **asked: str | int) -> set[str]:
    """Return the entries a question lists, each as the action and record its row shows."""
    found = client.get(reverse("audit"), asked).context["page"].object_list
    return {f"{one.action} {one.subject_kind} {one.subject_id}" for one in found}


def receipt_of(payment: int) -> Receipt:
    return Receipt.objects.select_related("book").get(payment_id=payment)


def test_content_is_in_words_and_money_in_yuan(auditor: Client, story: Story) -> None:
    page = page_of(auditor, action="enrol-and-pay")
    assert "方式" in page and "现金" in page and "1,085.00" in page
    assert "108500" not in page and "fen" not in re.sub(r"<[^>]*>", "", page)
    home = Household.objects.get(pk=story.paid[0].household_id)
    assert re.search(rf'href="/households/{home.pk}/">{home.number}<', page)
    assert f'href="/payments/{story.payment}/"' in page


def test_a_receipt_is_named_by_series_and_number(auditor: Client, story: Story) -> None:
    form = receipt_of(story.payment)
    insert_entry(story, "report-missing-receipt", ("receipt", form.pk), {})
    page = page_of(auditor, action="report-missing-receipt")
    assert f'href="/payments/{story.payment}/">{form.book.series}-{form.number}<' in page


def test_everything_about_a_receipt(auditor: Client, story: Story) -> None:
    form = receipt_of(story.payment)
    insert_entry(story, "void-receipt", ("receipt", form.pk), {"replaced_by": form.pk})
    found = listed(auditor, kind="receipt", number=f"{form.book.series}-{form.number}")
    assert found == {f"void-receipt receipt {form.pk}", f"enrol-and-pay payment {story.payment}"}
    assert listed(auditor, kind="receipt", number=f"{form.book.series}-99999") == set()
    assert listed(auditor, kind="receipt", number="没有-这个") == set()


def test_everything_about_a_household(auditor: Client, story: Story) -> None:
    home = Household.objects.get(pk=story.paid[0].household_id)
    insert_entry(story, "print-decision", ("resident", story.paid[1].pk), {"year": 2023})
    insert_entry(story, "print-decision", ("resident", story.owing[1].pk), {"year": 2023})
    found = listed(auditor, kind="household", number=home.number)
    assert found == {f"print-decision resident {story.paid[1].pk}", f"enrol-and-pay payment {story.payment}"}
    assert listed(auditor, kind="household", id=home.pk) == found


def test_by_days_and_by_who_acted(auditor: Client, story: Story) -> None:
    days = {one.at.date() for one in AuditEntry.objects.all()}
    assert {PAID_ON, TODAY} <= days
    of_one_day = (
        auditor.get(reverse("audit"), {"first": str(PAID_ON), "last": str(PAID_ON)}).context["page"].object_list
    )
    assert of_one_day and {timezone.localdate(one.at) for one in of_one_day} == {PAID_ON}
    agent = story.cast.village_agent.user_id
    theirs = auditor.get(reverse("audit"), {"who": agent}).context["page"].object_list
    assert theirs and {one.user_id for one in theirs} == {agent}
    assert auditor.get(reverse("audit"), {"first": str(TODAY), "last": str(PAID_ON)}).status_code == 400
    assert auditor.get(reverse("audit"), {"first": "昨天"}).status_code == 400


def test_what_the_system_does_by_itself_is_asked_for_as_nobody(auditor: Client, story: Story) -> None:
    insert_entry(story, "watch-stubs", ("day", None), {"on": TODAY.isoformat()}, user=None)
    assert listed(auditor, who=0) == {"watch-stubs day None"}


def test_the_newest_moment_stands_first_whoever_wrote_it_last(auditor: Client, story: Story) -> None:
    insert_entry(story, "void-receipt", ("receipt", 1), {}, days=-400)
    moments = [one.at for one in auditor.get(reverse("audit")).context["page"].object_list]
    assert moments == sorted(moments, reverse=True)


def test_another_divisions_entries_are_not_there(login: Login, story: Story) -> None:
    insert_entry(story, "void-receipt", ("receipt", 77), {}, division=110_000_000_000)
    assert listed(login("auditor"), kind="receipt", id=77) == set()
    for name in ("town-clerk", "village-agent", "tax"):
        assert login(name).get(reverse("audit-file")).status_code == 403


def test_staff_can_be_chosen_and_residents_cannot(auditor: Client, story: Story) -> None:
    choices = dict(auditor.get(reverse("audit")).context["staff"])
    assert story.cast.village_agent.user_id in choices
    assert not set(choices) & set(User.objects.filter(role="resident").values_list("pk", flat=True))


def test_the_sheet_holds_what_is_filtered(auditor: Client, story: Story) -> None:
    asked: dict[str, str | int] = {"kind": "payment", "id": story.payment}
    response = auditor.get(reverse("audit-file"), asked)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    (row,) = [row for row in rows if str(ACTIONS["enrol-and-pay"]) in row]
    assert "village-agent" in row and str(story.payment) in row
    assert "金额 1,085.00" in str(row[-1]) and "方式 现金" in str(row[-1])
    assert len(rows) == len(listed(auditor, **asked)) + 3  # title, what it holds, headings


def test_no_more_is_listed_or_written_than_the_page_says(
    auditor: Client, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "LISTED", 3)
    page = auditor.get(reverse("audit"))
    assert page.context["page"].paginator.count == 3
    assert "只列最近 3 条" in page.content.decode()
    response = auditor.get(reverse("audit-file"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3 + 3


def test_a_full_page_asks_no_more_statements_than_a_short_one(auditor: Client, story: Story) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(reverse("audit"), {"action": "enrol-and-pay"})
        return len(captured)

    asked()
    few = asked()
    for payment in Payment.objects.all():
        for _again in range(10):
            told = {"household": payment.household_id, "channel": "cash", "fen": 1}
            insert_entry(story, "enrol-and-pay", ("payment", payment.pk), told)
    assert asked() == few <= 12


def test_no_question_sorts_the_whole_trail(story: Story) -> None:
    """With ten thousand entries PostgreSQL reads the asked page from an index, in order."""
    if connection.vendor != "postgresql":
        pytest.skip("the plan is PostgreSQL's")
    actor = story.cast.bureau
    columns = ("at", "user", "role", "action", "subject_kind", "subject_id", "division_code", "detail", "request_key")
    start, agent = at(TODAY), story.cast.village_agent.user_id
    insert_rows(
        AuditEntry,
        columns,
        [(start - timedelta(minutes=n), agent, "village", "x", "payment", n, VILLAGE, {}, "") for n in range(10_000)],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_auditentry")
    everything = audit_trail(actor).select_related(None)
    for found in (everything, everything.filter(action="x"), audit_by(everything, agent)):
        plan = found[:50].explain()
        assert "Index" in plan and "Sort Key" not in plan, plan


def test_every_word_of_a_use_case_has_a_name() -> None:
    """What use cases write into the trail's content is in the table, so that no page shows a bare key."""
    assert keys_written() - set(DETAILS) == set()
    assert {kind for kind in SUBJECTS if not SUBJECTS[kind]} == set()


def keys_written() -> set[str]:
    """Return the constant keys of what is passed as ``detail`` in the use cases, and of what is named so."""
    return {key for file in Path(yingbao.usecases.__path__[0]).glob("*.py") for key in _keys_in(file)}


def _keys_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.record", "_tell", "tell", "_record"):
            told += [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("detail", "told", "answer"):
            told.append(node.value)
    dicts = (one for root in told for one in ast.walk(root) if isinstance(one, ast.Dict))
    return {str(key.value) for one in dicts for key in one.keys if isinstance(key, ast.Constant)}


def insert_entry(
    story: Story,
    action: str,
    subject: tuple[str, int | None],
    detail: dict[str, object],
    *,
    user: int | None = 0,
    days: int = 0,
    division: int = VILLAGE,
) -> None:
    who = story.cast.village_agent.user_id if user == 0 else user
    AuditEntry.objects.create(
        at=at(TODAY) + days * DAY,
        user_id=who,
        role="village",
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        division_code=division,
        detail=detail,
    )


def test_a_number_alone_is_asked_what_it_is_of(auditor: Client, story: Story) -> None:
    answer = auditor.get(reverse("audit"), {"number": "PJ0-101"})
    assert answer.status_code == 400 and "请在“对象”里选" in answer.content.decode()
