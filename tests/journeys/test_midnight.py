"""Days are Beijing's: at 23:59 and 0:00 there, on the last day of a year, over adjusted working days."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from tests.journeys.cast import POLICY, TIER_1, YEAR, Cast, at, family, household
from tests.journeys.declaring_cast import bring, new_key, take_cash
from tests.journeys.refunds import BORN, approve, ask, lines_of, one_paid
from tests.journeys.test_receiving import holds
from tests.support.tree import PACKAGE, package_files, parse, relative
from yingbao.collection.models import Payment, PaymentOrder
from yingbao.kernel.messages import say
from yingbao.kernel.workdays import UnknownWorkdays, add_working_days
from yingbao.ledger.queries import trial_balance
from yingbao.registry.models import Resident
from yingbao.usecases import custody
from yingbao.usecases.custody import is_overdue, working_days_after
from yingbao.usecases.open_order import open_order
from yingbao.usecases.watch_custody import watch_custody
from yingbao.web import clock
from yingbao.worklist.models import WorkItem

LAST = date(2022, 12, 31)  # a Saturday; the 1st to the 3rd are a holiday too


@pytest.fixture
def wind(monkeypatch: pytest.MonkeyPatch) -> object:
    """Set the clock of the doors to a moment, given as the server's UTC."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_to


class TestTheClock:
    @pytest.mark.parametrize(
        ("utc", "day"),
        [
            (datetime(2022, 12, 20, 15, 59, 59, tzinfo=UTC), date(2022, 12, 20)),
            (datetime(2022, 12, 20, 16, 0, 0, tzinfo=UTC), date(2022, 12, 21)),
            (datetime(2022, 12, 31, 16, 0, 0, tzinfo=UTC), date(2023, 1, 1)),
        ],
    )
    def test_a_day_begins_at_midnight_in_beijing(self, utc: datetime, day: date, wind) -> None:  # type: ignore[no-untyped-def]
        wind(utc)
        assert clock.read_today() == day
        assert clock.read_now() == utc

    def test_within_one_request_the_clock_stands_still(self, wind) -> None:  # type: ignore[no-untyped-def]
        wind(datetime(2022, 12, 20, 15, 59, 59, 999_000, tzinfo=UTC))
        with clock.one_moment():
            today = clock.read_today()
            wind(datetime(2022, 12, 20, 16, 0, 0, 1_000, tzinfo=UTC))
            assert timezone.localdate(clock.read_now()) == today == date(2022, 12, 20)
        assert clock.read_today() == date(2022, 12, 21)


@pytest.mark.clause("BN-4.3.3d")
def test_cash_of_the_last_minute_deposited_in_the_first_is_a_day_late(cast: Cast) -> None:
    day = date(2022, 12, 5)
    take_cash(cast.village_agent, household(BORN), on=day)
    bring(cast.village_agent, TIER_1, on=day + timedelta(days=1), hour=0)
    # The watch of the day looks at its end, whenever it is run: the deposit after midnight is the next day's.
    assert watch_custody(cast.town_clerk, year=YEAR, on=day, at=at(day + timedelta(days=1), 1)) == 1
    assert WorkItem.objects.get().detail["fen"] == TIER_1
    assert watch_custody(cast.town_clerk, year=YEAR, on=day + timedelta(days=1), at=at(day, 23)) == 0


@pytest.mark.clause("BN-4.3.3d")
def test_cash_of_after_midnight_is_not_the_day_befores(cast: Cast) -> None:
    day = date(2022, 12, 5)
    take_cash(cast.village_agent, household(BORN), on=day + timedelta(days=1))
    assert watch_custody(cast.town_clerk, year=YEAR, on=day, at=at(day + timedelta(days=1), 1)) == 0


