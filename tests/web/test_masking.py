"""No page and no file of the who-sees-what table shows a number, phone or bank account in full, whoever looks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from django.urls import reverse

from tests.web.conftest import Login, Story
from tests.web.test_who_sees_what import PAGES, PARTS, arguments
from yingbao.kernel.masking import mask_account, mask_phone
from yingbao.registry.models import Resident
from yingbao.storage.encrypted import blind_index

__all__ = ["arguments"]
# These files are sums owed to a department, or declared to the tax client, who must know for whom to the last digit
# (BN-4.2.1, PJ-5.2.1, BN-4.3.3a); taking one is written down.
FULL = {"settlement-file", "declaration-file"}


@pytest.fixture
def secrets(story: Story) -> list[str]:
    """Give everybody a number, phone and account that look real and are not; return them all."""
    given = []
    for place, person in enumerate(Resident.objects.order_by("id")):
        number = f"5001551990010{place:05d}"
        phone, account = f"1005555{place:04d}", f"62000000000000{place:05d}"
        person.certificate_number, person.certificate_index = number, blind_index(number)
        person.phone, person.bank_account = phone, account
        person.save(update_fields=["certificate_number", "certificate_index", "phone", "bank_account"])
        given += [number, phone, account]
    return given


def text_of(content: bytes) -> Iterator[str]:
    """Yield what a page says, or what each sheet of a workbook holds."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            yield from (book.read(name).decode("utf-8", "replace") for name in book.namelist())
    else:
        yield content.decode("utf-8", "replace")


def test_everything_is_masked(arguments: dict[str, list[object]], secrets: list[str], login: Login) -> None:
    shown = []
    for part in PARTS:
        client = login(part)
        for name, (argument, seen, _hidden) in PAGES.items():
            if part not in seen.split() or name in FULL or name.endswith("-pdf"):
                continue
            said = "".join(text_of(client.get(reverse(name, args=arguments[argument])).content))
            shown += [f"{name} as {part}" for secret in secrets if secret in said]
    assert sorted(set(shown)) == []


def test_the_list_is_masked_too_and_says_whom_it_means(secrets: list[str], story: Story, login: Login) -> None:
    page = login("town-clerk").get(reverse("resident", args=[story.paid[0].pk])).content.decode()
    person = Resident.objects.get(pk=story.paid[0].pk)
    assert f"{person.certificate_number[:3]}***********{person.certificate_number[-4:]}" in page
    assert person.bank_account and f"***************{person.bank_account[-4:]}" in page


def test_a_form_sent_back_as_shown_keeps_what_it_masks(secrets: list[str], story: Story, login: Login) -> None:
    person = Resident.objects.get(pk=story.paid[1].pk)
    shown = {"phone": mask_phone(person.phone or ""), "bank_account": mask_account(person.bank_account or "")}
    form = {**shown, "key": "web-form", "version": str(person.version), "residence": "东村 9 号"}
    answer = login("village-agent").post(reverse("save-resident", args=[person.pk]), form)
    assert answer.status_code == 302
    now = Resident.objects.get(pk=person.pk)
    assert (now.phone, now.bank_account, now.residence) == (person.phone, person.bank_account, "东村 9 号")
