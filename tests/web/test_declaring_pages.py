"""The pages of declarations and counts as people use them: a form, an answer, what the next page says."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from tests.journeys.cast import VILLAGE
from tests.journeys.declaring_cast import accepted, lines_of, result_file
from tests.web.conftest import TODAY, Login, Story
from yingbao.accounts.operations import add_user
from yingbao.collection.models import Declaration, DeclarationLine, ExchangeLayout, HandOver
from yingbao.registry.models import ImportedFile
from yingbao.sheets import read_table
from yingbao.sheets.exchange import DECLARATION_FILE

WORKERS = ("tax", "village-agent")


def test_a_line_is_sent_back_mended_and_declared_again_from_the_agents_day(story: Story, login: Login) -> None:
    (line,) = lines_of(story.open_declaration)
    tax, agent = login("tax"), login("village-agent")
    page = reverse("declaration", args=[story.open_declaration])
    tax.post(reverse("refuse-line", args=[line.pk]), {"key": "web-1", "reason": "姓名有误", "on": TODAY.isoformat()})
    assert "姓名有误" in tax.get(page).content.decode()
    tasks = {who: login(who).get(f"{reverse('work')}?kind=declaration-refused").content.decode() for who in WORKERS}
    assert all("一行被退回：姓名有误" in task for task in tasks.values())  # said where it is to be mended
    assert f'href="{page}"' in tasks["tax"]  # who sees no residents is led to the batch
    day = agent.get(reverse("day")).content.decode()
    assert "被退回待更正" in day and "姓名有误" in day
    refused = agent.post(reverse("declare-cash"), {"key": "web-2"})
    assert refused.status_code == 409  # nothing else waits, and this was not ticked
    agent.post(reverse("declare-cash"), {"key": "web-3", "mended": [line.due_id]})
    again = DeclarationLine.objects.get(due_id=line.due_id, state="sent")
    tax.post(reverse("clear", args=[again.declaration_id]), {"key": "web-4", "on": TODAY.isoformat()})
    assert Declaration.objects.get(pk=again.declaration_id).cleared_on == TODAY
    assert "姓名有误" not in agent.get(reverse("day")).content.decode()


def test_the_file_goes_out_and_its_answers_come_in_through_the_pages(story: Story, login: Login) -> None:
    tax = login("tax")
    content = tax.get(reverse("declaration-file", args=[story.open_declaration])).content
    (row,) = read_table(content, name="a.xlsx", layout=DECLARATION_FILE)
    (line,) = lines_of(story.open_declaration)
    assert row.text("line") == str(line.pk)
    upload = result_file(accepted(line, TODAY))
    sent = SimpleUploadedFile("回执.xlsx", io.BytesIO(upload.content).getvalue())
    tax.post(reverse("upload"), {"key": "web-1", "kind": "result", "file": sent})
    file = ImportedFile.objects.get(kind="result")
    assert "已受理，到账" in tax.get(reverse("file", args=[file.pk])).content.decode()
    tax.post(reverse("accept-file", args=[file.pk]), {"key": "web-2"})
    assert lines_of(story.open_declaration)[0].state == "accepted"


def test_columns_are_changed_by_a_form_and_a_mistake_comes_back_as_it_was_typed(story: Story, login: Login) -> None:
    tax = login("tax")
    common = {"kind": "declaration", "place-line": "2", "heading-line": "流水号", "place-name": "1"}
    answer = tax.post(reverse("save-layout"), {**common, "key": "web-1", "heading-name": "流水号"})
    page = answer.content.decode()
    assert answer.status_code == 400 and "用了两次" in page and page.count('value="流水号"') == 2
    tax.post(reverse("save-layout"), {**common, "key": "web-2", "heading-name": "名字"})
    assert ExchangeLayout.objects.get().columns == [["name", "名字"], ["line", "流水号"]]
    tax.post(reverse("reset-layout"), {"key": "web-3", "kind": "declaration"})
    assert len(ExchangeLayout.objects.order_by("-pk")[0].columns) == len(DECLARATION_FILE.columns)


def test_cash_is_counted_with_a_live_sum_and_handed_over(story: Story, login: Login) -> None:
    agent, clerk = login("village-agent"), login("town-clerk")
    total = agent.get(reverse("count-sum"), {"n-10000": "3", "n-5000": "1"}).content.decode()
    assert "350.00" in total and "相符" in total
    assert "张数填写不正确" in agent.get(reverse("count-sum"), {"n-10000": "x"}).content.decode()
    form = {"n-10000": "3", "taken_by": "town-clerk"}
    answer = agent.post(reverse("save-count"), {**form, "key": "web-1"})
    assert answer.status_code == 409 and 'value="3"' in answer.content.decode()
    agent.post(reverse("save-count"), {**form, "key": "web-2", "note": "少五十，明天补"})
    count = HandOver.objects.get()
    assert "等您接收现金" in clerk.get(reverse("day")).content.decode()
    clerk.post(reverse("accept-hand-over", args=[count.pk]), {"key": "web-3"})
    count.refresh_from_db()
    assert count.moved_fen == 300_00
    assert "已接收" in agent.get(reverse("count")).content.decode()
    assert agent.get(reverse("count-pdf", args=[count.pk])).content.startswith(b"%PDF")
    work = clerk.get(reverse("work")).content.decode()
    assert "盘点：账面 350.00 元，清点 300.00 元" in work


def test_who_is_to_take_cash_over_is_led_to_no_page_that_is_not_theirs(story: Story, login: Login) -> None:
    with transaction.atomic():
        add_user(username="second", display_name="second", role="village", division_code=VILLAGE)
    sent = {"key": "web-1", "n-10000": "3", "n-5000": "1", "taken_by": "second"}
    login("village-agent").post(reverse("save-count"), sent)
    giver = HandOver.objects.get().agent_id
    theirs = reverse("agent-cash", args=[giver])
    assert theirs in login("town-clerk").get(reverse("counts")).content.decode()
    taker = login("second")
    assert theirs not in taker.get(reverse("counts")).content.decode()
    assert taker.get(theirs).status_code == 404


def test_a_late_agents_item_names_the_day_in_both_languages(story: Story, login: Login) -> None:
    clerk = login("town-clerk")
    assert "2022-12-15 结束时手中还有现金" in clerk.get(reverse("work")).content.decode()
    clerk.post("/language/", {"language": "en", "next": "/work/"})
    assert "cash still in hand at the end of 2022-12-15" in clerk.get(reverse("work")).content.decode()
