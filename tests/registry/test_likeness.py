"""How like two numbers or names are: every slip of the finger finds the number that was meant, and says which."""

from __future__ import annotations

from datetime import date

import pytest

from tests.imports.cast import number
from yingbao.registry.recognising import likeness
from yingbao.registry.recognising.likeness import is_birth_like, is_name_near, slips

MEANT = number("19800501", 13)


def swap(text: str, i: int) -> str:
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


@pytest.mark.parametrize("place", range(18))
def test_every_single_wrong_digit_finds_the_number_and_names_the_place(place: int) -> None:
    wrong = "7" if MEANT[place] != "7" else "4"
    found = slips(MEANT[:place] + wrong + MEANT[place + 1 :])
    assert str(found[MEANT]) == f"号码第{place + 1}位不同"
    assert 1 <= len(found) < 30


@pytest.mark.parametrize("place", [i for i in range(17) if MEANT[i] != MEANT[i + 1]])
def test_every_swap_of_neighbours_finds_the_number(place: int) -> None:
    assert str(slips(swap(MEANT, place))[MEANT]) == f"号码第{place + 1}、{place + 2}位对调"


@pytest.mark.parametrize("place", range(18))
def test_a_digit_too_few_or_too_many_finds_the_number(place: int) -> None:
    assert str(slips(MEANT[:place] + MEANT[place + 1 :])[MEANT]).startswith("号码漏写第")
    assert str(slips(MEANT[:place] + "7" + MEANT[place:])[MEANT]).startswith("号码多写第")


def test_a_right_number_has_no_slip_but_the_old_form_of_fifteen() -> None:
    assert {other: str(why) for other, why in slips(MEANT).items()} == {MEANT[:6] + MEANT[8:17]: "十五位旧号"}
    assert slips(number("20120703", 4)) == {}


def test_what_excel_cut_off_is_sought_in_all_its_hundred_forms() -> None:
    found = slips(MEANT[:15] + "000")
    assert str(found[MEANT]) == "Excel 丢了末三位，前十五位相同"
    assert slips("5.00155E+17") == {}


def test_letters_and_widths_typed_for_digits_are_seen_through() -> None:
    assert str(slips(MEANT.replace("0", "O"))[MEANT]) == "数字误写成字母"
    ends_in_x = next(number("19800501", order) for order in range(99) if number("19800501", order)[17] == "X")
    assert likeness.tidy_number(f" {ends_in_x[:17]}× ") == ends_in_x
    assert likeness.tidy_number(MEANT + "42B1") == MEANT
    assert likeness.canonical(MEANT[:6] + MEANT[8:17]) == MEANT


@pytest.mark.parametrize("text", ["", "x", "无", "1" * 40, "甲" * 18, "E1234", "5001551980050100?"])
def test_what_is_no_number_is_no_trouble(text: str) -> None:
    assert MEANT not in slips(text)
    assert likeness.birth_written(text) in {"", "19800501"}


def test_two_right_numbers_are_alike_when_one_digit_and_so_the_check_differs() -> None:
    assert str(likeness.likeness(number("19800501", 13), number("19800507", 13))) == "号码第14位不同"
    assert str(likeness.likeness(number("19800501", 13), number("19800510", 13))) == "号码第13、14位对调"
    assert str(likeness.likeness(MEANT, MEANT)) == likeness.SAME
    assert likeness.likeness(MEANT, number("19911224", 8)) is None


def test_births_and_names_near_each_other() -> None:
    assert likeness.birth_written(MEANT) == "19800501"
    assert likeness.birth_written(MEANT[:6] + MEANT[8:17]) == "19800501"
    assert is_birth_like("19800501", date(1980, 5, 1)) and is_birth_like("19800510", date(1980, 5, 1))
    assert not is_birth_like("19800501", date(1981, 6, 1)) and not is_birth_like("", date(1980, 5, 1))
    assert is_name_near("柏大树", "柏大澍") and is_name_near("柏大树", "柏树") and is_name_near("柏树", "柏大树")
    assert not is_name_near("柏大树", "柏大树") and not is_name_near("柏树", "柏澍")
    assert not is_name_near("柏大树", "艾青禾")
