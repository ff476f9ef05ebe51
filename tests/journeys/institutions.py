"""The institutions of the journeys, who acts for them, and the lists they send, all invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from tests.imports.cast import number
from tests.journeys.cast import POLICY, TOWN, VILLAGE, at
from yingbao.accounts import operations as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.models import Due
from yingbao.registry.institutions import operations as institutions
from yingbao.registry.models import Institution
from yingbao.sheets.layouts import MEMBERS
from yingbao.storage.fields import Json
from yingbao.usecases.bill_institution import open_bill
from yingbao.usecases.enrol_institution import accept_members, check_members
from yingbao.usecases.files_found import Upload
from yingbao.usecases.note_transfer import Arrived, note_transfer

IN_TERM = date(2022, 10, 10)  # within 60 days of the first day of term, before the residents' season
STUDENT_1, STUDENT_2 = 32_000, 69_500  # PJ-3.2
Cells = dict[str, str | int | date | None]


@dataclass(frozen=True)
class Campus:
    """An institution and who acts for it."""

    institution: Institution
    agent: Actor

    @property
    def id(self) -> int:
        return self.institution.pk


def campus(code: str = "U1", kind: str = "university", *, division: int = VILLAGE, name: str = "") -> Campus:
    """Make an institution and a login that acts for it."""
    username = f"agent-{code.lower()}"
    with transaction.atomic():
        made = institutions.found(code=code, name=name or f"甲区{code}学院", kind=kind, division_code=division)
        user = accounts.add_user(username=username, display_name=username, role=Role.INSTITUTION, division_code=TOWN)
        institutions.link(made, user.pk)
    return Campus(made, actor_named(username))


def student(order: int, name: str = "", **cells: str | int | date | None) -> Cells:
    """Return the row of an invented student who is on the national platform and takes tier 1."""
    row: Cells = {
        "name": name or f"学子{chr(0x4E00 + order)}",
        "cert_number": number(f"2003{order // 28 % 12 + 1:02d}{order % 28 + 1:02d}", order % 999 + 1),
        "member_no": f"2022{order:05d}",
        "unit": "数学系",
        "tier": "一档",
        "on_platform": "是",
    }
    return row | cells


def students(count: int) -> list[Cells]:
    """Return the rows of so many invented students."""
    return [student(order) for order in range(1, count + 1)]


def members_upload(rows: Iterable[Cells], name: str = "名单.csv") -> Upload:
    """Return a list as a file; the same rows give the same bytes, which those of an .xlsx are not."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in MEMBERS.columns])
    writer.writerows([[row.get(column.key) or "" for column in MEMBERS.columns] for row in rows])
    return Upload(name=name, content=text.getvalue().encode())


def check(
    campus: Campus, rows: Iterable[Cells], *, on: date = IN_TERM, key: str = "check", actor: Actor | None = None
) -> Json:
    """Check a list as the institution."""
    return check_members(
        actor or campus.agent,
        institution_id=campus.id,
        upload=members_upload(rows),
        policy_name=POLICY,
        key=key,
        at=at(on),
    )


def accept(campus: Campus, file_id: int, *, on: date = IN_TERM, key: str = "", actor: Actor | None = None) -> Json:
    """Accept a list as the institution."""
    moment: datetime = at(on)
    return accept_members(
        actor or campus.agent, file_id=file_id, policy_name=POLICY, key=key or f"accept-{file_id}", at=moment
    )


def bring_in(campus: Campus, rows: Iterable[Cells], *, on: date = IN_TERM, key: str = "bring") -> Json:
    """Check and accept a list."""
    return accept(campus, check(campus, rows, on=on, key=key)["file_id"], on=on)


def dues_of(campus: Campus) -> list[Due]:
    """Return the dues of an institution's people."""
    return list(Due.objects.filter(enrolment__resident__memberships__institution=campus.institution).order_by("pk"))


def bill(campus: Campus, *, on: date = IN_TERM, key: str = "bill", due_ids: list[int] | None = None) -> Json:
    """Draw up the bill of an institution's people."""
    return open_bill(campus.agent, institution_id=campus.id, due_ids=due_ids, policy_name=POLICY, key=key, at=at(on))


def transfer(
    actor: Actor,
    order_id: int,
    fen: int,
    *,
    on: date = IN_TERM,
    reference: str = "B1",
    key: str = "",
    looked_again: bool = False,
) -> Json:
    """Note that a transfer for a bill has arrived."""
    return note_transfer(
        actor,
        order_id=order_id,
        arrived=Arrived(fen, on, reference, looked_again),
        policy_name=POLICY,
        key=key or f"transfer-{reference}",
        at=at(on),
    )


def school_of(username: str, *, on: date) -> tuple[int, int, int]:
    """Give a login an institution of VILLAGE that has enrolled somebody; return it, its list, its bill."""
    with transaction.atomic():
        made = institutions.found(code="U1", name="甲区学院", kind="university", division_code=VILLAGE)
        agent = actor_named(username)
        institutions.link(made, agent.user_id)
    school = Campus(made, agent)
    checked = check(school, [student(1)], on=on, key="list")
    accept(school, checked["file_id"], on=on)
    return made.pk, checked["file_id"], bill(school, on=on)["order"]
