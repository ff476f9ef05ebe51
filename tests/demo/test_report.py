"""What the demo prints of its findings is in the reader's language, whatever the process speaks."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.utils import translation
from rich.console import Console

from tests.journeys.cast import TIER_1, YEAR, household, people_the_town
from tests.journeys.kept import ask, back, keep_for_nobody
from tests.journeys.test_receiving import enrol, pay
from yingbao.demo.report_money import print_money
from yingbao.demo.show import Show
from yingbao.ledger.queries import money_check
from yingbao.worklist.kinds import Kind


def test_labels_of_the_pages_come_in_the_readers_language() -> None:
    for process in ("zh-hans", "en"):
        with translation.override(process):
            said = {language: Show(Console(), language, "").label(Kind.LATE_DEPOSIT.label) for language in ("zh", "en")}
        assert said == {"zh": "现金未当日缴存", "en": translation_of(Kind.LATE_DEPOSIT)}


def translation_of(kind: Kind) -> str:
    with translation.override("en"):
        return str(kind.label)


@pytest.mark.django_db
def test_the_sentence_of_the_money_adds_up_with_what_is_kept_and_what_went_back() -> None:
    town = people_the_town()
    (person,) = household(date(1990, 1, 1))
    pay(town.village_agent, [person], enrol(town, [person]), fen=TIER_1)
    keep_for_nobody(town, fen=700)
    returned = keep_for_nobody(town, fen=1_200, reference="N2")
    ask(town.bureau, returned)
    back(town.tax, returned)
    printed = StringIO()
    print_money(Show(Console(file=printed, width=200), "en", ""), money_check(town.bureau, year=YEAR))
    told = " ".join(printed.getvalue().split())
    assert "collected 369.00 = in hand 350.00 + agreement accounts 0.00 + in transit 7.00" in told
    assert "+ treasury 0.00 + paid back 12.00" in told
