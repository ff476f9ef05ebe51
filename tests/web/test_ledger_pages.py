"""The books on pages: balances at any date, every account by its holder, a statement, and down to the receipt."""

from __future__ import annotations

import io
import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.journeys.cast import IN_TIME, NEXT_VILLAGE, POLICY, TIER_1, VILLAGE, YEAR, at, household, tiers
from tests.web.conftest import CLEARED_ON, PAID_ON, TODAY, Login, Story
from yingbao.kernel.errors import Forbidden, NotFound
from yingbao.kernel.periods import DAY
from yingbao.ledger import tree
from yingbao.ledger.models import Account, Transfer
from yingbao.ledger.queries import trial_balance
from yingbao.usecases.enrol_and_pay import enrol_and_pay


@pytest.fixture
def auditor(login: Login, story: Story) -> Client:
    return login("auditor")


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def cash_account(story: Story) -> Account:
    agent = str(story.cast.village_agent.user_id)
    return Account.objects.get(kind="agent-cash", division_id=VILLAGE, holder=agent)


def test_balances_add_up_to_nothing_on_every_day(story: Story) -> None:
    bureau = story.cast.bureau
    for days in range(-1, (TODAY - PAID_ON).days + 2):
        on = PAID_ON + days * DAY
        totals = tree.by_kind(bureau, year=YEAR, on=on)
        assert sum(total.balance for total in totals.values()) == 0
        assert {kind: total.balance for kind, total in totals.items()} == trial_balance(bureau, year=YEAR, on=on)
    assert set(tree.by_kind(bureau, year=YEAR, on=PAID_ON - DAY).values()) == {tree.Total()}
    assert tree.by_kind(bureau, year=YEAR, on=CLEARED_ON - DAY)["treasury"].balance == TIER_1
    assert tree.by_kind(bureau, year=YEAR, on=CLEARED_ON)["treasury"].balance == TIER_1 + 108_500


def test_the_accounts_of_a_kind_add_up_to_the_kind(story: Story) -> None:
    bureau = story.cast.bureau
    for kind, total in tree.by_kind(bureau, year=YEAR, on=TODAY).items():
        found = tree.accounts(bureau, year=YEAR, kind=kind)
        each = tree.totals_of([one.pk for one in found], on=TODAY).values()
        assert (sum(one.came for one in each), sum(one.went for one in each)) == (total.came, total.went)


def test_a_statement_goes_from_its_opening_to_its_closing(story: Story) -> None:
    found = cash_account(story)
    opening = tree.balance_before(found, begin_on=TODAY)
    moved = list(tree.movements(found, begin_on=PAID_ON, end_on=TODAY + DAY))
    assert [one.fen for one in moved] == [108_500, -108_500, TIER_1, -TIER_1, TIER_1]
    assert [one.running for one in moved] == [108_500, 0, TIER_1, 0, TIER_1]
    assert (opening, tree.balance_before(found, begin_on=TODAY + DAY)) == (0, TIER_1)


def test_a_day_of_an_account_opens_with_what_the_day_before_closed_with(story: Story) -> None:
    days = tree.days(cash_account(story), begin_on=PAID_ON, end_on=TODAY + DAY)
    assert days[0] == tree.Day(PAID_ON, 0, 108_500, 108_500)
    assert days[-1] == tree.Day(TODAY, 0, TIER_1, 0)
    assert all(one.closing == following.opening for one, following in pairwise(days))


def test_from_a_figure_down_to_the_receipt(auditor: Client, story: Story) -> None:
    """Trial balance → accounts of a kind → statement → entry → payment → receipt, each by a link of the page before."""

    def follow(page: str, pattern: str) -> str:
        found = re.search(pattern, page)
        assert found, pattern
        return page_of(auditor, found[1].replace("&amp;", "&"))

    page = page_of(auditor, reverse("money"))
    page = follow(page, r'href="(/money/accounts/\?kind=agent-cash[^"]*)"')
    page = follow(page, rf'href="(/money/accounts/{cash_account(story).pk}/[^"]*)"')
    page = follow(page, r'href="(/money/entries/[^"]*)"')
    page = follow(page, rf'href="(/payments/{story.payment}/)"')
    assert "PJ0-101" in page and f"/payments/{story.payment}/receipt.pdf" in page


def test_a_date_shows_the_books_as_they_were(auditor: Client, story: Story) -> None:
    before = page_of(auditor, f"{reverse('money')}?on={PAID_ON - DAY}")
    assert "1,085.00" not in before and "现金已全部缴存" in before
    assert "village-agent" in page_of(auditor, f"{reverse('money')}?on={TODAY}")
    treasury = page_of(auditor, f"{reverse('ledger-accounts')}?kind=treasury&on={CLEARED_ON - DAY}")
    assert "1,085.00" not in treasury
    assert "1,085.00" in page_of(auditor, f"{reverse('ledger-accounts')}?kind=treasury&on={CLEARED_ON}")


def test_agents_channels_and_departments_are_named(auditor: Client, story: Story) -> None:
    accounts = reverse("ledger-accounts")
    assert "village-agent" in page_of(auditor, f"{accounts}?kind=agent-cash")
    assert "微信" in page_of(auditor, f"{accounts}?kind=channel")
    assert "医疗救助" in page_of(auditor, f"{accounts}?kind=department-due")


