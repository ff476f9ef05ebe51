"""The policy is amended in mid-season: who is cleared keeps the decision, who owes is changed after a look at whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django.fixtures import Settings

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, Cast, at, household, mark, tiers
from tests.journeys.test_receiving import holds
from yingbao.accounts.actors import Actor
from yingbao.cli import reassess_with_database
from yingbao.collection.models import Due
from yingbao.config import settings as site
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Conflict, Forbidden
from yingbao.ledger.models import Transfer
from yingbao.policy import get_policy, use_packs
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.reassess_open import Preview, preview_reassessment, reassess_open
from yingbao.usecases.receive_payment import receive_payment

NEWER = "liangping-2023-december"
FIRST_DAY = date(2022, 12, 5)
LATER = date(2022, 12, 6)
PER_YEAR = "yuan/person/year"
SENTENCE = {"zh": "补充通知一句", "en": "A sentence of an amending notice"}


def amendment(**values: Any) -> dict[str, Any]:
    """From 5 December another department pays a dibao subsidy of 330 yuan; a tier-1 rate of 360 yuan."""
    amount = {"tier": 1, "amount": 330, "unit": PER_YEAR, "rule": "N-1"}
    dibao = {"code": "dibao", "confirmed_by": "civil_affairs", "paid_by": "civil_affairs", "subsidies": [amount]}
    year = {"first_day": date(2023, 1, 1), "last_day": date(2023, 12, 31)}
    rate = {"population": "resident", "tier": 1, "amount": 360, "unit": PER_YEAR, **year, "rule": "N-1"}
    pack = {
        "format": 1,
        "pack": NEWER,
        "amends": {"pack": POLICY, "first_day": FIRST_DAY, "rule": "N-1"},
        "assessable": True,
        "year": 2023,
        "division": "500155000000",
        "title": SENTENCE,
        "documents": [],
        "rules": [{"id": "N-1", "title": SENTENCE, "text": SENTENCE, "source": {"document": "PJ", "clause": "一"}}],
        "rates": [rate],
        "identities": [dibao],
    }
    return pack | values


@pytest.fixture(autouse=True)
def _packs(tmp_path: Path) -> Iterator[None]:
    (tmp_path / f"{NEWER}.yaml").write_text(yaml.safe_dump(amendment(), allow_unicode=True), "utf-8")
    use_packs(tmp_path)
    yield
    use_packs(site.HOME / "packs")


def enrol(cast: Cast, people: list[Resident], *, on: date = IN_TIME, policy: str = POLICY) -> Json:
    return enrol_household(
        cast.town_clerk,
        household_id=people[0].household_id,
        tiers=tiers(people),
        policy_name=policy,
        on=on,
        key=f"enrol-{people[0].pk}",
        at=at(on),
    )


def pay(cast: Cast, people: list[Resident], fen: int, *, channel: str, on: date, policy: str) -> Json:
    return enrol_and_pay(
        cast.wechat if channel == "wechat" else cast.village_agent,
        household_id=people[0].household_id,
        tiers=tiers(people),
        channel=channel,
        amount_fen=fen,
        policy_name=policy,
        on=on,
        key=f"pay-{people[0].pk}",
        at=at(on),
    )


def one(cast: Cast, *codes: str) -> list[Resident]:
    people = household(date(1980, 5, 1))
    for code in codes:
        mark(people[0], code, cast)
    return people


def preview(actor: Actor, on: date = LATER) -> Preview:
    return preview_reassessment(actor, policy_name=NEWER, on=on)


def reassess(actor: Actor, stamp: str, on: date = LATER, key: str = "reassess") -> Json:
    return reassess_open(actor, policy_name=NEWER, on=on, stamp=stamp, key=key, at=at(on))


def due_of(people: list[Resident]) -> Due:
    return Due.objects.select_related("enrolment").get(enrolment__resident=people[0])


# ---------------------------------------------------------------- the site's newest version


def test_a_site_finds_packs_of_its_own_beside_those_that_ship() -> None:
    assert [policy.name for _, policy in get_policy(NEWER).versions] == [POLICY, NEWER]
    assert get_policy(POLICY).name == POLICY


def test_what_clears_before_the_first_day_goes_by_the_amended_pack(cast: Cast) -> None:
    early, late = one(cast, "dibao"), one(cast, "dibao")
    pay(cast, early, 3_500, channel="wechat", on=IN_TIME, policy=NEWER)
    pay(cast, late, 3_000, channel="wechat", on=LATER, policy=NEWER)
    assert [due_of(people).enrolment.subsidy_fen for people in (early, late)] == [31_500, 33_000]
    assert holds(cast)


def test_departments_are_billed_by_the_version_that_decided(cast: Cast) -> None:
    pay(cast, one(cast, "dibao"), 3_500, channel="wechat", on=IN_TIME, policy=POLICY)
    pay(cast, one(cast, "dibao"), 3_000, channel="wechat", on=LATER, policy=NEWER)
    days = {"begin_on": date(2022, 11, 1), "end_on": date(2023, 1, 1)}
    lists = extract_settlement(cast.tax, policy_name=NEWER, key="lists", at=at(LATER), **days)["lists"]
    assert {payer: drawn["amount_fen"] for payer, drawn in lists.items()} == {
        "medical_assistance": 31_500,
        "civil_affairs": 33_000,
    }
    assert holds(cast)


# ---------------------------------------------------------------- looking


def test_looking_shows_whom_it_changes_and_changes_nothing(cast: Cast) -> None:
    plain, poor, same = one(cast), one(cast, "dibao"), one(cast, "extreme_poverty")
    for people in (plain, poor, same):
        enrol(cast, people)
    before = list(Enrolment.objects.order_by("pk").values())
    found = preview(cast.bureau)
    assert (found.open, found.difference_fen) == (3, 1_000 - 500 + 1_000)
    assert [(c.resident_id, c.before_fen, c.after_fen) for c in found.changed] == [
        (plain[0].pk, TIER_1, 36_000),
        (poor[0].pk, 3_500, 3_000),
        (same[0].pk, 0, 1_000),
    ]
    assert "N-1" in found.changed[0].reasons_after and "N-1" not in found.changed[0].reasons_before
    assert (found.not_taken, found.short) == ((), ())
    assert list(Enrolment.objects.order_by("pk").values()) == before


def test_on_a_day_before_the_first_nobody_changes(cast: Cast) -> None:
    enrol(cast, one(cast, "dibao"))
    assert preview(cast.bureau, on=IN_TIME).changed == ()


def test_cash_on_its_way_is_shown_where_it_will_be_short_and_left_alone(cast: Cast) -> None:
    people = one(cast)
    pay(cast, people, TIER_1, channel="cash", on=IN_TIME, policy=POLICY)
    found = preview(cast.bureau)
    assert [(c.before_fen, c.after_fen, c.state) for c in found.short] == [(TIER_1, 36_000, "collected")]
    assert found.changed == () and found.open == 0
    reassess(cast.bureau, found.stamp)
    assert due_of(people).amount_fen == TIER_1


def test_a_day_on_which_no_money_is_taken_leaves_them_as_they_are(cast: Cast) -> None:
    people = one(cast)
    enrol(cast, people)
    closed = date(2023, 12, 1)
    found = preview(cast.bureau, on=closed)
    assert (found.changed, [c.after_fen for c in found.not_taken]) == ((), [None])
    reassess(cast.bureau, found.stamp, on=closed)
    assert due_of(people).amount_fen == TIER_1


# ---------------------------------------------------------------- writing


def test_what_was_shown_is_written_and_the_books_still_hold(cast: Cast) -> None:
    plain, poor = one(cast), one(cast, "dibao")
    for people in (plain, poor):
        enrol(cast, people)
    answer = reassess(cast.bureau, preview(cast.bureau).stamp)
    assert answer == {"changed": 2, "difference_fen": 500}
    assert [due_of(people).amount_fen for people in (plain, poor)] == [36_000, 3_000]
    kept = due_of(poor).enrolment
    assert (kept.subsidy_fen, kept.policy, kept.policy_hash) == (33_000, NEWER, get_policy(NEWER).hash)
    assert "N-1" in kept.reasons and kept.decided_on == LATER
    assert holds(cast)
    assert preview(cast.bureau).changed == ()


def test_the_cleared_keep_the_locked_decision(cast: Cast) -> None:
    paid, owing = one(cast, "dibao"), one(cast, "dibao")
    pay(cast, paid, 3_500, channel="wechat", on=IN_TIME, policy=POLICY)
    enrol(cast, owing)
    locked = Enrolment.objects.filter(resident=paid[0]).values().get()
    reassess(cast.bureau, preview(cast.bureau).stamp)
    assert Enrolment.objects.filter(resident=paid[0]).values().get() == locked
    assert due_of(owing).amount_fen == 3_000
    assert holds(cast)


def test_writing_twice_under_one_key_happens_once(cast: Cast) -> None:
    enrol(cast, one(cast))
    stamp = preview(cast.bureau).stamp
    first = reassess(cast.bureau, stamp)
    posted = Transfer.objects.count()
    assert reassess(cast.bureau, stamp) == first and Transfer.objects.count() == posted


def test_what_changed_since_it_was_shown_is_not_written(cast: Cast) -> None:
    people = one(cast)
    enrol(cast, people)
    stamp = preview(cast.bureau).stamp
    enrol(cast, one(cast, "dibao"))
    with pytest.raises(Conflict):
        reassess(cast.bureau, stamp)
    assert due_of(people).amount_fen == TIER_1


def test_without_reassessing_the_counter_still_takes_the_right_amount(cast: Cast) -> None:
    people = one(cast, "dibao")
    dues = [row["due"] for row in enrol(cast, people)["dues"].values()]
    receive_payment(
        cast.village_agent,
        household_id=people[0].household_id,
        due_ids=dues,
        channel="pos",
        terminal="T1",
        reference="000001",
        amount_fen=3_000,
        policy_name=NEWER,
        collected_on=LATER,
        key="pay",
        at=at(LATER),
    )
    kept = due_of(people).enrolment
    assert (kept.payable_fen, kept.policy, kept.locked_on) == (3_000, NEWER, LATER)
    assert holds(cast)


def test_cash_that_clears_after_the_first_day_is_decided_by_the_amendment(cast: Cast) -> None:
    people = one(cast, "dibao")
    pay(cast, people, 3_500, channel="cash", on=FIRST_DAY - timedelta(1), policy=POLICY)
    deposit_cash(cast.village_agent, year=2023, amount_fen=3_500, slip_number="1", on=LATER, key="d", at=at(LATER))
    declared = declare_cash(cast.village_agent, year=2023, on=LATER, key="c", at=at(LATER))
    clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=NEWER, on=LATER, key="t", at=at(LATER)
    )
    due = due_of(people)
    assert (due.amount_fen, due.enrolment.subsidy_fen, due.enrolment.policy) == (3_000, 33_000, NEWER)
    assert holds(cast)


# ---------------------------------------------------------------- who may, and the command


@pytest.mark.parametrize("who", ["town_clerk", "village_agent", "tax", "auditor", "administrator", "wechat"])
def test_only_the_bureau_reassesses(cast: Cast, who: str) -> None:
    actor = getattr(cast, who)
    with pytest.raises(Forbidden):
        preview(actor)
    with pytest.raises(Forbidden):
        reassess(actor, "0" * 64)


def test_the_command_shows_then_writes_what_was_shown(
    cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    settings.YINGBAO_POLICY, settings.YINGBAO_TODAY = NEWER, LATER.isoformat()
    people = one(cast, "dibao")
    enrol(cast, people)
    reassess_with_database.run(username="bureau", on=None, confirm="", lang="zh")
    shown = capsys.readouterr().out
    assert "其中 1 人应缴或资助有变化，合计 -5.00 元" in shown and "N-1" in shown
    code = preview(cast.bureau).stamp[: reassess_with_database.STAMP]
    assert f"--confirm {code}" in shown
    with pytest.raises(Conflict):
        reassess_with_database.run(username="bureau", on=None, confirm="0" * 12, lang="zh")
    assert due_of(people).amount_fen == 3_500
    reassess_with_database.run(username="bureau", on=None, confirm=code, lang="en")
    assert "1 people reassessed" in capsys.readouterr().out
    assert due_of(people).amount_fen == 3_000
