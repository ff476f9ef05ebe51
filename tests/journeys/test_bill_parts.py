"""A bill says why people pay more than the rate: the fiscal part they bear after 30 June, by its clause (PJ-7.2e)."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest

from tests.journeys.cast import Cast, at, mark
from tests.journeys.institutions import IN_TERM, STUDENT_1, Campus, bill, bring_in, campus, dues_of, student, transfer
from yingbao.collection.models import Due
from yingbao.usecases.bill_parts import parts_of
from yingbao.usecases.print_bill import print_bill

JULY = date(2023, 7, 3)
FISCAL = 61_000


def graduates(school: Campus, *, on: date) -> int:
    """Enrol two who graduate, whose cover lasts to the year's end, and draw up their bill."""
    bring_in(school, [student(1, graduating="是"), student(2, graduating="是")], on=on)
    order: int = bill(school, on=on)["order"]
    return order


def printed(school: Campus, order: int, *, on: date) -> str:
    document = pypdfium2.PdfDocument(print_bill(school.agent, order_id=order, at=at(on)))
    return "".join(page.get_textpage().get_text_range() for page in document).replace(" ", "")


@pytest.mark.clause("PJ-7.2e")
def test_after_june_a_bill_shows_the_fiscal_part_with_its_clause(cast: Cast) -> None:
    school = campus()
    order = graduates(school, on=JULY)
    (part,) = parts_of(order)
    assert (part.rate_fen, part.fiscal_fen, part.fiscal_clause) == (STUDENT_1, FISCAL, "PJ-7.2e")
    assert (part.each_fen, part.persons, part.fen) == (STUDENT_1 + FISCAL, 2, 2 * (STUDENT_1 + FISCAL))
    assert "含财政部分610.00PJ-7.2e" in printed(school, order, on=JULY)


def test_before_july_there_is_none(cast: Cast) -> None:
    school = campus()
    order = graduates(school, on=IN_TERM)
    (part,) = parts_of(order)
    assert (part.rate_fen, part.each_fen, part.fiscal_fen, part.fiscal_clause) == (STUDENT_1, STUDENT_1, 0, "")
    assert "财政部分" not in printed(school, order, on=IN_TERM)


def test_who_is_subsidised_is_a_part_of_their_own(cast: Cast) -> None:
    school = campus()
    bring_in(school, [student(1), student(2)])
    mark(dues_of(school)[0].enrolment.resident, "dibao", cast)
    own, other = sorted(parts_of(bill(school)["order"]), key=lambda part: part.each_fen)
    assert own.each_fen == own.rate_fen - own.subsidy_fen < other.each_fen == other.rate_fen
    assert own.subsidy_fen > 0 == own.fiscal_fen == other.fiscal_fen


def test_what_was_decided_since_is_not_read_into_the_bill(cast: Cast) -> None:
    """A subsidy that came in on the way lowers what is due, not what the bill asks: that is no fiscal part."""
    school = campus()
    bring_in(school, [student(1)])
    drawn = bill(school)
    mark(dues_of(school)[0].enrolment.resident, "dibao", cast)
    transfer(cast.tax, drawn["order"], STUDENT_1)
    assert Due.objects.get().amount_fen < STUDENT_1
    (part,) = parts_of(drawn["order"])
    assert (part.each_fen, part.subsidy_fen, part.fiscal_fen) == (STUDENT_1, 0, 0)
