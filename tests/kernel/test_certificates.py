"""Certificate numbers: every number here is invented."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingbao.kernel.certificates import (
    Certificate,
    Disability,
    Form,
    check_digit,
    form_named,
    mask,
    normalise,
    parse,
    parse_many,
)
from yingbao.kernel.messages import Message


def id_number(area: str = "500155", born: str = "19900101", order: str = "001") -> str:
    first17 = area + born + order
    return first17 + check_digit(first17)


def reason(answer: Certificate | Message) -> str:
    assert isinstance(answer, Message)
    return str(answer)


def certificate(answer: Certificate | Message) -> Certificate:
    assert isinstance(answer, Certificate), answer
    return answer


def test_check_digit_of_the_standards_own_examples() -> None:
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


@pytest.mark.parametrize("bad", ["", "1" * 16, "1" * 18, "1" * 16 + "X", "１" * 17])
def test_check_digit_refuses_what_is_not_17_digits(bad: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_digit(bad)


def test_an_id_card_tells_birth_and_sex() -> None:
    man = certificate(parse(id_number(born="19840229", order="011")))
    assert (man.kind, man.birth_on, man.sex, man.warnings) == ("01", date(1984, 2, 29), "male", ())
    assert certificate(parse(id_number(order="012"))).sex == "female"


def test_numbers_are_read_as_they_should_have_been_typed() -> None:
    number = "11010519491231002X"
    for typed in (
        "11010519491231002x",
        " 110105 19491231 002X\t",
        "'11010519491231002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002×",
        "\u202d11010519491231002X\u202c",
    ):
        assert certificate(parse(typed)).number == number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "证件号码为空"),
        ("  ", "证件号码为空"),
        ("5.00101E+17", "科学计数法"),
        ("5E17", "科学计数法"),
        ("500155199001010000"[:17] + "0", "Excel 把号码当作数字"),
        ("50015519900101", "号码为 14 位"),
        ("50015519900101001A", "末位校验码只能是数字或 X"),
        ("5001551990O1010011", "第 11 位不是数字"),
        (id_number(born="19900230"), "出生日期不存在"),
        (id_number(born="19000229"), "出生日期不存在"),
        (id_number(born="18500101"), "出生日期不存在"),
    ],
)
def test_a_bad_number_says_why(text: str, why: str) -> None:
    assert why in reason(parse(text))


def test_one_wrong_digit_or_two_swapped_are_always_noticed() -> None:
    number = id_number(born="19870612", order="483")
    for i in range(17):
        wrong = number[:i] + str((int(number[i]) + 1) % 10) + number[i + 1 :]
        assert isinstance(parse(wrong), Message), wrong
        swapped = number[:i] + number[i + 1] + number[i] + number[i + 2 :]
        assert swapped == number or isinstance(parse(swapped), Message), swapped


def test_a_reason_never_repeats_the_number() -> None:
    for text in ("500155199001010012", "5001551990O1010011", "50015519900101"):
        assert text not in reason(parse(text))


def test_a_15_digit_number_is_upgraded_with_a_warning() -> None:
    found = certificate(parse("500155900101001"))
    assert found.number == id_number(born="19900101", order="001")
    assert "15 位" in str(found.warnings[0])


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macau_and_taiwan_people(area: str) -> None:
    found = certificate(parse(id_number(area=area)))
    assert (found.form, found.kind, found.warnings) == (Form.RESIDENCE_PERMIT, "99", ())


def test_permanent_residence_cards_old_and_new() -> None:
    new = certificate(parse(id_number(area="950840", born="19790504", order="120")))
    assert (new.form, new.kind, new.birth_on) == (Form.PERMANENT_RESIDENCE, "07", date(1979, 5, 4))
    old = certificate(parse("usa500079050412"))
    assert (old.number, old.kind, old.birth_on, old.warnings) == (
        "USA500079050412",
        "07",
        date(1979, 5, 4),
        (),
    )
    young = certificate(parse("USA500012050412"))
    assert young.birth_on == date(2012, 5, 4)
    assert "两位出生年份" in str(young.warnings[0])
    assert "出生日期不存在" in reason(parse("USA500079130412"))


def test_a_newborn_may_have_only_a_birth_certificate() -> None:
    found = certificate(parse("r500123456", declared=Form.BIRTH_CERTIFICATE))
    assert (found.kind, found.number, found.birth_on, found.sex) == ("990201", "R500123456", None, None)


def test_a_disabled_persons_certificate_holds_the_id_number_kind_and_grade() -> None:
    number = id_number()
    for text in (number + "43", number + "43B1"):
        found = certificate(parse(text))
        assert (found.number, found.kind, found.disability) == (number, "01", Disability(kind=4, grade=3))
    assert "残疾类别" in reason(parse(number + "93"))
    assert "残疾类别" in reason(parse(number + "45"))


def test_other_papers_are_taken_only_when_declared() -> None:
    assert certificate(parse("E12345678X", declared=Form.OTHER)).kind == "99"
    assert isinstance(parse("E12345678X"), Message)
    assert isinstance(parse("E1", declared=Form.OTHER), Message)
    hidden = certificate(parse(id_number(), declared=Form.OTHER))
    assert hidden.kind == "01"
    assert hidden.warnings


def test_an_unknown_area_is_only_a_warning() -> None:
    found = certificate(parse(id_number(area="190101")))
    assert "190101" in str(found.warnings[0])


def test_today_decides_on_the_unborn_and_the_very_old() -> None:
    today = date(2023, 1, 1)
    assert "晚于今天" in reason(parse(id_number(born="20230102"), on=today))
    assert certificate(parse(id_number(born="20230101"), on=today)).warnings == ()
    assert "110" in str(certificate(parse(id_number(born="19120101"), on=today)).warnings[0])


def test_form_names_of_offices() -> None:
    assert form_named("居民身份证(户口簿)") is Form.ID_CARD
    assert form_named(" 出生证 ") is Form.BIRTH_CERTIFICATE
    assert form_named("01") is Form.ID_CARD
    assert form_named("船员证") is None


def test_masked_numbers_hide_county_and_birth() -> None:
    assert mask(id_number()) == "500***********" + id_number()[-4:]
    assert mask("R500123456") == "*******456"
    assert mask("123") == "***"
    assert mask("") == ""


NUMBERS = st.one_of(
    st.text(max_size=24),
    st.text("0123456789Xx", min_size=13, max_size=22),
    st.builds(
        id_number,
        st.sampled_from(["500155", "110101", "810000", "950840", "190000", "000000"]),
        st.integers(18700101, 21001231).map(str),
        st.integers(0, 999).map("{:03d}".format),
    ),
    st.builds(
        lambda born, order: id_number(born=born.strftime("%Y%m%d"), order=order),
        st.dates(date(1900, 1, 1), date(2030, 1, 1)),
        st.integers(0, 999).map("{:03d}".format),
    ),
)


@given(st.lists(NUMBERS), st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_a_column_answers_as_each_number_alone(texts: list[str], on: date | None) -> None:
    assert parse_many(texts, on=on) == [parse(text, on=on) for text in texts]


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(parse(text), Certificate | Message)


@given(st.text("0123456789ABCX", max_size=22))
def test_full_width_and_blanks_change_nothing(text: str) -> None:
    wide = " ".join(chr(ord(c) + 0xFEE0) for c in text)
    assert normalise(wide) == normalise(text) == text


@given(NUMBERS)
def test_a_good_number_reads_back_as_itself(text: str) -> None:
    found = parse(text)
    if isinstance(found, Certificate):
        again = parse(found.number)
        assert isinstance(again, Certificate)
        assert again.number == found.number
