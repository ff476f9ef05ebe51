"""What can be asked back, how much of it, until when; and what is refused, with the sentence that says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.journeys.cast import IN_TIME, TIER_1, Cast, family, household, mark
from tests.journeys.refunds import (
    BORN,
    CLEARED_ON,
    NEXT_DAY,
    approve,
    ask,
    clear,
    clear_cash,
    declare,
    deposit,
    due_of,
    lines_of,
    one_paid,
    pay_out,
    refuse,
)
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.collection.models import PaymentLine, Refund
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.policy import Policy, get_policy
from yingbao.policy.listings import Deadline
from yingbao.registry.models import Resident
from yingbao.usecases.refund_rules import BEFORE_COVER, NEVER_COVERED, SILENT, check_deadline, late_for
from yingbao.worklist.models import WorkItem

COVERED = date(2023, 1, 10)


def paid_twice(cast: Cast) -> list[Resident]:
    """A household that paid in cash and then online again."""
    members = family()
    dues = enrol(cast, members)
    pay(cast.village_agent, members, dues)
    pay(cast.wechat, members, dues, channel="wechat", key="again")
    return members


def test_a_surplus_goes_back_whole_and_the_enrolment_stays(cast: Cast) -> None:
    members = paid_twice(cast)
    lines = [lines_of(one, "surplus")[0] for one in members]
    asked = ask(cast.village_agent, lines, "paid-twice")
    assert (asked["amount_fen"], asked["ends"]) == (4 * TIER_1, 0)
    assert set(Refund.objects.values_list("state", "ends_enrolment")) == {("asked", False)}
    assert Refund.objects.latest("pk").rules == [SILENT, NEVER_COVERED]
    assert holds(cast)


def test_a_surplus_goes_back_after_benefits_have_begun_too(cast: Cast) -> None:
    members = paid_twice(cast)
    assert ask(cast.village_agent, lines_of(members[0], "surplus"), "paid-twice", on=COVERED)["amount_fen"] == TIER_1


def test_what_was_paid_beyond_a_due_goes_back_and_no_more(cast: Cast) -> None:
    person = one_paid(cast, "cash")
    mark(person, "dibao", cast)
    clear_cash(cast, TIER_1)
    assert due_of(person).amount_fen == 3_500
    asked = ask(cast.village_agent, lines_of(person), "too-much", on=COVERED)
    assert (asked["amount_fen"], asked["ends"]) == (31_500, 0)
    approve(cast.town_clerk, asked, on=COVERED)
    with pytest.raises(Refused, match="没有多缴"):
        ask(cast.village_agent, lines_of(person), "too-much", on=COVERED, key="again")
    assert holds(cast)


def test_who_paid_what_they_owed_paid_not_too_much(cast: Cast) -> None:
    person = one_paid(cast)
    with pytest.raises(Refused, match="没有多缴"):
        ask(cast.village_agent, lines_of(person), "too-much")


@pytest.mark.parametrize(
    "reason", ["paid-twice", "employee", "other-place", "death", "moved", "sentenced", "wrong-tier", "wrong-person"]
)
def test_a_paid_due_goes_back_whole_before_benefits_begin(cast: Cast, reason: str) -> None:
    person = one_paid(cast)
    asked = ask(cast.village_agent, lines_of(person), reason, on=date(2022, 12, 31))
    assert (asked["amount_fen"], asked["ends"]) == (TIER_1, 1)
    assert Refund.objects.get().rules == [SILENT, BEFORE_COVER]


def test_once_benefits_have_begun_it_does_not(cast: Cast) -> None:
    person = one_paid(cast)
    with pytest.raises(Refused, match=r"待遇已经开始.*2023-01-01.*请示"):
        ask(cast.village_agent, lines_of(person), on=date(2023, 1, 1))
    assert Refund.objects.count() == 0


def test_who_died_before_they_began_never_had_them(cast: Cast) -> None:
    person, later = one_paid(cast), one_paid(cast)
    Resident.objects.filter(pk=person.pk).update(state="dead", gone_on=date(2022, 12, 20))
    Resident.objects.filter(pk=later.pk).update(state="dead", gone_on=date(2023, 1, 5))
    assert ask(cast.village_agent, lines_of(person), "death", on=COVERED)["amount_fen"] == TIER_1
    with pytest.raises(Refused, match="待遇已经开始"):
        ask(cast.village_agent, lines_of(later), "death", on=COVERED, key="later")


def test_the_second_record_of_one_person_bought_no_cover(cast: Cast) -> None:
    person, kept = one_paid(cast), one_paid(cast)
    Resident.objects.filter(pk=person.pk).update(state="merged", merged_into=kept)
    asked = ask(cast.village_agent, lines_of(person), "paid-twice", on=COVERED)
    assert (asked["amount_fen"], Refund.objects.get().rules) == (TIER_1, [SILENT, NEVER_COVERED])


def test_some_of_a_household_go_and_the_others_stay(cast: Cast) -> None:
    members = family()
    pay(cast.wechat, members, enrol(cast, members), channel="wechat")
    asked = ask(cast.village_agent, [*lines_of(members[0]), *lines_of(members[1])])
    assert asked["amount_fen"] == 2 * TIER_1
    assert len(set(Refund.objects.values_list("case", flat=True))) == 1


def test_what_is_with_the_tax_client_waits_for_its_answer(cast: Cast) -> None:
    person = one_paid(cast, "cash")
    deposit(cast, TIER_1)
    declaration = declare(cast)
    with pytest.raises(Refused, match=r"尚未回执.*回执"):
        ask(cast.village_agent, lines_of(person))
    clear(cast, declaration)
    assert ask(cast.village_agent, lines_of(person), on=CLEARED_ON, key="then")["amount_fen"] == TIER_1


def test_a_line_asked_for_twice_is_told(cast: Cast) -> None:
    person = one_paid(cast)
    assert ask(cast.village_agent, lines_of(person)) == ask(cast.village_agent, lines_of(person))
    with pytest.raises(Refused, match="已经申请退费"):
        ask(cast.town_clerk, lines_of(person), key="two")
    assert Refund.objects.count() == 1


def test_a_line_that_went_back_does_not_go_again(cast: Cast) -> None:
    members = paid_twice(cast)
    lines = lines_of(members[0], "surplus")
    asked = ask(cast.village_agent, lines, "paid-twice")
    approve(cast.town_clerk, asked)
    with pytest.raises(Refused, match="已经退费或已批准退费"):
        ask(cast.village_agent, lines, "paid-twice", key="two")
    pay_out(cast.tax, [asked["refund"]], "channel", "WX-1")
    with pytest.raises(Refused, match="已经退费或已批准退费"):
        ask(cast.village_agent, lines, "paid-twice", key="three")


def test_what_was_refused_may_be_asked_anew(cast: Cast) -> None:
    person = one_paid(cast)
    refuse(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
    assert ask(cast.village_agent, lines_of(person), key="anew")["amount_fen"] == TIER_1


def test_a_cancelled_enrolment_is_told(cast: Cast) -> None:
    members = family()
    pay(cast.wechat, members, enrol(cast, members), channel="wechat")
    approve(cast.town_clerk, ask(cast.village_agent, lines_of(members[0])))
    with pytest.raises(Refused, match="已经"):
        ask(cast.village_agent, lines_of(members[0]), key="two")


def test_lines_of_another_payment_or_village_are_not_there(cast: Cast) -> None:
    person, other = one_paid(cast), one_paid(cast)
    with pytest.raises(NotFound):
        ask(cast.next_agent, lines_of(person))
    with pytest.raises(NotFound):
        ask(cast.village_agent, [*lines_of(person), *lines_of(other)])


def test_who_may_not_ask_and_what_makes_no_sense(cast: Cast) -> None:
    person = one_paid(cast)
    for actor in (cast.tax, cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            ask(actor, lines_of(person))
    with pytest.raises(BadInput, match="原因"):
        ask(cast.village_agent, lines_of(person), "because")


def test_the_one_who_decides_is_told_and_is_another(cast: Cast) -> None:
    (person,) = household(BORN)
    one_paid(cast, person=person)
    asked = ask(cast.town_clerk, lines_of(person))
    item = WorkItem.objects.get(kind="refund-to-decide")
    assert (item.subject_id, item.owner_id) == (asked["refund"], cast.second_clerk.user_id)


class TestSubsidised:
    """Who had an identity on the clearing day pays by it, known then or not (PJ-5.0)."""

    @pytest.mark.clause("PJ-5.0")
    def test_a_roster_that_came_late_makes_the_difference_refundable_even_when_covered(self, cast: Cast) -> None:
        person = one_paid(cast)
        mark(person, "dibao", cast)
        asked = ask(cast.village_agent, lines_of(person), "subsidised", on=COVERED)
        assert (asked["amount_fen"], asked["ends"]) == (31_500, 0)
        assert "PJ-5.0" in Refund.objects.get().rules

    @pytest.mark.clause("PJ-5.0")
    def test_an_identity_of_later_changes_nothing_and_the_clause_says_so(self, cast: Cast) -> None:
        person = one_paid(cast)
        mark(person, "dibao", cast, begin_on=date(2022, 12, 10))
        with pytest.raises(Refused, match=r"不影响已锁定.*PJ-5\.0"):
            ask(cast.village_agent, lines_of(person), "subsidised", on=date(2022, 12, 20))

    def test_what_has_not_cleared_is_decided_when_it_does(self, cast: Cast) -> None:
        person = one_paid(cast, "cash")
        mark(person, "dibao", cast)
        with pytest.raises(Refused, match="多缴"):
            ask(cast.village_agent, lines_of(person), "subsidised")


class TestDeadlines:
    """A notice that names a day is followed; both shipped ones name none."""

    def test_after_the_day_what_bought_cover_stays(self) -> None:
        policy = get_policy("liangping-2023")
        last = Deadline(id="refund", day=date(2022, 12, 10), zh="退费", en="Refunds", rule="PJ-1")
        dated = _with(policy, last)
        assert check_deadline(dated, collected_on=IN_TIME, on=date(2022, 12, 10)) == ["PJ-1"]
        with pytest.raises(Refused, match=r"2022-12-10.*PJ-1"):
            check_deadline(dated, collected_on=IN_TIME, on=date(2022, 12, 11))
        told = late_for(dated, collected_on=IN_TIME, on=date(2022, 12, 11))
        assert told is not None and "PJ-1" in str(told)
        assert late_for(dated, collected_on=IN_TIME, on=IN_TIME) is None

    def test_working_days_count_from_collection(self) -> None:
        last = Deadline(id="refund_days", working_days=1, zh="退费", en="Refunds", rule="PJ-1")
        dated = _with(get_policy("liangping-2023"), last)
        assert check_deadline(dated, collected_on=IN_TIME, on=NEXT_DAY) == ["PJ-1"]
        with pytest.raises(Refused):
            check_deadline(dated, collected_on=IN_TIME, on=date(2022, 12, 5))

    @pytest.mark.parametrize("name", ["liangping-2023", "banan-2022"])
    def test_the_silence_of_the_shipped_notices_is_said(self, name: str) -> None:
        assert check_deadline(get_policy(name), collected_on=IN_TIME, on=date(2030, 1, 1)) == [SILENT]


def _with(policy: Policy, deadline: Deadline) -> Policy:
    """Return the policy as it would be, had its notice a deadline for refunds."""
    file = policy.file.model_copy(update={"deadlines": (deadline,)})
    return Policy(replace(policy.pack, file=file))


def test_a_part_is_never_more_than_its_line(cast: Cast) -> None:
    """Too much first, the rest with the whole due: together what was paid, not more."""
    person = one_paid(cast, "cash")
    mark(person, "dibao", cast)
    clear_cash(cast, TIER_1)
    first = ask(cast.village_agent, lines_of(person), "too-much", on=CLEARED_ON)
    approve(cast.town_clerk, first, on=CLEARED_ON)
    second = ask(cast.village_agent, lines_of(person), "employee", on=CLEARED_ON, key="rest")
    assert (first["amount_fen"], second["amount_fen"]) == (31_500, 3_500)
    approve(cast.town_clerk, second, on=CLEARED_ON, key="rest approved")
    line = PaymentLine.objects.get()
    assert sum(line.refunds.values_list("amount_fen", flat=True)) == line.amount_fen
    assert holds(cast)
