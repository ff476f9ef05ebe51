"""Lists of deaths: who is dead from when, what ends with them, and how a wrong list is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import (
    NOW,
    POLICY,
    Cast,
    Cells,
    book,
    bring_in,
    entry,
    family,
    new_key,
    number,
    person,
    send_list,
    told,
    warned,
)
from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import Forbidden, Refused
from yingbao.registry import audits, counts, facts
from yingbao.registry.editing.history import opened
from yingbao.registry.kinds import FileKind, ResidentState
from yingbao.registry.models import Identity, MatchQuestion, RecordChange, Resident
from yingbao.sheets.layouts import DEATHS
from yingbao.storage.fields import Json
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_deaths import accept_deaths, check_deaths
from yingbao.usecases.withdraw_file import withdraw_file

NOVEMBER, DECEMBER, JANUARY = date(2022, 11, 1), date(2022, 12, 1), date(2023, 1, 1)
DIED = date(2022, 11, 5)
FATHER, MOTHER = number("19800501", 1), number("19820602", 2)


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with the family of three in the register and the father in minimum allowance."""
    bring_in(cast.town_clerk, family())
    send_list(cast.civil_affairs, [entry("柏大树", FATHER)], cast.bureau)
    return cast


def dead(name: str, cert_number: str, died_on: date | None = DIED, **cells: str) -> Cells:
    """Return a row of a list."""
    return {"name": name, "cert_number": cert_number, "died_on": died_on, **cells}


def check(actor: Actor, rows: Iterable[Cells]) -> Json:
    """Check a list of these rows."""
    upload = Upload(name="死亡.xlsx", content=book(DEATHS, rows))
    return check_deaths(actor, upload=upload, month=NOVEMBER, policy_name=POLICY, key=new_key(), at=NOW)


def send(actor: Actor, rows: Iterable[Cells]) -> Json:
    """Check and accept a list of these rows."""
    return accept_deaths(actor, file_id=check(actor, rows)["file_id"], key=new_key(), at=NOW)


def withdraw(actor: Actor, file_id: int) -> Json:
    """Take a list back."""
    return withdraw_file(
        actor,
        file_id=file_id,
        kind=FileKind.DEATHS,
        reason="wrong-file",
        policy_name=POLICY,
        key=new_key(),
        at=NOW,
    )


def identities(name: str, on: date) -> set[str]:
    """Return the identities somebody has on a day."""
    resident_id = Resident.objects.get(name=name).pk
    return set(facts.of_residents([resident_id], on=on)[resident_id].identities)


@pytest.mark.clause("BN-4.4c")
def test_a_death_is_in_the_history_with_its_file_and_ends_identities_the_day_after(town: Cast) -> None:
    checked = check(town.bureau, [dead("柏大树", FATHER), dead("外人", number("19500101", 9))])
    assert (checked["deaths"], checked["outside"]) == (1, 1)
    assert Resident.objects.get(name="柏大树").state == ResidentState.PRESENT

    accept_deaths(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)

    father = Resident.objects.get(name="柏大树")
    assert (father.state, father.gone_on, father.version) == (ResidentState.DEAD, DIED, 2)
    change = RecordChange.objects.get(resident=father)
    assert (change.action, change.file_id, change.user_id) == ("death", checked["file_id"], town.bureau.user_id)
    assert opened(change.before) == {"state": "present", "gone_on": None}
    assert opened(change.after) == {"state": "dead", "gone_on": "2022-11-05"}
    assert identities("柏大树", DIED) == {"dibao"}
    assert identities("柏大树", date(2022, 11, 6)) == set()
    assert Identity.objects.get().closed_by_id == checked["file_id"]


def test_a_withdrawn_list_brings_everybody_back_as_they_were(town: Cast) -> None:
    Resident.objects.filter(name="艾青禾").update(state="moved_out", gone_on=date(2022, 10, 3))
    days = (NOVEMBER, DIED, date(2022, 11, 6), DECEMBER)
    before = [facts.of_residents([one.pk], on=day) for one in Resident.objects.order_by("pk") for day in days]
    wrong = send(town.bureau, [dead("柏大树", FATHER), dead("艾青禾", MOTHER)])
    assert counts.population(town.bureau.scope) == {500155113001: 1}

    undone = withdraw(town.bureau, wrong["file_id"])

    assert (undone["restored"], undone["kept"]) == (2, 0)
    assert [facts.of_residents([one.pk], on=day) for one in Resident.objects.order_by("pk") for day in days] == before
    assert Resident.objects.get(name="艾青禾").gone_on == date(2022, 10, 3)
    assert list(RecordChange.objects.order_by("pk").values_list("action", "reason")) == [
        ("death", ""),
        ("death", ""),
        ("restored", "传错了文件"),
        ("restored", "传错了文件"),
    ]
    assert audits.identities_overlapping(town.bureau.scope, year=2023) == []
    assert send(town.bureau, [dead("柏大树", FATHER)])["deaths"] == 1


