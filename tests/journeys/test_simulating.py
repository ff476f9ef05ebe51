"""What a changed policy would cost, from the register: the sums of assessing everybody, and no person's data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from tests.journeys.cast import (
    IN_TIME,
    NEXT_VILLAGE,
    OTHER_VILLAGE,
    POLICY,
    VILLAGE,
    Cast,
    at,
    family,
    household,
    insure_elsewhere,
    mark,
    tiers,
)
from yingbao.accounts.actors import Actor
from yingbao.cli.main import app
from yingbao.kernel.errors import Forbidden
from yingbao.policy import Policy, get_policy
from yingbao.policy.whatif import what_if
from yingbao.registry.models import Resident
from yingbao.usecases import simulate_policy as use_case
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.simulate_policy import Simulated, Whom, simulate_policy

TODAY = date(2022, 12, 15)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    use_case.forget_snapshots()
    yield
    use_case.forget_snapshots()


def dearer() -> Policy:
    return what_if(get_policy(POLICY), {"rates.resident.1": 400, "identities.dibao.subsidies.1.percent": 80})


def run(actor: Actor, after: Policy | None = None, whom: Whom = "everyone", stamp: str | None = None) -> Simulated:
    return simulate_policy(actor, before=get_policy(POLICY), after=after or dearer(), whom=whom, on=TODAY, stamp=stamp)


def enrol(actor: Actor, residents: list[Resident], tier: int = 1) -> None:
    enrol_household(
        actor,
        household_id=residents[0].household_id,
        tiers=tiers(residents, tier),
        policy_name=POLICY,
        on=IN_TIME,
        key=f"enrol-{residents[0].pk}",
        at=at(IN_TIME),
    )


def pay_and_clear(cast: Cast, residents: list[Resident], fen: int, on: date) -> None:
    enrol_and_pay(
        cast.village_agent,
        household_id=residents[0].household_id,
        tiers=tiers(residents),
        channel="cash",
        amount_fen=fen,
        policy_name=POLICY,
        on=on,
        key=f"pay-{residents[0].pk}",
        at=at(on),
    )
    deposit_cash(cast.village_agent, amount_fen=fen, slip_number="S1", year=2023, on=on, key="deposit", at=at(on))
    made = declare_cash(cast.village_agent, year=2023, on=on, key="declare", at=at(on))
    clear_declaration(
        cast.tax, declaration_id=int(made["declaration"]), policy_name=POLICY, on=on, key="clear", at=at(on)
    )


def test_everybody_is_judged_under_both_policies(cast: Cast) -> None:
    people = family()  # four, the second with dibao
    mark(people[1], "dibao", cast)
    found = run(cast.bureau).simulation.total
    assert found.before.persons == found.after.persons == 4
    assert found.before.personal_fen == 3 * 35_000 + 3_500
    assert found.after.personal_fen == 3 * 40_000 + 8_000  # dibao: 80% of 400 is 320
    assert (found.before.department_fen, found.after.department_fen) == (31_500, 32_000)
    assert found.before.fiscal_fen == found.after.fiscal_fen == 4 * 61_000
    assert (found.swing.losers, found.swing.lost_fen, found.swing.winners) == (4, 3 * 5_000 + 4_500, 0)


def test_tier_and_day_of_clearing_stay_as_they_were(cast: Cast) -> None:
    second, first = household(date(1970, 1, 1)), household(date(1971, 1, 1))
    enrol(cast.village_agent, second, tier=2)
    mark(first[0], "disabled_1_2", cast)
    pay_and_clear(cast, first, 10_500, IN_TIME)
    by_tier = {line.key: line.before for line in run(cast.bureau, whom="enrolled").simulation.by_tier}
    assert by_tier["2"].personal_fen == 72_500
    assert by_tier["1"].personal_fen == 10_500
    # Earlier deadline than the day it was cleared: the subsidy is gone under the changed policy only.
    cut = what_if(get_policy(POLICY), {"identities.disabled_1_2.until.before": "2022-11-30"})
    lines = {line.key: line for line in run(cast.bureau, cut, "enrolled").simulation.by_identity}
    assert lines["disabled_1_2"].before.department_fen == 24_500
    assert lines[""].after.personal_fen == 72_500 + 35_000


def test_only_the_enrolled_unless_everyone_is_asked_for(cast: Cast) -> None:
    enrolled, others = household(date(1970, 1, 1)), household(date(1980, 1, 1), date(1981, 1, 1), date(1982, 1, 1))
    enrol(cast.village_agent, enrolled)
    insure_elsewhere(others[0])
    Resident.objects.filter(pk=others[1].pk).update(state="dead")
    assert run(cast.bureau, whom="enrolled").simulation.persons == 1
    everyone = run(cast.bureau, whom="everyone")
    assert everyone.simulation.persons == 2
    assert (everyone.snapshot.enrolled, everyone.snapshot.unenrolled) == (1, 1)


def test_an_identity_two_rosters_confirm_counts_once_and_an_ended_one_not_at_all(cast: Cast) -> None:
    twice, ended = household(date(1970, 1, 1))[0], household(date(1971, 1, 1))[0]
    mark(twice, "dibao", cast, begin_on=date(2022, 1, 1))
    twice.identities.update(end_on=date(2023, 1, 1))
    mark(twice, "dibao", cast, begin_on=date(2022, 6, 1))
    mark(ended, "orphan", cast)
    ended.identities.update(end_on=TODAY)
    lines = {line.key: line.before.persons for line in run(cast.bureau).simulation.by_identity}
    assert lines == {"dibao": 1, "": 1}


def test_each_sees_the_own_divisions_only(cast: Cast) -> None:
    for village, count in ((VILLAGE, 1), (NEXT_VILLAGE, 2), (OTHER_VILLAGE, 3)):
        household(*[date(1970, 1, n + 1) for n in range(count)], village=village)
    found = run(cast.bureau)
    assert [(found.names[line.key], line.before.persons) for line in found.towns] == [("甲镇", 3), ("乙镇", 3)]
    assert [line.before.persons for line in found.villages] == [1, 2, 3]
    assert run(cast.health).simulation.persons == 6
    for actor in (cast.town_clerk, cast.tax, cast.administrator):
        with pytest.raises(Forbidden):
            run(actor)


def test_a_few_statements_whatever_the_number_of_people(cast: Cast, django_assert_num_queries: Any) -> None:
    family()
    with django_assert_num_queries(5):  # two stamps, the enrolled, the others, the divisions' names
        run(cast.bureau)
    for year in range(1950, 1980):
        household(date(year, 1, 1), date(year, 2, 2))
    use_case.forget_snapshots()
    with django_assert_num_queries(5):
        run(cast.bureau)


def test_no_persons_row_leaves_the_database(cast: Cast) -> None:
    people = [household(date(1950, 1, 1 + n))[0] for n in range(20)]
    for person in people[:10]:
        mark(person, "dibao", cast)
    found = run(cast.bureau)
    assert sorted(found.snapshot.population.count.tolist()) == [10, 10]  # two cells, whoever was born when


def test_a_slider_does_not_count_again_and_a_fresh_page_does_when_somebody_has_enrolled(cast: Cast) -> None:
    people, more = household(date(1970, 1, 1)), household(date(1971, 1, 1))
    enrol(cast.village_agent, people)
    page = run(cast.bureau, whom="enrolled")
    with CaptureQueriesContext(connection) as asked:
        again = run(cast.bureau, whom="enrolled")
    assert again.snapshot is page.snapshot and len(asked) == 3  # two stamps, the names
    enrol(cast.village_agent, more)
    with CaptureQueriesContext(connection) as asked:
        slider = run(cast.bureau, what_if(get_policy(POLICY), {"fiscal": 640}), "enrolled", stamp=page.snapshot.stamp)
    assert slider.snapshot is page.snapshot and len(asked) == 1
    assert run(cast.bureau, whom="enrolled").simulation.persons == 2


def test_clearing_money_and_marking_identities_make_a_new_snapshot(cast: Cast) -> None:
    people = household(date(1970, 1, 1))
    before = run(cast.bureau).snapshot.stamp
    pay_and_clear(cast, people, 35_000, IN_TIME)
    paid = run(cast.bureau).snapshot.stamp
    mark(people[0], "dibao", cast)
    assert len({before, paid, run(cast.bureau).snapshot.stamp}) == 3


def test_newborns_keep_their_birth(cast: Cast) -> None:
    household(date(1970, 1, 1), TODAY)
    found = run(cast.bureau)
    births = sorted(found.snapshot.population.cells.birth.tolist())
    assert len(births) == 2 and births[1] == (TODAY - date(1970, 1, 1)).days


def test_the_command_sees_what_its_user_sees(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.YINGBAO_TODAY", TODAY.isoformat())
    household(date(1970, 1, 1), village=VILLAGE)
    words = ["simulate", "--policy", POLICY, "--set", "rates.resident.1=400", "--everyone", "--register", "--as"]
    done = CliRunner().invoke(app, [*words, "bureau"], env={"COLUMNS": "200"})
    assert done.exit_code == 0 and "多缴 1 人共 50.00 元" in done.output
    for name, says in (("town-clerk", "simulate-policy"), ("nobody", "没有名为“nobody”的用户")):
        refused = CliRunner().invoke(app, [*words, name], env={"COLUMNS": "200"})
        assert refused.exit_code == 1 and says in refused.output
