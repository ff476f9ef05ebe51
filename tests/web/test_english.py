"""In English no Chinese is left but data: names, places, document numbers, all marked as Chinese."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.journeys.kept import ask as ask_return
from tests.journeys.kept import keep_for_nobody
from tests.web.conftest import WEEK_ON, Login, Story
from tests.web.refunding import ask_for
from yingbao.collection.models import Receipt, Refund
from yingbao.ledger.models import Account

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
VOID = {"meta", "link", "input", "br", "hr", "img"}
SPOKEN = {"title", "alt", "placeholder", "aria-label"}
ROLES = ("bureau", "tax", "health", "town-clerk", "village-agent", "auditor", "administrator", "resident", "school")


class Reader(HTMLParser):
    """Collects the text of a page, spoken attributes too, that is not marked ``lang="zh"``."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        chinese = dict(attrs).get("lang") == "zh" or (bool(self.open) and self.open[-1])
        if not chinese:
            self.found += [value for name, value in attrs if name in SPOKEN and value]
        if tag not in VOID:
            self.open.append(chinese)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1]):
            self.found.append(data)


def chinese_left(page: str) -> set[str]:
    """Return the Chinese that an English reader would meet."""
    reader = Reader()
    reader.feed(page)
    return {word for text in reader.found for word in CHINESE.findall(text)}


def in_english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def statements() -> list[str]:
    """Return the statement of an account of each kind, one of them day by day."""
    firsts = {kind: pk for kind, pk in Account.objects.order_by("-pk").values_list("kind", "pk")}
    pages = [reverse("ledger-account", args=[pk]) for pk in firsts.values()]
    return [*pages, f"{pages[0]}?by=day"]


def exchange_and_cash(story: Story) -> list[str]:
    """Return the pages of declarations, the columns of their files, and counts of cash."""
    return [
        reverse("declaration", args=[story.open_declaration]),
        reverse("layouts"),
        reverse("deposits"),
        reverse("proofs"),
        reverse("layouts") + "?kind=result",
        reverse("counts"),
        reverse("counts") + "?count=1",
        reverse("agent-cash", args=[story.cast.village_agent.user_id]),
        reverse("count"),
        reverse("count-sum") + "?n-10000=3",
    ]


def refunds(story: Story) -> list[str]:
    """Return the pages of refunds, one of them asked for."""
    refund = Refund.objects.values_list("pk", flat=True).first() or ask_for(story, story.paid[2])
    asking = f"{reverse('ask-refund')}?payment={story.payment}"
    return [reverse("refunds"), reverse("refund", args=[refund]), asking, *kept(story)]


def kept(story: Story) -> list[str]:
    """Return the pages of money for nobody: one that waits, one on its way back."""
    first, second = keep_for_nobody(story.cast), keep_for_nobody(story.cast, reference="N2")
    if second.state == "kept":
        ask_return(story.cast.bureau, second)
    return [reverse("kept"), *(reverse("kept-money", args=[one.pk]) for one in (first, second))]


def trail(story: Story) -> list[str]:
    """Return the audit trail, whole and of one household."""
    return [reverse("audit"), f"{reverse('audit')}?kind=household&id={story.paid[0].household_id}"]


def addresses(story: Story) -> list[str]:
    home, resident = [story.paid[0].household_id], [story.paid[1].pk]
    return [
        "/",
        reverse("residents"),
        reverse("residents") + "?division=500155113003",
        reverse("resident", args=resident),
        reverse("resident", args=[story.unenrolled[0].pk]),
        reverse("resident", args=[story.unenrolled[1].pk]),
        reverse("household", args=home),
        reverse("household", args=[story.unenrolled[0].household_id]) + f"?tier_{story.unenrolled[0].pk}=1",
        reverse("household", args=[story.owing[0].household_id]),
        reverse("counter"),
        reverse("counter-household", args=[story.unenrolled[0].household_id]),
        reverse("counter-household", args=[story.owing[0].household_id]),
        reverse("counter-household", args=home),
        reverse("counter-paid", args=[story.payment]),
        reverse("online"),
        reverse("another"),
        reverse("pay-guide"),
        reverse("payments"),
        reverse("payment", args=[story.payment]),
        reverse("day"),
        reverse("work"),
        reverse("work") + "?state=closed",
        reverse("progress"),
        reverse("week", args=[WEEK_ON.isoformat()]),
        reverse("money"),
        reverse("transfers"),
        reverse("ledger-accounts"),
        *(f"{reverse('ledger-accounts')}?kind={kind}" for kind in ("agent-cash", "channel", "department-due")),
        *statements(),
        reverse("receipts"),
        reverse("receipt-book", args=[Receipt.objects.get(payment_id=story.payment).book_id]),
        reverse("receipt-reviews"),
        reverse("stubs"),
        reverse("declarations"),
        *exchange_and_cash(story),
        *refunds(story),
        reverse("settlements"),
        reverse("settlement", args=[story.settlement]),
        reverse("notices"),
        *(f"{reverse('files')}?kind={kind}" for kind in ("roster", "register", "targets", "result")),
        reverse("file", args=[story.cast.roster.pk]),
        reverse("policies"),
        *(reverse("policy", args=[name]) for name in ("liangping-2023", "banan-2022", "chongqing-2023")),
        reverse("rule", args=["liangping-2023", "PJ-7.2d"]),
        *trail(story),
        reverse("users"),
    ]


@pytest.mark.parametrize("part", ROLES)
def test_no_page_is_left_in_chinese(story: Story, login: Login, part: str) -> None:
    client = in_english(login(part))
    pages = {address: client.get(address).content.decode() for address in addresses(story)}
    left = {address: found for address, page in pages.items() if (found := chinese_left(page))}
    assert left == {}


def test_the_gate_speaks_english_too(db: None, login: Login) -> None:
    assert chinese_left(in_english(login("")).get("/login/").content.decode()) == set()


def test_sentences_are_said_in_english(story: Story, login: Login) -> None:
    client = in_english(login("village-agent"))
    response = client.post(reverse("deposit"), {"key": "web-1", "amount": "999999", "slip": "S9"})
    assert response.status_code == 409
    page = response.content.decode()
    assert chinese_left(page) == set() and "more than the cash in your hands" in page


def test_chinese_is_the_language_unless_somebody_switches(db: None, login: Login) -> None:
    client = login("")
    assert "登录" in client.get("/login/", headers={"Accept-Language": "en"}).content.decode()
    client.post("/language/", {"language": "en", "next": "/login/"})
    page = client.get("/login/").content.decode()
    assert "Log in" in page and '<html lang="en"' in page


def test_the_reader_finds_what_is_left() -> None:
    assert chinese_left('<p title="题">文<b lang="zh">名<i>字</i></b><br>末</p>') == {"题", "文", "末"}
