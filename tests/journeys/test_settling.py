"""Settlement lists: what each paying department owes, for whom, once (PJ-5.2.3)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import IN_TIME, POLICY, Cast, at, household, mark, tiers
from tests.journeys.test_receiving import holds
from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import Forbidden
from yingbao.settlement.queries import lists
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.extract_settlement import extract_settlement

BEGIN, END = date(2022, 11, 1), date(2023, 1, 1)


def subsidise(cast: Cast, code: str, fen: int, *, on: date = IN_TIME) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, code, cast)
    enrol_and_pay(
        cast.wechat,
        household_id=person.household_id,
        tiers=tiers([person]),
        channel="wechat",
        amount_fen=fen,
        policy_name=POLICY,
        on=on,
        key=f"pay-{person.pk}",
        at=at(on),
    )


def extract(actor: Actor, *, begin: date = BEGIN, end: date = END, key: str = "extract") -> Json:
    drawn: Json = extract_settlement(actor, policy_name=POLICY, begin_on=begin, end_on=end, key=key, at=at(IN_TIME))[
        "lists"
    ]
    return drawn


@pytest.mark.clause("PJ-5.2.3")
def test_each_payer_gets_its_own_list_with_its_own_sum(cast: Cast) -> None:
    subsidise(cast, "dibao", 3_500)
    subsidise(cast, "dibao_marginal", 10_500)
    subsidise(cast, "stable_lifted", 30_000)
    drawn = extract(cast.tax)
    assert {payer: (one["persons"], one["amount_fen"]) for payer, one in drawn.items()} == {
        "medical_assistance": (2, 31_500 + 24_500),
        "rural_revitalisation": (1, 5_000),
    }
    assert holds(cast)


def test_extracting_twice_bills_nobody_twice(cast: Cast) -> None:
    subsidise(cast, "dibao", 3_500)
    assert extract(cast.tax)["medical_assistance"]["persons"] == 1
    assert extract(cast.tax, key="again") == {}
    subsidise(cast, "dibao", 3_500)
    assert extract(cast.bureau, key="third")["medical_assistance"]["persons"] == 1


def test_only_what_cleared_in_the_span_is_billed(cast: Cast) -> None:
    subsidise(cast, "dibao", 3_500, on=date(2023, 1, 3))
    assert extract(cast.tax) == {}
    assert extract(cast.tax, begin=END, end=date(2023, 2, 1), key="january")["medical_assistance"]["persons"] == 1


def test_a_department_sees_its_own_lists_only(cast: Cast) -> None:
    subsidise(cast, "dibao", 3_500)
    extract(cast.tax)
    assert lists(cast.auditor).count() == 1
    assert lists(cast.health).count() == 0
    with pytest.raises(Forbidden):
        lists(cast.village_agent)
    with pytest.raises(Forbidden):
        extract(cast.town_clerk, key="clerk")