def test_who_sees_a_village_sees_its_accounts_and_no_others(login: Login, story: Story) -> None:
    own, other = story.cast.village_agent, Account.objects.filter(division_id=NEXT_VILLAGE)[0]
    assert {one.division_id for one in tree.accounts(own, year=YEAR)} == {VILLAGE}
    assert login("village-agent").get(reverse("ledger-account", args=[other.pk])).status_code == 404
    with pytest.raises(NotFound):
        tree.account(own, other.pk)
    with pytest.raises(Forbidden):
        tree.accounts(story.cast.health, year=YEAR)
    assert sum(total.balance for total in tree.by_kind(own, year=YEAR).values()) == 0


def test_a_season_of_transfers_asks_no_more_statements_than_a_week(auditor: Client, story: Story) -> None:
    pages = [
        *(reverse("ledger-accounts") + query for query in ("", "?kind=treasury")),
        *(reverse("ledger-account", args=[cash_account(story).pk]) + query for query in ("", "?by=day")),
        reverse("transfers"),
        reverse("money"),
    ]
    few = [asked(auditor, address) for address in pages]
    for number in range(30):
        pay(story, number)
    assert [asked(auditor, address) for address in pages] == few
    assert max(few) <= 16


def asked(client: Client, address: str) -> int:
    client.get(address)  # what is worked out once per process is
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def pay(story: Story, number: int) -> None:
    (person,) = household(date(1980, 1, 1))
    enrol_and_pay(
        story.cast.village_agent,
        household_id=person.household_id,
        tiers=tiers([person]),
        channel="cash",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key=f"more-{number}",
        at=at(IN_TIME),
    )


def test_the_days_of_a_span_must_follow_each_other(auditor: Client, story: Story) -> None:
    address = reverse("ledger-account", args=[cash_account(story).pk])
    refused = auditor.get(f"{address}?first=2022-12-20&last=2022-12-01")
    assert refused.status_code == 400 and "起始日期晚于截止日期" in refused.content.decode()
    assert auditor.get(f"{reverse('money')}?on=yesterday").status_code == 400


def workbook(client: Client, address: str) -> dict[str, list[list[Any]]]:
    response = client.get(address)
    assert response.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_books_go_to_a_spreadsheet(auditor: Client, story: Story) -> None:
    book = workbook(auditor, f"{reverse('ledger-file')}?on={TODAY}")
    assert list(book) == ["科目余额", "账户余额"]
    (treasury,) = (row for row in book["科目余额"] if row[0] == "国库")
    assert treasury[3] == pytest.approx(1_435.0)
    assert len(book["账户余额"]) >= Account.objects.count()


def test_a_statement_goes_to_a_spreadsheet(auditor: Client, story: Story) -> None:
    (rows,) = workbook(auditor, reverse("statement-file", args=[cash_account(story).pk])).values()
    amounts = [row[2:5] for row in rows if isinstance(row[0], date)]
    assert [row[2] for row in amounts] == [0.0, 1085.0, 0.0, 350.0, 0.0, 350.0]
    assert Transfer.objects.count() > len(amounts)


def test_the_books_of_one_kind_keep_to_it(auditor: Client, story: Story) -> None:
    address = f"{reverse('ledger-accounts')}?kind=treasury&on={TODAY}"
    link = re.search(r'href="(/money/accounts\.xlsx[^"]*)"', page_of(auditor, address))
    assert link
    rows = workbook(auditor, link[1].replace("&amp;", "&"))["账户余额"]
    assert {row[0] for row in rows if isinstance(row[-1], float)} == {"国库"}


def test_lists_of_money_go_to_a_spreadsheet_as_filtered(auditor: Client, story: Story) -> None:
    def fen(name: str, asked: str = "") -> list[int]:
        page = page_of(auditor, reverse(name) + asked)
        link = re.search(r'href="([^"]*\.xlsx[^"]*)"', page)
        assert link
        (rows,) = workbook(auditor, link[1].replace("&amp;", "&")).values()
        return [round(row[1] * 100) for row in rows if isinstance(row[0], date)]

    assert fen("payments") == [TIER_1, TIER_1, TIER_1, 108_500]
    assert fen("payments", "?channel=wechat") == [TIER_1]
    assert fen("deposits") == [TIER_1, 108_500]
    of_treasury = Transfer.objects.filter(debit__kind="treasury").order_by("-id").values_list("amount_fen", flat=True)
    assert fen("transfers", "?kind=treasury") == list(of_treasury)
    assert len(fen("transfers")) == Transfer.objects.count()
    assert fen("transfers", f"?on={PAID_ON - DAY}") == []


def test_a_long_list_in_a_spreadsheet_asks_no_more_statements(auditor: Client, story: Story) -> None:
    files = [reverse(name) for name in ("payments-file", "deposits-file", "transfers-file")]
    few = [asked(auditor, address) for address in files]
    for number in range(5):
        pay(story, number)
    assert [asked(auditor, address) for address in files] == few
