"""Every night: who is late by the adjusted calendar, what is to be seen to, and whether the books are whole."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from typer.testing import CliRunner

from tests.journeys.cast import (
    NEXT_VILLAGE,
    POLICY,
    TIER_1,
    TOWN,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    give_book,
    household,
    insure_elsewhere,
    mark,
)
from tests.journeys.declaring_cast import FRIDAY, MONDAY, bring, take_cash
from tests.journeys.test_hand_over import accept, count
from tests.journeys.test_verifying import lose_cash
from yingbao.accounts.models import User
from yingbao.accounts.queries import people_to_show_as_logins
from yingbao.cli.main import app
from yingbao.collection.custody.queries import deposits, late_deposits
from yingbao.kernel.messages import Message
from yingbao.kernel.workdays import UnknownWorkdays
from yingbao.ledger.models import Transfer
from yingbao.usecases import nightly, watch_custody
from yingbao.usecases.custody import working_days_after
from yingbao.usecases.nightly import Night, run_night
from yingbao.worklist.models import WorkItem

# National Day 2023: 29 September to 6 October off; Saturday 7 and Sunday 8 October are worked for it.
BEFORE_THE_HOLIDAY, SATURDAY, SUNDAY = date(2023, 9, 28), date(2023, 10, 7), date(2023, 10, 8)
FULL_COST = 96_000


def night(on: date) -> Night:
    return run_night(policy_name=POLICY, on=on, at=at(on, 23))


def kinds() -> list[str]:
    return sorted(WorkItem.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))


@pytest.mark.clause("BN-4.3.3d")
def test_two_working_days_reach_over_a_holiday_to_its_adjusted_sunday(cast: Cast) -> None:
    take_cash(cast.village_agent, household(date(1990, 1, 1)), on=BEFORE_THE_HOLIDAY, fen=FULL_COST)
    bring(cast.village_agent, FULL_COST, on=BEFORE_THE_HOLIDAY)
    for on in (date(2023, 10, 3), SATURDAY, SUNDAY):
        night(on)
        assert "late-declaration" not in kinds(), on
    night(SUNDAY + timedelta(days=1))
    item = WorkItem.objects.get(kind="late-declaration")
    assert item.detail == {
        "agent": cast.village_agent.user_id,
        "on": "2023-10-09",
        "fen": FULL_COST,
        "collected_on": "2023-09-28",
    }
    assert item.due_on == date(2023, 10, 10)


def test_cash_kept_over_the_holiday_is_late_from_the_first_evening_and_due_on_the_adjusted_saturday(cast: Cast) -> None:
    take_cash(cast.village_agent, household(date(1990, 1, 1)), on=BEFORE_THE_HOLIDAY, fen=FULL_COST)
    night(BEFORE_THE_HOLIDAY)
    assert WorkItem.objects.get(kind="late-deposit").due_on == SATURDAY


@pytest.mark.clause("PJ-8.3.v")
def test_a_clerk_late_in_several_villages_has_one_item_with_the_whole_sum(cast: Cast) -> None:
    with transaction.atomic():
        give_book(cast.town_clerk, series="T", first=1, last=9)
    for village in (VILLAGE, NEXT_VILLAGE):
        take_cash(cast.town_clerk, household(date(1990, 1, 1), village=village))
    night(FRIDAY)
    item = WorkItem.objects.get(kind="late-deposit")
    assert (item.subject_id, item.detail["fen"], item.division_id) == (cast.town_clerk.user_id, 2 * TIER_1, TOWN)


def test_a_night_looks_for_everything_and_twice_changes_nothing(cast: Cast) -> None:
    enrolled, missed = family(), household(date(1950, 1, 1))
    mark(missed[0], "dibao", cast)
    take_cash(cast.village_agent, enrolled)
    insure_elsewhere(enrolled[0])
    first = night(FRIDAY)
    assert first.is_well and len(first.counts) == len(nightly.WATCHES)
    assert kinds() == ["late-deposit", "paid-but-covered-elsewhere", "subsidised-not-enrolled"]
    before = list(WorkItem.objects.order_by("pk").values())
    assert night(FRIDAY).is_well
    assert list(WorkItem.objects.order_by("pk").values()) == before
    bring(cast.village_agent, 4 * TIER_1, on=MONDAY)
    night(MONDAY)
    closed = WorkItem.objects.get(kind="late-deposit")
    assert (closed.closed_reason, closed.closed_by) == ("已补缴存", User.objects.get(username="yingbao-night-watch"))


def test_nobody_is_the_night_watch_by_day(cast: Cast) -> None:
    night(FRIDAY)
    watchman = User.objects.get(username="yingbao-night-watch")
    assert not watchman.is_active and not watchman.has_usable_password()
    assert watchman not in people_to_show_as_logins()


def test_every_town_is_looked_at_and_only_by_its_own_round(cast: Cast) -> None:
    take_cash(cast.village_agent, household(date(1990, 1, 1)))
    found = night(FRIDAY)
    assert found.counts["缴存和申报"]["late"] == 1  # one town's, not once for each of the two
    assert WorkItem.objects.count() == 1


def test_what_one_watch_cannot_do_keeps_no_other_from_its_work(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    (missed,) = household(date(1950, 1, 1))
    mark(missed, "dibao", cast)
    take_cash(cast.village_agent, household(date(1990, 1, 1)))

    def unknown(*_: object, **__: object) -> bool:
        raise UnknownWorkdays(Message("不知道 {year} 年的工作日安排", {"year": 2099}))

    monkeypatch.setattr(watch_custody, "is_overdue", unknown)
    found = night(FRIDAY)
    assert not found.is_well
    assert [(town, name.template) for town, name, _error in found.failed] == [(str(TOWN), "缴存和申报")]
    assert kinds() == ["subsidised-not-enrolled"]


def test_books_that_do_not_hold_make_a_bad_night(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    lose_cash(cast)
    assert [check.name for check in night(FRIDAY).proofs if not check.holds] == ["collected-is-there"]


@pytest.mark.parametrize(("break_it", "code"), [(False, 0), (True, 1)])
def test_the_command_says_by_its_exit_code_whether_all_is_well(cast: Cast, break_it: bool, code: int) -> None:
    take_cash(cast.village_agent, family())
    if break_it:
        lose_cash(cast)
    moved = Transfer.objects.count()
    result = CliRunner().invoke(app, ["nightly", "--on", "2022-12-02"])
    assert result.exit_code == code, result.output
    assert "缴存和申报" in result.output
    assert ("collected-is-there" in result.output) is break_it
    assert Transfer.objects.count() == moved
    english = CliRunner().invoke(app, ["nightly", "--on", "2022-12-02", "--lang", "en"]).output
    assert "deposits and declarations" in english


def test_a_year_whose_days_nobody_knows_yet_gives_items_a_day_all_the_same() -> None:
    assert working_days_after(date(2099, 1, 1), 2) == date(2099, 1, 5)  # Thursday; Friday, Monday


def test_deposits_of_yesterdays_cash_are_told_apart(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    bring(cast.village_agent, TIER_1)
    take_cash(cast.village_agent, household(date(1990, 1, 1)), on=MONDAY)
    bring(cast.village_agent, 3 * TIER_1, on=MONDAY)
    bring(cast.village_agent, TIER_1, on=MONDAY)
    shown = list(deposits(cast.town_clerk, year=YEAR).order_by("pk"))
    late = late_deposits(shown)
    assert [one.pk in late for one in shown] == [False, True, False]


def test_handing_over_does_not_hide_who_is_late(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    accept(cast.town_clerk, count(cast.village_agent, {100_00: 14}, taken_by="town-clerk"))
    night(FRIDAY)
    assert WorkItem.objects.get(kind="late-deposit").subject_id == cast.town_clerk.user_id  # in whose hands it is
