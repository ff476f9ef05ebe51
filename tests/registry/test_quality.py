"""The data quality board: every check finds whom it should, and the list behind a count is that count."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import EAST, FAR, NOW, TOWN, WEST, Cast, bring_in, new_key, number, person
from yingbao.accounts.models import AuditEntry, User
from yingbao.cli.imports_with_database import watch
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.kernel.periods import DAY
from yingbao.registry.finding import listing, quality
from yingbao.registry.finding.listing import Filter, Search
from yingbao.registry.finding.quality import CHECKS, years_before
from yingbao.registry.models import DifferentPeople, Household, Identity, ImportedFile, Resident
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.assign_mending import assign_mending, close_mended
from yingbao.worklist.models import WorkItem

TODAY = NOW.date()


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast and two families with nothing to mend: father, mother, child in 东村; one person in 西社区."""
    bring_in(
        cast.town_clerk,
        [
            person("柏大树", "19800501", 1, phone="10020000001"),
            person("艾青禾", "19820602", 2, relation="配偶", phone="10020000002"),
            person("柏小苗", "20120703", 4, relation="子女", population="中小学生", phone="10020000003"),
            person("柏远山", "19500101", village="西社区", household_no="W1", phone="10020000004"),
        ],
    )
    return cast


def board(cast: Cast) -> dict[int, dict[str, int]]:
    """Return what the town clerk's board shows, villages without a finding left out."""
    made = quality.board(cast.town_clerk, on=TODAY)
    return {village: made.of(village) for village in made.people if made.of(village)}


def listed(cast: Cast, check: str, division: int) -> set[str]:
    """Return the names behind a cell."""
    wanted = Search("", Filter(division=division, check=check), TODAY, Enrolment.objects.all())
    return {one.name for one in listing.search(cast.town_clerk, wanted).residents}


def change(who: str, /, **values: object) -> None:
    """Change a record behind everybody's back."""
    Resident.objects.filter(name=who).update(**values)


def hold(name: str, code: str) -> None:
    """Give somebody an identity."""
    one = Resident.objects.get(name=name)
    Identity.objects.create(
        resident=one, code=code, department="x", begin_on=date(2022, 1, 1), file=ImportedFile.objects.all()[0]
    )


def short(name: str, kind: str, written: str) -> None:
    """Give somebody another certificate."""
    change(name, certificate_kind=kind)
    one = Resident.objects.get(name=name)
    one.certificate_number, one.certificate_index = written, blind_index(written)
    one.save(update_fields=["certificate_number", "certificate_index"])


MISTAKES = {
    "phone": lambda: change("艾青禾", phone=None),
    "number": lambda: short("艾青禾", "99", "PASS12345"),
    "birth-certificate": lambda: short("艾青禾", "990201", "Q123456789"),
    "no-head": lambda: change("艾青禾", household=Household.objects.create(division_id=EAST, number="Z", address="x")),
    "address": lambda: change("艾青禾", relation="head", household=_home_without_address()),
    "age": lambda: change("艾青禾", birth_on=date(2023, 1, 1)),
    "over-100": lambda: change("艾青禾", birth_on=date(1922, 11, 8)),
    "student-age": lambda: change("艾青禾", population="university_student", birth_on=date(1981, 11, 8)),
    "head-age": lambda: _head_of_fifteen(),
    "relation-age": lambda: change("艾青禾", relation="parent"),
    "alike": lambda: None,
    "identity-age": lambda: hold("艾青禾", "rural_veteran_60"),
    "platform": lambda: change("艾青禾", on_platform=False),
    "eligibility": lambda: change("艾青禾", eligibility="pending"),
}


def _home_without_address() -> Household:
    return Household.objects.create(division_id=EAST, number="Z")


def _head_of_fifteen() -> None:
    home = Household.objects.create(division_id=EAST, number="Z", address="x")
    change("艾青禾", household=home, relation="head", birth_on=date(2006, 11, 9))


@pytest.mark.clause("BN-4.2.2b")
@pytest.mark.parametrize("check", [code for code in CHECKS if code != "alike"])
def test_each_check_finds_its_mistake_and_the_list_is_the_count(town: Cast, check: str) -> None:
    assert board(town) == {}
    MISTAKES[check]()
    assert board(town) == {EAST: {check: 1}}
    assert listed(town, check, EAST) == {"艾青禾"}
    assert listed(town, check, TOWN) == {"艾青禾"}
    assert listed(town, check, WEST) == set()
    change("艾青禾", state="dead", gone_on=TODAY)
    assert board(town) == {}, "the dead are nobody's to mend"


