"""One change for many: those ticked or all that are found, counted, confirmed, in the history, once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import EAST, NOW, POLICY, Cast, bring_in, new_key, person
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.registry.finding.listing import Filter, Search
from yingbao.registry.models import RecordChange, Resident
from yingbao.storage.fields import Json
from yingbao.usecases import bulk_residents as bulk
from yingbao.usecases.bulk_residents import Act, Whom, bulk_residents, count_meant

TODAY = NOW.date()


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with twelve people in 东村, four of them students, and one far away."""
    people = [
        person(
            "冬" + "一二三四五六七八九十甲乙"[n],
            f"{1995 + n}0101",
            household_no=f"P{n}",
            population="大学生" if n < 4 else "城乡居民",
        )
        for n in range(12)
    ]
    bring_in(cast.town_clerk, people)
    bring_in(cast.outsider, [person("冬外乡", "19600101", village="远村", household_no="F1")])
    return cast


def everybody(text: str = "", **fields: object) -> Whom:
    """Return all that a search finds."""
    return Whom(Search(text, Filter(**fields), TODAY, Enrolment.objects.all()))  # type: ignore[arg-type]


def ticked(*names: str) -> Whom:
    """Return some people by name."""
    return Whom(everybody().search, tuple(Resident.objects.filter(name__in=names).values_list("pk", flat=True)))


def do(actor: Actor, act: Act, whom: Whom, counted: int, *, key: str = "", reason: str = "学校名册") -> Json:
    """Do an act."""
    key = key or new_key()
    return bulk_residents(
        actor, act=act, whom=whom, counted=counted, policy_name=POLICY, reason=reason, key=key, at=NOW
    )


def test_all_found_are_changed_once_with_a_history_row_each(town: Cast) -> None:
    students = everybody(population="university_student")
    meant = count_meant(town.town_clerk, act=Act.GRADUATING, whom=students)
    assert (meant.found, meant.about) == (4, 4)
    answer = {"found": 4, "changed": 4, "already": 0}
    assert do(town.town_clerk, Act.GRADUATING, students, 4, key="k") == answer
    assert do(town.town_clerk, Act.GRADUATING, students, 4, key="k") == answer
    assert Resident.objects.filter(graduating=True, version=2).count() == 4
    rows = RecordChange.objects.filter(reason="学校名册", request_key="k")
    assert [(row.fields, row.after) for row in rows] == [(["graduating"], '{"graduating": true}')] * 4
    entry = AuditEntry.objects.get(action="bulk-residents")
    assert entry.detail["changed"] == 4 and "冬" not in str(entry.detail)
    assert do(town.town_clerk, Act.GRADUATING, students, 4) == {"found": 4, "changed": 0, "already": 4}


def test_who_the_act_is_not_about_stays_as_they_are(town: Cast) -> None:
    assert do(town.town_clerk, Act.GRADUATING, everybody(), 12)["changed"] == 4
    assert not Resident.objects.filter(graduating=True, population="resident").exists()


def test_ticked_people_become_students_of_the_notices_group_and_residents_again(town: Cast) -> None:
    two = ticked("冬五", "冬六")
    assert do(town.town_clerk, Act.STUDENT, two, 2)["changed"] == 2
    basis = Resident.objects.get(name="冬一").basis
    assert set(Resident.objects.filter(name__in=("冬五", "冬六")).values_list("population", "basis")) == {
        ("university_student", basis)
    }
    do(town.town_clerk, Act.GRADUATING, two, 2)
    assert do(town.town_clerk, Act.RESIDENT, two, 2)["changed"] == 2
    one, never = Resident.objects.get(name="冬五"), Resident.objects.get(name="冬七")
    assert (one.population, one.graduating, one.basis) == ("resident", False, never.basis)


@pytest.mark.clause("PJ-4.3")
def test_many_are_marked_as_registered_on_the_platform(town: Cast) -> None:
    Resident.objects.filter(name__in=("冬七", "冬八")).update(on_platform=False)
    assert do(town.town_clerk, Act.PLATFORM, everybody(platform="no"), 2)["changed"] == 2
    assert not Resident.objects.filter(on_platform=False).exists()


def test_a_number_of_people_that_has_changed_is_told_and_nothing_done(town: Cast) -> None:
    Resident.objects.filter(name="冬一").update(state="dead", gone_on=TODAY)
    with pytest.raises(Conflict):
        do(town.town_clerk, Act.GRADUATING, everybody(population="university_student"), 4)
    assert not Resident.objects.filter(graduating=True).exists()


def test_who_may_not_or_not_so(town: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Whom(everybody().search, tuple(Resident.objects.filter(name="冬外乡").values_list("pk", flat=True)))
    with pytest.raises(Forbidden):
        do(town.village_agent, Act.PLATFORM, everybody(), 12)
    with pytest.raises((NotFound, BadInput)):
        do(town.town_clerk, Act.PLATFORM, stranger, 1)
    with pytest.raises(BadInput):
        do(town.town_clerk, Act.PLATFORM, everybody(), 12, reason=" ")
    with pytest.raises(BadInput):
        do(town.town_clerk, Act.PLATFORM, everybody("无此人"), 0)
    do(town.town_clerk, Act.GRADUATING, ticked("冬一"), 1, key="mine")
    with pytest.raises(Conflict):
        do(town.town_clerk, Act.NOT_GRADUATING, ticked("冬一"), 1, key="mine")
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 11)
    with pytest.raises(Refused):
        count_meant(town.town_clerk, act=Act.PLATFORM, whom=everybody())


def test_as_many_statements_for_twelve_as_for_two(town: Cast) -> None:
    asked = []
    for whom, counted in ((ticked("冬五", "冬六"), 2), (everybody(division=EAST), 12)):
        Resident.objects.update(on_platform=False)
        with CaptureQueriesContext(connection) as queries:
            do(town.town_clerk, Act.PLATFORM, whom, counted)
        asked.append(len(queries))
    assert asked[0] == asked[1]
