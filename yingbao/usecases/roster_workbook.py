"""What a roster changes against last month, as a workbook: numbers masked, the taking of it in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.kernel.certificates import mask
from yingbao.kernel.messages import N_, translate
from yingbao.policy import Policy, get_policy
from yingbao.registry import queries
from yingbao.registry.kinds import FileKind
from yingbao.registry.rosters import shown
from yingbao.sheets import Column, Sheet, xlsx_bytes
from yingbao.sheets.cells import Value
from yingbao.storage.transactions import unit_of_work

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

KIND_NAMES = {
    "added": N_("新增"),
    "removed": N_("取消"),
    "changed": N_("类别变化"),
    "moved": N_("镇村与台账不同"),
    "several": N_("多重身份"),
    "paid": N_("取消且已缴费"),
    "spared": N_("未取消，待核实"),
}
COLUMNS = (
    (N_("变化"), 14),
    (N_("姓名"), 10),
    (N_("证件号码"), 21),
    (N_("镇街"), 12),
    (N_("村（社区）"), 14),
    (N_("身份"), 24),
)


def write_differences(actor: Actor, *, file_id: int, policy_name: str, language: str, at: datetime) -> bytes:
    """Return a roster's differences as .xlsx, one line a person and change. Raises NotFound outside what is seen."""
    file = queries.file(actor, file_id, FileKind.ROSTER)
    rows = list(_rows(file, get_policy(policy_name), language))
    with unit_of_work():
        audit.record(
            actor,
            "take-differences",
            subject=("file", file_id),
            division_code=file.division_id,
            at=at,
            detail={"rows": len(rows)},
        )
    columns = [Column(name, translate(name, language), width=width) for name, width in COLUMNS]
    return xlsx_bytes(sheets=[Sheet(translate(N_("与上月相比"), language), columns, rows)])


def _rows(file: ImportedFile, policy: Policy, language: str) -> Iterator[list[Value]]:
    for kind, name in KIND_NAMES.items():
        found = shown.list_differences(file, kind)
        people = shown.people_of(found)
        for one in found:
            person = people[one.resident_id]
            identity = policy.identity(one.code).name.render(language) if one.code else ""
            place = [person.division.town_name, person.division.name]
            yield [translate(name, language), person.name, mask(person.certificate_number), *place, identity]
