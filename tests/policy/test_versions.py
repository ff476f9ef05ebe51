"""A notice amended in mid-season: each version answers for what was cleared in its days, one by one and in columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.policy.small import PER_YEAR, small_pack, write_pack
from tests.policy.test_load import layer, load, rate, write
from yingbao.kernel.errors import BadInput
from yingbao.policy import Decision, Person, Policy, read_policy
from yingbao.policy.files import assess_file

FIRST, SECOND = date(2029, 11, 15), date(2030, 2, 1)
BEFORE, BETWEEN, AFTER = date(2029, 11, 14), date(2029, 11, 15), date(2030, 2, 1)
SENTENCE = {"zh": "补充通知", "en": "Amending notice"}
GROWN_UP = Person(date(1980, 1, 1))


def rule(rule_id: str) -> dict[str, Any]:
    return {"id": rule_id, "title": SENTENCE, "text": SENTENCE, "source": {"document": "X", "clause": rule_id}}


def amendment(name: str, pack: str, first_day: date, **values: Any) -> dict[str, Any]:
    """A pack that amends another from a day on."""
    more = {"rules": [rule(f"{name}-1")]} | values
    retroactive = more.pop("retroactive", False)
    amends = {"pack": pack, "first_day": first_day, "retroactive": retroactive, "rule": f"{name}-1"}
    return layer(name, None, amends=amends, **more)


def dibao(amount: int, rule_id: str) -> dict[str, Any]:
    subsidy = {"tier": 1, "amount": amount, "unit": PER_YEAR, "rule": rule_id}
    return {**small_pack()["identities"][0], "paid_by": "civil_affairs", "subsidies": [subsidy]}


def first_amendment(**values: Any) -> dict[str, Any]:
    """From 15 November the dibao subsidy is 300 yuan and another department pays it."""
    return amendment("first", "small", FIRST, **({"identities": [dibao(300, "first-1")]} | values))


def second_amendment() -> dict[str, Any]:
    """From 1 February the rate is 450 yuan."""
    return amendment("second", "first", SECOND, rates=[rate(450, rule="second-1")])


def policy(folder: Path, *layers: Mapping[str, Any]) -> Policy:
    for content in (small_pack(), *layers):
        write(folder, content)
    return read_policy(str((small_pack(), *layers)[-1]["pack"]), folder)


def person(paid_on: date | None, *identities: str, **facts: Any) -> Person:
    return Person(date(1980, 1, 1), paid_on=paid_on, identities=frozenset(identities), **facts)


def amounts(decision: Decision) -> tuple[int | None, ...]:
    return decision.rate_fen, decision.subsidy_fen, decision.payable_fen


# ---------------------------------------------------------------- which version answers


@pytest.mark.parametrize(
    ("paid_on", "expected", "resting_on"),
    [
        (date(2029, 10, 1), (40000, 20000, 20000), "X-1"),
        (BEFORE, (40000, 20000, 20000), "X-1"),
        (BETWEEN, (40000, 30000, 10000), "first-1"),
        (date(2030, 1, 31), (40000, 30000, 10000), "first-1"),
        (AFTER, (45000, 30000, 15000), "second-1"),
        (date(2030, 6, 30), (45000, 30000, 15000), "second-1"),
    ],
)
def test_the_version_of_the_day_of_clearing_answers(
    tmp_path: Path, paid_on: date, expected: tuple[int, ...], resting_on: str
) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    decision = found.assess(person(paid_on, "dibao"))
    assert amounts(decision) == expected
    assert resting_on in decision.reasons


def test_the_unpaid_are_answered_by_the_version_of_the_day_asked_about(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    asked = [amounts(found.assess(person(None, "dibao"), as_of=day)) for day in (BEFORE, BETWEEN, AFTER)]
    assert asked == [(40000, 20000, 20000), (40000, 30000, 10000), (45000, 30000, 15000)]
    assert found.default_as_of == date(2029, 12, 31)
    assert amounts(found.assess(person(None, "dibao"))) == (40000, 30000, 10000)


def test_columns_answer_as_one_by_one(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    days = [date(2029, 9, 30), BEFORE, BETWEEN, AFTER, None, date(2030, 7, 1), date(2030, 1, 31)]
    people = [person(day, *held) for day in days for held in ((), ("dibao",), ("orphan", "dibao"))]
    people += [person(BEFORE, "nobody"), Person(date(2030, 5, 1), paid_on=AFTER)]
    assert found.assess_all(people) == [found.assess(one) for one in people]
    assert found.assess_all(people[::-1]) == [found.assess(one) for one in people][::-1]
    assert {decision.status for decision in found.assess_all(people)} == {"assessed", "closed", "invalid"}


def test_one_assessment_has_one_list_of_outcomes_that_only_grows(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    people = found.gather([person(BEFORE, "dibao"), person(AFTER, "dibao"), person(BEFORE)])
    first = found.assess_people(people)
    known = list(first.outcomes)
    assert [first.outcomes[n].payable_fen for n in first.numbers] == first.amounts("payable_fen").tolist()
    assert first.amounts("payable_fen").tolist() == [20000, 15000, 40000]
    again = found.assess_people(found.gather([person(BETWEEN, "dibao"), person(AFTER, "dibao")]))
    assert again.outcomes[: len(known)] == known and len(again.outcomes) == len(known) + 1
    assert again.ends().tolist() == [(date(2030, 12, 31) - date(1970, 1, 1)).days] * 2


def test_whole_files_go_through_all_versions(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    source, out = tmp_path / "people.csv", tmp_path / "out.csv"
    header = "person_id,birth_date,population,tier,identities,paid_on"
    rows = [f"P{n},1980-01-01,resident,1,dibao,{day}" for n, day in enumerate((BEFORE, AFTER, BETWEEN, ""))]
    source.write_text("\n".join([header, *rows, ""]), "utf-8")
    assess_file(found, source, out)
    with out.open(encoding="utf-8") as stream:
        answers = [(row["payable_fen"], row["covered_from"]) for row in csv.DictReader(stream)]
    assert answers == [("20000", "2030-01-01"), ("15000", "2030-04-03"), ("10000", "2030-01-01"), ("10000", "")]


# ---------------------------------------------------------------- what versions are


def test_versions_are_listed_by_their_first_day(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    assert [(day, one.name) for day, one in found.versions] == [(None, "small"), (FIRST, "first"), (SECOND, "second")]
    assert [found.version_on(day).name for day in (BEFORE, BETWEEN, AFTER)] == ["small", "first", "second"]
    assert all(len(one.versions) == 1 for _, one in found.versions)


def test_a_pack_that_amends_nothing_is_its_only_version(tmp_path: Path) -> None:
    found = policy(tmp_path)
    assert found.versions == ((None, found),) and found.version_on(BEFORE) is found


def test_identities_and_payers_are_those_of_the_version_of_the_day(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment())
    payers = [found.version_on(day).identity("dibao").paid_by for day in (BEFORE, BETWEEN)]
    assert payers == ["medical_assistance", "civil_affairs"]
    assert found.identity("dibao").paid_by == "civil_affairs"


def test_explanations_are_those_of_the_version_of_the_day(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment())
    for paid_on, rule_id, amount in ((BEFORE, "X-1", 20000), (BETWEEN, "first-1", 30000)):
        one = person(paid_on, "dibao")
        steps = found.explain_decision(one, found.assess(one))
        [winner] = [step for step in steps if step.won]
        assert (winner.amount_fen, winner.rules[0].id) == (amount, rule_id)


def test_reasons_of_every_version_are_explained(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(drop=["identities.dibao"], identities=[]))
    assert found.explain("X-1").origin == "small" and found.explain("first-1").origin == "first"


def test_a_dropped_value_still_counts_before_the_amendment(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(drop=["identities.dibao"], identities=[]))
    assert [found.assess(person(day, "dibao")).subsidy_fen for day in (BEFORE, BETWEEN)] == [20000, 0]


def test_a_retroactive_amendment_answers_for_all_days(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(retroactive=True))
    assert [(day, one.name) for day, one in found.versions] == [(None, "first")]
    assert amounts(found.assess(person(BEFORE, "dibao"))) == (40000, 30000, 10000)


def test_a_later_amendment_of_an_earlier_day_leaves_nothing_to_the_one_between(tmp_path: Path) -> None:
    later = amendment("later", "first", date(2029, 11, 1), rates=[rate(450, rule="later-1")])
    found = policy(tmp_path, first_amendment(), later)
    assert [(day, one.name) for day, one in found.versions] == [(None, "small"), (date(2029, 11, 1), "later")]


def test_the_season_is_that_of_all_versions(tmp_path: Path) -> None:
    longer = small_pack()["windows"][1] | {"last_day": date(2030, 9, 30)}
    found = policy(tmp_path, first_amendment(windows=[longer], drop=["windows.main"]))
    assert (found.season.begin, found.season.last_day) == (date(2029, 10, 1), date(2030, 9, 30))
    assert found.assess(person(date(2030, 9, 30))).status == "assessed"
    assert found.assess(person(date(2029, 12, 1))).status == "closed"


def test_the_hash_covers_the_chain(tmp_path: Path) -> None:
    found = policy(tmp_path, first_amendment(), second_amendment())
    write(tmp_path, small_pack() | {"several": small_pack()["several"] | {"later_identity": "pay_afterwards"}})
    assert read_policy("second", tmp_path).hash != found.hash
    assert len({found.hash, read_policy("first", tmp_path).hash, read_policy("small", tmp_path).hash}) == 3


def test_origins_name_the_amendment_for_what_it_changed(tmp_path: Path) -> None:
    pack = policy(tmp_path, first_amendment(), second_amendment()).pack
    places = ("windows.main", "identities.dibao.subsidies.1", "rates.resident.1", "amends")
    assert [pack.origins[place] for place in places] == ["small", "first", "second", "second"]


# ---------------------------------------------------------------- new words and add-ons


def test_an_identity_new_with_the_amendment_is_no_stranger_before_it(tmp_path: Path) -> None:
    words = {"identities": [{"code": "lowland_flood", "zh": "受灾户", "en": "Flood victims"}]}
    identity = dibao(400, "first-1") | {"code": "lowland_flood"}
    found = policy(tmp_path, first_amendment(words=words, identities=[identity]))
    people = [person(day, "lowland_flood") for day in (BEFORE, BETWEEN)]
    assert [(d.status, d.subsidy_fen) for d in found.assess_all(people)] == [("assessed", 0), ("assessed", 40000)]
    assert found.assess_all(people) == [found.assess(one) for one in people]


def addon(code: str, amount: int) -> dict[str, Any]:
    said = {"code": code, "zh": code, "en": code, "amount": amount, "unit": PER_YEAR, "compulsory": False}
    return said | {"rule": "X-1"}


def test_addons_count_in_the_version_that_offers_them(tmp_path: Path) -> None:
    old = small_pack() | {"addons": [addon("care", 30), addon("gone", 20)]}
    new = first_amendment(addons=[addon("fresh", 50)], drop=["addons.gone"])
    for content in (old, new):
        write(tmp_path, content)
    found = read_policy("first", tmp_path)
    assert found.addons == ("care", "fresh", "gone")
    people = [
        person(day, addons=frozenset(chosen))
        for day in (BEFORE, BETWEEN)
        for chosen in ((), ("care",), ("gone",), ("fresh",), ("care", "gone"), ("unheard_of",))
    ]
    answers = [(d.status, d.extras.get("addon_fen"), d.payable_fen) for d in found.assess_all(people)]
    assert answers[:6] == [
        ("assessed", 0, 40000),
        ("assessed", 3000, 43000),
        ("assessed", 2000, 42000),
        ("invalid", None, None),
        ("assessed", 5000, 45000),
        ("invalid", None, None),
    ]
    assert [fen for _, fen, _ in answers[6:]] == [0, 3000, None, 5000, None, None]
    assert [(d.status, d.payable_fen) for d in found.assess_all(people)] == [
        (d.status, d.payable_fen) for d in map(found.assess, people)
    ]


# ---------------------------------------------------------------- what is refused


def test_another_years_pack_is_extended_not_amended(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="年度却不同"):
        policy(tmp_path, first_amendment() | {"year": 2031})


def test_a_circle_of_amendments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="成环"):
        load(tmp_path, amendment("one", "two", FIRST), amendment("two", "one", FIRST))


def test_a_pack_both_extending_and_amending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="extends（继承）和 amends（修订）只能写一个"):
        policy(tmp_path, first_amendment(extends="small"))


def test_an_amendment_of_a_district_that_extends_its_city(tmp_path: Path) -> None:
    city = small_pack() | {"pack": "city", "assessable": False, "identities": []}
    write(tmp_path, city)
    write(tmp_path, layer("district", "city", identities=[dibao(100, "X-1")]))
    found = write_pack(tmp_path, amendment("newer", "district", FIRST, identities=[dibao(300, "newer-1")]))
    assert found.pack.layers == ("newer", "district", "city")
    assert [found.assess(person(day, "dibao")).subsidy_fen for day in (BEFORE, BETWEEN)] == [10000, 30000]
