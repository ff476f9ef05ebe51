"""The counter page: found, opened with last year's tiers, worked out by the server, paid with one Enter."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.journeys.cast import NEXT_VILLAGE, TIER_1, YEAR, at, family, household, insure_elsewhere, mark
from tests.journeys.test_channel_words import say
from tests.web.conftest import TODAY, Login, Story
from yingbao.collection.models import Due, Payment, PaymentOrder
from yingbao.enrolment.models import Enrolment
from yingbao.registry.models import Resident
from yingbao.web.pages.serving import notes_of


def page(client: Client, home: int, **sent: Any) -> str:
    address = reverse("counter-bill" if sent else "counter-household", args=[home])
    response = client.post(address, sent) if sent else client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found.group(1)


def checked(text: str) -> set[str]:
    boxes = re.findall(r"<input type=\"(?:radio|checkbox)\"[^>]*>", text)
    return {
        f"{hidden(box, re.search('name=.([a-z_0-9]+)', box)[1])}@{re.search('name=.([a-z_0-9]+)', box)[1]}"  # type: ignore[index]
        for box in boxes
        if " checked" in box
    }


def serve(client: Client, text: str, home: int, **sent: Any) -> Any:
    form = {"key": hidden(text, "key"), "amount_fen": hidden(text, "amount_fen"), "channel": "cash"} | sent
    return client.post(reverse("serve", args=[home]), form)


def test_the_only_household_found_is_opened_and_several_are_a_list_to_choose_from(story: Story, login: Login) -> None:
    client, person = login("village-agent"), story.paid[0]
    Resident.objects.filter(pk=person.pk).update(name="柏小舟")
    for text in (
        person.household.number,
        "柏小舟",
        "柏小",
        person.certificate_number,
        f" {person.certificate_number.lower()} ",
    ):
        found = client.post(reverse("counter-find"), {"q": text})
        assert found.status_code == 302, text
        assert found["Location"] == reverse("counter-household", args=[person.household_id])
    several = client.post(reverse("counter-find"), {"q": "居民"}).content.decode()
    assert several.count('type="radio" name="household"') > 2
    assert several.count("autofocus") == 1  # on the first of them: arrows choose, Enter opens
    chosen = client.get(reverse("counter"), {"household": person.household_id})
    assert chosen["Location"] == reverse("counter-household", args=[person.household_id])


def test_who_lives_elsewhere_is_not_found(story: Story, login: Login) -> None:
    answer = login("village-agent").post(reverse("counter-find"), {"q": story.next_door[0].certificate_number})
    assert "没有找到" in answer.content.decode()
    empty = login("village-agent").post(reverse("counter-find"), {"q": " "}).content.decode()
    assert "请输入户号" in empty
    there = reverse("counter-household", args=[story.next_door[0].household_id])
    assert login("village-agent").get(there).status_code == 404


def test_everybody_stands_at_last_years_tier_or_the_first(story: Story, login: Login) -> None:
    members = household(date(1990, 1, 1), date(1991, 1, 1), date(2010, 1, 1))
    insure_elsewhere(members[1])
    last_year = {"resident": members[0], "division_id": members[0].division_id, "year": YEAR - 1, "tier": 2}
    kept = {"status": "assessed", "rate_fen": 1, "subsidy_fen": 0, "payable_fen": 1, "policy": "x", "policy_hash": "x"}
    with transaction.atomic():
        Enrolment.objects.create(
            **last_year, **kept, decided_on=TODAY, enrolled_by_id=story.cast.bureau.user_id, enrolled_at=at(TODAY)
        )
    text = page(login("village-agent"), members[0].household_id)
    assert checked(text) == {f"2@tier_{members[0].pk}", f"1@tier_{members[2].pk}", "cash@channel"}
    assert "已参加职工医保" in text
    assert hidden(text, "amount_fen") == str(72_500 + TIER_1)


def test_each_sum_says_by_which_identity_and_clauses_and_how_long_it_covers(story: Story, login: Login) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", story.cast)
    text = page(login("village-agent"), person.household_id)
    line = text[text.index("bill-lines") :].split("</summary>")[0]
    for said in ("城乡低保对象", "350.00 − 315.00", "2023-01-01 至 2023-12-31", "PJ-5.1.2", "PJ-7.2a", "35.00"):
        assert said in line, said
    assert "资助参保" in text  # the whole tree lies folded under it


@pytest.mark.clause("PJ-7.2e")
def test_late_enrolment_shows_its_other_amount(story: Story, login: Login, settings: Settings) -> None:
    settings.YINGBAO_TODAY = "2023-07-05"
    members = household(date(1990, 1, 1), date(2023, 6, 20))
    text = page(login("village-agent"), members[0].household_id)
    assert "财政部分 610.00" in text and "PJ-7.2e" in text and "待遇只有" not in text
    assert "2023-06-20 至 2023-12-31" in text and "PJ-7.2b" in text  # the newborn, from birth
    assert hidden(text, "amount_fen") == str(2 * (TIER_1 + 61_000))
    settings.YINGBAO_TODAY = "2023-09-28"  # 90 days of waiting leave four
    assert "待遇只有 4 天" in page(login("village-agent"), members[0].household_id)


def test_open_dues_and_new_enrolments_are_one_receipt_and_then_the_next_household(story: Story, login: Login) -> None:
    owing = story.owing
    newcomer = Resident.objects.get(pk=household(date(2015, 1, 1))[0].pk)
    Resident.objects.filter(pk=newcomer.pk).update(household=owing[0].household, relation="other")
    client, home = login("village-agent"), owing[0].household_id
    text = page(client, home)
    dues = [due.pk for due in Due.objects.filter(enrolment__resident__in=owing)]
    sent = {"due": dues, f"tier_{newcomer.pk}": "1", "given": "1100"}
    answer = serve(client, text, home, **sent)
    payment = Payment.objects.latest("pk")
    assert answer["Location"] == reverse("counter-paid", args=[payment.pk]) + "?given=110000"
    assert (payment.amount_fen, payment.lines.count(), payment.receipts.count()) == (3 * TIER_1, 3, 1)
    done = client.get(answer["Location"]).content.decode()
    assert "收 1,100.00 元" in done and "<b>50.00</b>" in done and "50×1" in done  # change is handed out after Enter
    print_link, next_link = done.index("打印收据"), done.index('id="next"')
    assert print_link < next_link and "autofocus" in done[:print_link]
    assert re.search(r"PJ0-\d+", done)


def test_what_is_chosen_is_worked_out_anew_with_the_change(story: Story, login: Login) -> None:
    members = story.unenrolled
    one = members[0].pk
    client, home = login("village-agent"), members[0].household_id
    text = page(client, home, **{f"tier_{one}": "2", "channel": "cash", "given": "1000"})
    assert hidden(text, "amount_fen") == "72500"
    change = text[text.index('id="change"') :]
    assert "275.00" in change and "100×2" in change and "50×1" in change
    short = page(client, home, **{f"tier_{one}": "2", "channel": "cash", "given": "700"})
    assert "还差" in short and "25.00" in short
    pos = page(client, home, **{f"tier_{one}": "1", "channel": "pos"})
    assert 'name="terminal"' in pos and 'id="given"' not in pos
    nobody = page(client, home, **{f"tier_{one}": "0", "channel": "cash"})
    assert "选择档次" in nobody and hidden(nobody, "amount_fen") == "0"
    odd = page(client, home, **{f"tier_{one}": "1", "channel": "cash", "given": "很多"})
    assert "还差" not in odd and "看不明白，请只填数字" in odd


def test_too_little_cash_a_slip_and_nobody_chosen_are_refused_with_the_form_kept(story: Story, login: Login) -> None:
    members = story.unenrolled
    client, home = login("village-agent"), members[0].household_id
    text = page(client, home)
    before = Payment.objects.count()
    answer = serve(client, text, home, **{f"tier_{members[0].pk}": "1", "given": "300"})
    assert answer.status_code == 400
    told = answer.content.decode()
    assert "收到的现金不够" in told and f"1@tier_{members[0].pk}" in checked(told)
    slip = serve(client, text, home, **{f"tier_{members[0].pk}": "1", "given": "35O"})  # a letter O
    assert slip.status_code == 400 and "填的是“35O”" in slip.content.decode()
    assert serve(client, text, home, **{f"tier_{members[0].pk}": "0"}).status_code == 400
    assert Payment.objects.count() == before


def test_an_amount_that_a_roster_changed_meanwhile_is_explained_and_the_new_one_shown(
    story: Story, login: Login
) -> None:
    owing = story.owing
    client, home = login("village-agent"), owing[0].household_id
    text = page(client, home)
    mark(owing[0], "dibao", story.cast)
    due_ids = [due.pk for due in Due.objects.filter(enrolment__resident__in=owing)]
    answer = serve(client, text, home, due=due_ids)
    told = answer.content.decode()
    assert answer.status_code == 400 and 'role="alert"' in told
    assert hidden(told, "amount_fen") == str(TIER_1 + 3_500)
    assert "登记时为 350.00" in told
    assert serve(client, told, home, due=due_ids).status_code == 302  # what is shown now can be paid
    assert Payment.objects.latest("pk").amount_fen == TIER_1 + 3_500


def test_pos_keeps_its_voucher(story: Story, login: Login) -> None:
    person = story.unenrolled[0]
    client, home = login("village-agent"), person.household_id
    text = page(client, home, **{f"tier_{person.pk}": "1", "channel": "pos"})
    serve(client, text, home, **{f"tier_{person.pk}": "1", "channel": "pos", "terminal": "T1", "reference": "000042"})
    payment = Payment.objects.latest("pk")
    assert (payment.channel, payment.terminal, payment.reference) == ("pos", "T1", "000042")


def test_scan_to_pay_opens_an_order_and_shows_its_code(story: Story, login: Login) -> None:
    person = story.unenrolled[0]
    client, home = login("village-agent"), person.household_id
    text = page(client, home, **{f"tier_{person.pk}": "1", "channel": "scan"})
    answer = serve(client, text, home, **{f"tier_{person.pk}": "1", "channel": "scan"})
    order = PaymentOrder.objects.get()
    assert answer["Location"] == reverse("order", args=[order.number])
    shown = client.get(answer["Location"]).content.decode()
    assert "<svg" in shown and "every 2s" in shown and order.number in shown
    asked = client.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert asked.startswith("<section") and "every 2s" in asked
    assert "有未付的扫码订单" in page(client, home)
    client.post(reverse("close-order", args=[order.number]), {"key": hidden(shown, "key")})
    closed = client.get(answer["Location"]).content.decode()
    assert "已关闭" in closed and "every 2s" not in closed and "<svg width" not in closed


def test_some_enrol_now_and_pay_later_and_who_pays_nothing_only_enrols(story: Story, login: Login) -> None:
    person = story.unenrolled[0]
    (poor,) = household(date(1950, 1, 1))
    mark(poor, "extreme_poverty", story.cast)
    client = login("village-agent")
    text = page(client, person.household_id)
    later = serve(client, text, person.household_id, **{f"tier_{person.pk}": "1", "act": "later"})
    assert later["Location"] == reverse("counter-household", args=[person.household_id])
    assert "登记（零申报）" in page(client, poor.household_id)
    nothing = serve(client, page(client, poor.household_id), poor.household_id, **{f"tier_{poor.pk}": "1"})
    assert nothing["Location"] == reverse("counter")
    dues = Due.objects.filter(enrolment__resident__in=[person, poor])
    assert set(dues.values_list("amount_fen", flat=True)) == {0, TIER_1}


def test_who_is_not_on_the_platform_or_owes_elsewhere_is_shown_why(story: Story, login: Login) -> None:
    waiting = household(date(1990, 1, 1), on_platform=False)
    text = page(login("village-agent"), waiting[0].household_id)
    assert "PJ-4.3" in text and 'name="tier_' not in text
    owing = story.owing
    Due.objects.filter(enrolment__resident=owing[0]).update(division_id=NEXT_VILLAGE)
    text = page(login("village-agent"), owing[0].household_id)
    assert "应缴在那里缴纳" in text and text.count('name="due"') == 1


@pytest.mark.clause("BN-3.1.4")
def test_where_late_enrolment_is_the_town_offices_a_village_agent_sees_so(
    story: Story, login: Login, settings: Settings
) -> None:
    settings.YINGBAO_POLICY, settings.YINGBAO_TODAY = "banan-2022", "2022-04-01"
    (person,) = household(date(1990, 1, 1))
    village = page(login("village-agent"), person.household_id)
    assert "镇街社保所" in village and "BN-3.1.4" in village and 'name="tier_' not in village
    assert 'name="tier_' in page(login("town-clerk"), person.household_id)


def test_the_days_tally_stands_at_the_edge(story: Story, login: Login) -> None:
    text = login("village-agent").get(reverse("counter")).content.decode()
    tally = text[text.index('class="sheet tally"') :]
    assert "350.00" in tally and "PJ0-104" in tally


def test_statements_do_not_grow_with_the_household(story: Story, login: Login) -> None:
    client = login("village-agent")

    def count(size: int) -> int:
        members = household(*[date(1980, 1, 1)] * size)
        with CaptureQueriesContext(connection) as caught:
            page(client, members[0].household_id)
        return len(caught)

    assert count(1) == count(7) <= 25


def test_change_is_counted_out_in_notes() -> None:
    from_fen = {0: [], 5: [], 27_550: [(10_000, 2), (5_000, 1), (2_000, 1), (500, 1), (50, 1)], 60: [(50, 1), (10, 1)]}
    assert {fen: notes_of(fen) for fen in from_fen} == from_fen


def test_two_families_of_one_name_are_told_apart(story: Story, login: Login) -> None:
    first, second = family(), family()
    Resident.objects.filter(pk__in=[first[0].pk, second[0].pk]).update(name="同名人")
    text = login("village-agent").post(reverse("counter-find"), {"q": "同名"}).content.decode()
    assert first[0].household.number in text and second[0].household.number in text


def test_money_that_came_for_nobody_is_a_work_item_with_the_channels_number(story: Story, login: Login) -> None:
    say(story.cast, "YB20221215AAAAAAAAAAAA", fen=12_300, reference="4200099")
    text = login("bureau").get(reverse("work"), {"kind": "order-unmatched"}).content.decode()
    assert "微信 4200099" in text and "123.00" in text and "渠道到款对不上应缴" in text