def test_two_alike_are_shown_until_somebody_tells_them_apart(town: Cast) -> None:
    change("柏远山", name="柏大树", birth_on=date(1980, 5, 1))
    first, second = Resident.objects.filter(name="柏大树").order_by("pk")
    assert board(town) == {EAST: {"alike": 1}, WEST: {"alike": 1}}
    DifferentPeople.objects.create(
        first=first, second=second, reason="堂兄弟", decided_by_id=town.bureau.user_id, decided_at=NOW
    )
    assert board(town) == {}


def test_the_edges_of_ages_are_those_of_birthdays(town: Cast) -> None:
    for birth_on, found in ((date(1922, 11, 9), {}), (date(1922, 11, 8), {EAST: {"over-100": 1}})):
        change("艾青禾", birth_on=birth_on)
        assert board(town) == found
    change("艾青禾", birth_on=date(1901, 11, 8))
    assert board(town) == {EAST: {"age": 1}}
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)


def test_a_permit_of_18_digits_is_checked_whatever_its_kind(town: Cast) -> None:
    change("艾青禾", certificate_kind="99")
    assert board(town) == {}


def test_as_many_statements_for_a_district_as_for_a_village(town: Cast) -> None:
    for actor in (town.bureau, town.village_agent):
        with CaptureQueriesContext(connection) as asked:
            quality.board(actor, on=TODAY)
        assert len(asked) == 1 + sum(not check.alone for check in CHECKS.values())


def test_a_board_is_of_ones_own_divisions(town: Cast) -> None:
    change("艾青禾", phone=None)
    assert quality.board(town.outsider, on=TODAY).people == {}
    assert quality.board(town.village_agent, on=TODAY).people == {EAST: 3}
    with pytest.raises(Forbidden):
        quality.board(town.civil_affairs, on=TODAY)


# --- who mends it, by when ------------------------------------------------------------------------------------------


def assign(cast: Cast, *villages: int, due_on: date = TODAY + 7 * DAY, key: str = "") -> Json:
    """Have the town clerk assign the mending of villages."""
    key = key or new_key()
    return assign_mending(cast.town_clerk, villages=villages, due_on=due_on, on=TODAY, key=key, at=NOW)


@pytest.mark.clause("PJ-A3")
def test_the_officer_named_for_a_village_mends_it_by_a_day(town: Cast) -> None:
    change("艾青禾", phone=None)
    change("柏大树", phone=None, on_platform=False)
    officer = User.objects.get(username="second-clerk")
    officer.answerable_for.set([EAST, WEST])
    assert assign(town, EAST, WEST, key="k") == {"villages": 1, "persons": 3}
    assert assign(town, EAST, WEST, key="k") == {"villages": 1, "persons": 3}
    item = WorkItem.objects.get()
    assert (item.owner, item.due_on, item.division_id) == (officer, TODAY + 7 * DAY, EAST)
    assert item.detail["checks"] == {"phone": 2, "platform": 1}
    assign(town, EAST, due_on=TODAY + DAY)
    assert WorkItem.objects.get().due_on == TODAY + DAY
    assert AuditEntry.objects.filter(action="assign-mending").count() == 2


@pytest.mark.clause("BN-4.2.2b")
def test_an_item_closes_by_itself_when_nothing_is_left_though_a_centenarian_stays(town: Cast) -> None:
    change("艾青禾", phone=None, birth_on=date(1920, 1, 1))
    assign(town, EAST)
    assert close_mended(town.town_clerk, on=TODAY, at=NOW) == 0
    change("艾青禾", phone="10020000009")
    assert close_mended(town.town_clerk, on=TODAY, at=NOW) == 1
    assert close_mended(town.town_clerk, on=TODAY, at=NOW) == 0
    item = WorkItem.objects.get()
    assert item.closed_at and item.closed_reason
    assert board(town) == {EAST: {"over-100": 1}}


def test_the_nightly_watch_closes_what_has_been_mended(town: Cast) -> None:
    change("艾青禾", phone=None)
    assign(town, EAST)
    change("艾青禾", phone="10020000009")
    username = User.objects.get(pk=town.town_clerk.user_id).username
    watch(user=username, on=TODAY, policy="liangping-2023", lang="zh")
    assert WorkItem.objects.get().closed_at


def test_what_cannot_be_assigned(town: Cast) -> None:
    change("艾青禾", phone=None)
    with pytest.raises(NotFound):
        assign(town, FAR)
    with pytest.raises(Refused):
        assign(town, WEST)
    with pytest.raises(BadInput):
        assign(town)
    with pytest.raises(BadInput):
        assign(town, EAST, due_on=TODAY - DAY)
    with pytest.raises(Forbidden):
        assign_mending(town.village_agent, villages=[EAST], due_on=TODAY, on=TODAY, key=new_key(), at=NOW)
    assert not WorkItem.objects.exists()
    assert number("19820602", 2) not in str(AuditEntry.objects.values_list("detail", flat=True))
