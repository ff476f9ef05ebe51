"""Monthly full lists and larger villages, for the tests of rosters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.imports.cast import NOVEMBER, NOW, PASSWORD, POLICY, Cells, book, new_key, person
from yingbao.accounts.actors import Actor
from yingbao.registry.models import Identity, ImportedFile
from yingbao.sheets.layouts import MONTHLY_FULL
from yingbao.storage.fields import Json
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_rosters import accept_roster, check_roster

DECEMBER, JANUARY = date(2022, 12, 1), date(2023, 1, 1)
DIGITS = "一二三四五六七八九十"


def listed(name: str, cert_number: str, identity: str = "城乡低保对象", **cells: str | date) -> Cells:
    """Return a row of a full list: somebody of 东村 unless ``cells`` say otherwise."""
    row: Cells = {"name": name, "cert_number": cert_number, "identity": identity, "town": "甲镇", "village": "东村"}
    return row | cells


def full_upload(rows: Iterable[Cells]) -> Upload:
    """Return a full list closed with the departments' password."""
    return Upload(name="全量.xlsx", content=book(MONTHLY_FULL, rows, PASSWORD), password=PASSWORD)


def check_full(actor: Actor, rows: Iterable[Cells], *, month: date = NOVEMBER) -> Json:
    """Check a full list of these rows."""
    return check_roster(actor, upload=full_upload(rows), month=month, policy_name=POLICY, key=new_key(), at=NOW)


def send_full(sender: Actor, rows: Iterable[Cells], bureau: Actor, *, month: date = NOVEMBER) -> Json:
    """Check a full list as a department and accept it as the bureau."""
    file_id = check_full(sender, rows, month=month)["file_id"]
    return accept_roster(bureau, file_id=file_id, key=new_key(), at=NOW)


def villagers(count: int) -> list[Cells]:
    """Return register rows of so many households of one in 东村, all names different."""
    return [
        person(f"古{DIGITS[n // 10 % 10]}{DIGITS[n % 10]}", f"{1950 + n % 50}0101", n // 50 + 1, household_no=f"V{n}")
        for n in range(count)
    ]


def names_with(code: str) -> set[str]:
    """Return who has an identity without an end."""
    return set(Identity.objects.filter(code=code, end_on__isnull=True).values_list("resident__name", flat=True))


def differences(file_id: int) -> Json:
    """Return what a file keeps of its differences."""
    return dict(ImportedFile.objects.get(pk=file_id).differences)
