"""Places, people's names and stored problems: the small parts the imports rest on."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.imports.cast import DISTRICT, EAST, FAR, OTHER_TOWN, TOWN, WEST, Cast
from yingbao.divisions import operations as divisions
from yingbao.divisions.codes import scope_of
from yingbao.divisions.kinds import Level
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import Message, say
from yingbao.registry import problems
from yingbao.registry.cells import PHONE, tidy_name
from yingbao.registry.places import Places


@pytest.mark.parametrize(
    ("name", "code"),
    [("东村", EAST), ("东", EAST), (" 东 村 ", EAST), ("东村委会", EAST), ("西社区居委会", WEST), ("西", WEST)],
)
def test_a_village_is_known_by_its_usual_names(cast: Cast, name: str, code: int) -> None:
    assert Places(cast.town_clerk.scope).find(name) == code


@pytest.mark.parametrize("name", ["", "东社区", "西村", "远村", "东村西", "村"])
def test_another_name_is_never_guessed_at(cast: Cast, name: str) -> None:
    assert isinstance(Places(cast.town_clerk.scope).find(name), Message)


def test_a_name_that_several_places_bear_needs_its_town_or_full_form(cast: Cast) -> None:
    with transaction.atomic():
        divisions.add(code=OTHER_TOWN + 9, name="东村", level="village", parent_code=OTHER_TOWN)
        divisions.add(code=TOWN + 9, name="西村", level="village", parent_code=TOWN)
    places = Places(cast.bureau.scope)
    assert isinstance(places.find("东村"), Message)
    assert (places.find("东村", "甲镇"), places.find("东村", "乙镇")) == (EAST, OTHER_TOWN + 9)
    assert isinstance(places.find("西", "甲镇"), Message)
    assert (places.find("西社区"), places.find("西村"), places.find("远村")) == (WEST, TOWN + 9, FAR)


def test_towns_are_found_in_a_district(cast: Cast) -> None:
    places = Places(scope_of(DISTRICT, "district"), Level.TOWN)
    assert (places.find("甲镇"), places.find("乙")) == (TOWN, OTHER_TOWN)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张 三", "张三"),
        ("　李　四 ", "李四"),
        ("阿依•古丽", "阿依·古丽"),
        ("阿依‧古丽", "阿依·古丽"),
        ("Roten  vasni", "ROTEN VASNI"),
    ],
)
def test_a_name_is_kept_as_it_should_have_been_typed(typed: str, kept: str) -> None:
    assert tidy_name(typed) == kept


@pytest.mark.parametrize("phone", ["10020000001", "023-53220000", "02353220000", "53220000", "5322000"])
def test_a_telephone_number_may_look_like_this(phone: str) -> None:
    assert PHONE.fullmatch(phone)


@pytest.mark.parametrize("phone", ["1002000000", "100200000012", "电话", "12345", "+8610020000001x"])
def test_and_not_like_this(phone: str) -> None:
    assert not PHONE.fullmatch(phone)


params = st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.one_of(st.text(), st.integers()), max_size=3)
found = st.builds(
    RowProblem,
    row=st.integers(0, 10**6),
    column=st.text(max_size=8),
    value=st.text(),
    reason=st.builds(Message, st.text(), params),
    fatal=st.booleans(),
)


@given(st.lists(found, max_size=8))
def test_problems_are_kept_and_read_back_whole_on_disk_and_without_values_in_the_database(
    given_problems: list[RowProblem],
) -> None:
    ordered = sorted(given_problems, key=lambda problem: problem.row)
    assert problems.load(problems.dump(given_problems)) == ordered
    held = problems.from_json(problems.to_json(given_problems))
    assert [(p.row, p.column, p.reason, p.fatal) for p in held] == [
        (p.row, p.column, p.reason, p.fatal) for p in ordered
    ]
    assert all(p.value == "" for p in held)


def test_a_message_within_a_message_and_a_date_survive() -> None:
    reason = say("甲{inner}乙{day}", inner=say("丙{n}", n=1), day=date(2022, 11, 8))
    (held,) = problems.from_json(problems.to_json([RowProblem(1, "列", "", reason)]))
    assert str(held.reason) == "甲丙1乙2022-11-08"
