"""What the tests of declarations share: a season's money up to the tax client, and result files as it writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from tests.journeys.cast import POLICY, TIER_1, VILLAGE, YEAR, Cast, at, household, mark, tiers
from yingbao.accounts.actors import Actor
from yingbao.collection.models import DeclarationLine
from yingbao.registry.models import Resident
from yingbao.registry.uploads import Upload
from yingbao.sheets import Column, Sheet, xlsx_bytes
from yingbao.sheets.exchange import RESULT_FILE
from yingbao.storage.fields import Json
from yingbao.usecases.declare import declare_cash, declare_zero
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.import_results import accept_result, check_result

FRIDAY = date(2022, 12, 2)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (FRIDAY + timedelta(days=n) for n in (3, 4, 5, 6))
_keys = count(1)


def new_key(word: str) -> str:
    return f"{word}-{next(_keys)}"


def take_cash(agent: Actor, members: Sequence[Resident], *, on: date = FRIDAY, fen: int | None = None) -> None:
    """Enrol and take money from people of one household."""
    enrol_and_pay(
        agent,
        household_id=members[0].household_id,
        tiers=tiers(members),
        channel="cash",
        amount_fen=len(members) * TIER_1 if fen is None else fen,
        policy_name=POLICY,
        on=on,
        key=new_key("take"),
        at=at(on),
    )


def bring(agent: Actor, fen: int, *, on: date = FRIDAY, hour: int = 18) -> Json:
    """Deposit cash."""
    slip = new_key("slip")
    return deposit_cash(
        agent, amount_fen=fen, slip_number=slip, year=YEAR, on=on, key=new_key("bring"), at=at(on, hour)
    )


def send(agent: Actor, *, on: date = MONDAY, **more: Any) -> int:
    """Declare what is deposited; return the batch."""
    return int(declare_cash(agent, year=YEAR, on=on, key=new_key("send"), at=at(on), **more)["declaration"])


def batch_of(cast: Cast, people: int, *, agent: Actor | None = None, village: int = VILLAGE) -> list[DeclarationLine]:
    """Collect from so many households of one on Friday, deposit, declare on Monday; return the lines."""
    agent = agent or cast.village_agent
    for _ in range(people):
        take_cash(agent, household(date(1980, 5, 1), village=village))
    bring(agent, people * TIER_1)
    return lines_of(send(agent))


def zero_batch(cast: Cast, *, on: date = MONDAY) -> list[DeclarationLine]:
    """Declare somebody who owes nothing."""
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    enrol_household(
        cast.town_clerk,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=POLICY,
        on=FRIDAY,
        key=new_key("enrol"),
        at=at(FRIDAY),
    )
    answer = declare_zero(cast.town_clerk, year=YEAR, on=on, key=new_key("zero"), at=at(on))
    return lines_of(answer["declaration"])


def lines_of(batch: int) -> list[DeclarationLine]:
    found = DeclarationLine.objects.filter(declaration_id=batch).select_related("due__enrolment__resident")
    return list(found.order_by("pk"))


def accepted(line: DeclarationLine, on: date = TUESDAY, /, **other: Any) -> Json:
    return {**about(line), "answer": "已受理", "cleared_on": on, **other}


def refused(line: DeclarationLine, reason: str = "证件号码有误", /, **other: Any) -> Json:
    return {**about(line), "answer": "退回", "reason": reason, **other}


def about(line: DeclarationLine) -> Json:
    person = line.due.enrolment.resident
    return {
        "batch": str(line.declaration_id),
        "line": str(line.pk),
        "name": person.name,
        "cert_number": person.certificate_number,
        "amount_fen": line.amount_fen,
    }


def result_file(
    *rows: Mapping[str, Any], columns: Sequence[Column] = RESULT_FILE.columns, name: str = "回执.xlsx"
) -> Upload:
    """Write rows as the client's .xlsx, every cell but money and days text."""
    cells = [[row.get(column.key) for column in columns] for row in rows]
    return Upload(name=name, content=xlsx_bytes(sheets=[Sheet("回执", columns, cells)]))


def plain_file(*rows: Mapping[str, Any]) -> Upload:
    """Write rows as .csv, as they are."""
    keys = [column.key for column in RESULT_FILE.columns]
    lines = [
        [column.name for column in RESULT_FILE.columns],
        *([str(row.get(key) or "") for key in keys] for row in rows),
    ]
    return Upload(name="回执.csv", content="\n".join(",".join(line) for line in lines).encode("gb18030"))


def check(cast: Cast, upload: Upload, *, on: date = WEDNESDAY, key: str = "") -> Json:
    return check_result(cast.tax, upload=upload, policy_name=POLICY, key=key or new_key("check"), at=at(on))


def take_in(cast: Cast, upload: Upload, *, on: date = WEDNESDAY) -> Json:
    """Check a result file and let it in."""
    file_id = check(cast, upload, on=on)["file_id"]
    return accept_result(cast.tax, file_id=file_id, key=new_key("accept"), at=at(on))