@pytest.mark.clause("BN-4.3.3d")
@pytest.mark.parametrize(
    ("collected", "last_in_time"),
    [
        (date(2022, 12, 2), date(2022, 12, 6)),  # over an ordinary weekend
        (date(2022, 12, 30), date(2023, 1, 4)),  # New Year: until Monday 2 January off
        (date(2023, 1, 19), date(2023, 1, 28)),  # the spring festival, and the Saturday after it is worked
    ],
)
def test_two_working_days_are_the_state_councils(cast: Cast, collected: date, last_in_time: date) -> None:
    take_cash(cast.village_agent, household(BORN), on=collected, fen=None)
    bring(cast.village_agent, Payment.objects.get().amount_fen, on=collected)
    late = {day: watch_custody(cast.town_clerk, year=YEAR, on=day, at=at(day, 23)) for day in _days(last_in_time)}
    assert list(late.values()) == [0, 0, 1]


def _days(last: date) -> list[date]:
    return [last - timedelta(days=1), last, last + timedelta(days=1)]


def test_in_a_year_whose_days_nobody_has_set_yet_nobody_is_late_by_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    def until_new_year(day: date, count: int) -> date:
        if day + timedelta(days=count) > LAST:
            raise UnknownWorkdays(say("不知道"))
        return add_working_days(day, count)

    monkeypatch.setattr(custody, "add_working_days", until_new_year)
    collected = date(2022, 12, 30)  # a Friday
    assert working_days_after(collected, 2) == date(2023, 1, 3)
    assert [is_overdue(collected, 2, on=date(2023, 1, day)) for day in (4, 13, 14)] == [False, False, True]
    assert is_overdue(date(2022, 12, 26), 2, on=date(2022, 12, 29))


def test_the_night_after_new_year_looks_at_every_town_though_no_calendar_reaches_it(cast: Cast) -> None:
    """The season of a year begins in the autumn before; its last weeks may be of a year without a calendar."""
    with pytest.raises(UnknownWorkdays):
        add_working_days(date(2079, 12, 30), 2)
    assert not is_overdue(date(2079, 12, 29), 2, on=date(2080, 1, 5))


def test_a_balance_of_a_day_is_that_of_its_end_in_beijing(cast: Cast) -> None:
    take_cash(cast.village_agent, household(BORN), on=LAST)
    take_cash(cast.village_agent, household(BORN), on=LAST + timedelta(days=1))
    held = [trial_balance(cast.auditor, year=YEAR, on=LAST + timedelta(days=n))["agent-cash"] for n in (-1, 0, 1)]
    assert held == [0, TIER_1, 2 * TIER_1]
    assert holds(cast)


def test_a_refund_asked_before_midnight_is_judged_by_that_day(cast: Cast) -> None:
    """Benefits begin on 1 January: asked for on 31 December at 23:59, decided on the 4th."""
    person = one_paid(cast)
    asked = ask(cast.village_agent, lines_of(person), on=LAST)
    assert approve(cast.town_clerk, asked, on=date(2023, 1, 4))["ended"] == 1


def test_an_order_bears_the_day_in_beijing_though_the_server_counts_in_utc(cast: Cast) -> None:
    members = family()
    moment = datetime(2022, 12, 20, 16, 30, tzinfo=UTC)  # half past midnight on the 21st
    open_order(
        cast.village_agent,
        household_id=members[0].household_id,
        tiers={one.pk: 1 for one in members},
        due_ids=[],
        amount_fen=Resident.objects.filter(pk__in=[one.pk for one in members]).count() * TIER_1,
        policy_name=POLICY,
        on=timezone.localdate(moment),
        key=new_key("order"),
        at=moment,
    )
    assert PaymentOrder.objects.get().number.startswith("YB20221221")


def test_no_room_reads_a_day_off_a_moment_of_any_zone() -> None:
    """`at.date()` is the day where the moment was made; `timezone.localdate(at)` is Beijing's."""
    doors = {PACKAGE / "cli", PACKAGE / "demo", PACKAGE / "documents"}  # what people type, moments made in Beijing
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in package_files()
        if not doors & set(path.parents)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "date"
        if ast.unparse(node.func.value).split(".")[-1].removeprefix("paid_") in {"at", "now"}
    ]
    assert found == []
