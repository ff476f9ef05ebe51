"""What an approval without a list leaves: on the person's page who verified it, and a reminder on a later list."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.journeys.cast import YEAR, insure_elsewhere
from tests.journeys.institutions import campus, check, student
from tests.web.conftest import Login, Story
from tests.web.refunding import ask_for
from yingbao.collection.models import Refund
from yingbao.registry.models import ImportedFile
from yingbao.storage.encrypted import blind_index
from yingbao.usecases.refund_facts import left_by

FORM = {"key": "web-yes", "why": "已看到参保凭证", "basis": "document"}


@pytest.mark.clause("BN-2.0")
def test_an_approval_no_list_supports_says_by_what_and_stays_on_the_persons_page(story: Story, login: Login) -> None:
    person, refund = story.paid[2], ask_for(story, story.paid[2])
    clerk = login("town-clerk")
    page, address = clerk.get(reverse("refund", args=[refund])).content.decode(), reverse("resident", args=[person.pk])
    assert "名单上没有，凭什么核实" in page
    assert "取消参保的依据" not in clerk.get(address).content.decode()  # asked, not approved
    clerk.post(reverse("approve-refund", args=[refund]), FORM)
    assert Refund.objects.get(pk=refund).decided_why == "凭本人的书面材料：已看到参保凭证"
    mark = clerk.get(address).content.decode().split("取消参保的依据")[1]
    assert "参加职工医保" in mark and "凭本人的书面材料：已看到参保凭证" in mark and "名单上没有" in mark
    assert story.cast.town_clerk.name in mark and reverse("refund", args=[refund]) in mark


def test_where_a_list_says_so_nothing_more_is_asked(story: Story, login: Login) -> None:
    insure_elsewhere(story.paid[2])
    page = login("town-clerk").get(reverse("refund", args=[ask_for(story, story.paid[2])])).content.decode()
    assert "凭什么核实" not in page


def test_another_reason_or_a_refused_refund_leaves_no_mark(story: Story, login: Login) -> None:
    clerk = login("town-clerk")
    for person, reason, act in ((story.paid[2], "wrong-year", "approve"), (story.paid[3], "employee", "refuse")):
        refund = ask_for(story, person, reason)
        clerk.post(reverse(f"{act}-refund", args=[refund]), FORM | {"key": f"web-{act}"})
        assert left_by([person.pk], year=YEAR) == {}


@pytest.mark.clause("BN-2.0")
def test_a_later_list_that_would_enrol_them_gets_a_reminder(story: Story, login: Login) -> None:
    person, row = story.paid[2], student(1)
    refund = ask_for(story, person)
    login("town-clerk").post(reverse("approve-refund", args=[refund]), FORM)
    person.refresh_from_db()
    person.name, person.certificate_number = str(row["name"]), str(row["cert_number"])
    person.certificate_index, person.certificate_kind = blind_index(person.certificate_number), "01"
    person.save()
    checked = check(campus(), [row, student(2)])
    held = ImportedFile.objects.get(pk=checked["file_id"]).problems
    assert [(one["row"], one["fatal"]) for one in held] == [(2, False)]
    assert "因参加职工医保取消过参保" in held[0]["reason"] and (checked["problems"], checked["warnings"]) == (0, 1)
    assert checked["good_rows"] == 2  # a reminder, no bar