def test_who_has_been_changed_since_stays_as_they_are(town: Cast) -> None:
    wrong = send(town.bureau, [dead("柏大树", FATHER), dead("艾青禾", MOTHER)])
    mother = Resident.objects.get(name="艾青禾")
    mother.gone_on = date(2022, 11, 7)
    mother.save()
    RecordChange.objects.create(
        at=NOW, user_id=town.town_clerk.user_id, action="edited", resident=mother, fields=["gone_on"]
    )
    undone = withdraw(town.bureau, wrong["file_id"])
    assert (undone["restored"], undone["kept"]) == (1, 1)
    assert Resident.objects.get(name="艾青禾").gone_on == date(2022, 11, 7)


def test_an_identity_that_began_anew_since_stays_the_one(town: Cast) -> None:
    wrong = send(town.bureau, [dead("柏大树", FATHER)])
    held = Identity.objects.get()
    Identity.objects.create(
        resident=held.resident, code="dibao", department="civil_affairs", begin_on=DECEMBER, file=held.file
    )
    withdraw(town.bureau, wrong["file_id"])
    assert Resident.objects.get(name="柏大树").state == ResidentState.PRESENT
    assert Identity.objects.filter(end_on=None).count() == 1
    assert audits.identities_overlapping(town.bureau.scope, year=2023) == []


def test_a_death_told_again_changes_nothing_and_another_day_is_said(town: Cast) -> None:
    send(town.bureau, [dead("柏大树", FATHER)])
    again = check(town.bureau, [dead("柏大树", FATHER, date(2022, 11, 3))])
    assert (again["deaths"], again["already"]) == (0, 1)
    assert [why for _, _, why in warned(again["file_id"])] == ["台账登记的死亡日期是 {day}，没有改动"]
    accept_deaths(town.bureau, file_id=again["file_id"], key=new_key(), at=NOW)
    assert Resident.objects.get(name="柏大树").gone_on == DIED


@pytest.mark.parametrize(
    ("died_on", "reason"),
    [
        (None, "没有填写"),
        (date(2022, 11, 9), "死亡时间在今天之后"),
        (date(1979, 1, 1), "死亡时间早于出生日期"),
    ],
)
def test_a_day_that_cannot_be_keeps_a_row_out(town: Cast, died_on: date | None, reason: str) -> None:
    checked = check(town.bureau, [dead("柏大树", FATHER, died_on)])
    assert [why for _, _, why in told(checked["file_id"])] == [reason]
    assert checked["deaths"] == 0


def test_the_same_person_twice_and_another_name_are_kept_out(town: Cast) -> None:
    checked = check(town.bureau, [dead("柏大树", FATHER), dead("柏大树", FATHER), dead("艾青青", MOTHER)])
    assert [why for _, _, why in told(checked["file_id"])] == ["与第 {row} 行是同一人", "姓名与证件号码不是同一人"]
    assert (checked["deaths"], checked["questions"]) == (1, 1)
    assert MatchQuestion.objects.get().candidates[0]["resident"] == Resident.objects.get(name="艾青禾").pk


def test_lists_of_deaths_are_taken_back_newest_first(town: Cast) -> None:
    first = send(town.bureau, [dead("柏大树", FATHER)])
    send(town.bureau, [dead("柏大树", FATHER), dead("艾青禾", MOTHER)])
    with pytest.raises(Refused, match="请先撤回较晚的名单"):
        withdraw(town.bureau, first["file_id"])


def test_who_may_bring_deaths(town: Cast) -> None:
    for actor in (town.civil_affairs, town.village_agent):
        with pytest.raises(Forbidden):
            check(actor, [dead("柏大树", FATHER)])
    assert send(town.town_clerk, [dead("柏大树", FATHER)])["deaths"] == 1


def test_statements_do_not_grow_with_rows(cast: Cast) -> None:
    names = [f"居民{n:03d}".translate(CHINESE) for n in range(120)]
    people = [person(name, "19900101", n + 1, household_no=f"H{n}") for n, name in enumerate(names)]
    bring_in(cast.town_clerk, people)
    rows = [dead(str(one["name"]), str(one["cert_number"])) for one in people]

    def statements(rows: list[Cells]) -> int:
        checked = check(cast.bureau, rows)
        with CaptureQueriesContext(connection) as captured:
            accept_deaths(cast.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
        return len(captured)

    few, many = statements(rows[:4]), statements(rows[4:])
    assert many <= few + 2


CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
