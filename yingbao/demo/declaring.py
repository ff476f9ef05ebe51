"""A declaration on its way out and back: a file for the tax client, its answers with two refusals, a count of cash.

What goes out is the cash of a village agent who goes from door to door on the last days before late enrolment closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.collection.declaring import queries as declaring
from yingbao.collection.kinds import AnswerState
from yingbao.demo.counter import can_enrol
from yingbao.demo.desk import POLICY, SHOWN_ON, moment
from yingbao.demo.season import Season
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_
from yingbao.kernel.periods import DAY
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.registry.uploads import Upload
from yingbao.sheets import sheet_of, xlsx_bytes
from yingbao.sheets.exchange import RESULT_FILE
from yingbao.storage.fields import Json
from yingbao.usecases.count_cash import DENOMINATIONS, count_cash
from yingbao.usecases.declare import clear_declaration, declare_cash, declare_zero
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.export_declaration import Format, export_declaration
from yingbao.usecases.import_results import accept_result, check_result

if TYPE_CHECKING:
    from yingbao.collection.models import Declaration, DeclarationLine

LATE_ON, DOORS = SHOWN_ON - DAY, 4
SENT_FILE, ANSWER_FILE = "declaration.xlsx", "declaration_answers.xlsx"
REFUSALS = ("姓名与公安信息不一致", "证件号码已在外地参保")
TEN_YUAN = 10_00


def play(season: Season, *, folder: Path, at: datetime) -> list[Told]:
    """Declare what was collected late; take the batch out and its answers in, mend one refusal, count an agent's cash.

    Says what was done, and nothing of a batch where none of at least three lines waits.
    """
    _declare_late(season, at)
    batch = _waiting(season)
    exchanged = _exchange(season, batch, folder, at) if batch is not None else ()
    return [*exchanged, *_count(season, at)]


def collect_late(season: Season) -> None:
    """Let the first village's agent take cash from people at their doors and deposit it, two days before the end."""
    agent, at = season.desk.agents[0], moment(LATE_ON, time(15))
    free = can_enrol(season, season.desk.clerk, at)
    found = list(islice((one for one in free if one[0].division_code == agent.division_code), DOORS))
    for facts, fen in found:
        enrol_and_pay(
            agent,
            household_id=facts.household_id,
            tiers={facts.resident_id: 1},
            channel="cash",
            amount_fen=fen,
            policy_name=POLICY,
            on=LATE_ON,
            key=f"demo-late-{facts.resident_id}",
            at=at,
        )
        season.counted["payments"] += 1
        season.counted["persons"] += 1
    _deposit_late(season, agent, sum(fen for _facts, fen in found))


def _deposit_late(season: Season, agent: Actor, fen: int) -> None:
    terms: Json = {"year": season.year, "on": LATE_ON, "at": moment(LATE_ON, time(17))}
    if fen:
        deposit_cash(agent, amount_fen=fen, slip_number="JC-LATE", key="demo-late-deposit", **terms)


def _declare_late(season: Season, at: datetime) -> None:
    try:
        declare_cash(season.desk.agents[0], year=season.year, on=SHOWN_ON, key="demo-late-declare", at=at)
    except Refused:  # all that was deposited is declared
        return


def _waiting(season: Season) -> Declaration | None:
    found = declaring.declarations(season.desk.tax, year=season.year).filter(cleared_on__isnull=True, persons__gte=3)
    return found.first()


def _exchange(season: Season, batch: Declaration, folder: Path, at: datetime) -> Iterator[Told]:
    tax = season.desk.tax
    content = export_declaration(tax, declaration_id=batch.pk, file_format=Format.XLSX, at=at)
    (folder / SENT_FILE).write_bytes(content)
    yield N_("申报文件导出：{persons}人（BN-4.3.3a）"), {"persons": batch.persons}
    lines = list(declaring.lines_of(batch).filter(state=AnswerState.SENT))
    answers = xlsx_bytes(sheets=[sheet_of(RESULT_FILE, _answers(lines))])
    (folder / ANSWER_FILE).write_bytes(answers)
    upload = Upload(name=ANSWER_FILE, content=answers)
    checked = check_result(tax, upload=upload, policy_name=POLICY, key="demo-answers-check", at=at)
    taken = accept_result(tax, file_id=checked["file_id"], key="demo-answers-accept", at=at)
    yield N_("回执逐行导入：到账{accepted}人，退回{refused}人转为待办，{bad_rows}行对不上的没有改动"), taken
    yield _declare_mended(season, batch, lines, at)


def _answers(lines: Sequence[DeclarationLine]) -> Iterator[Json]:
    """Give an answer per line, the first two refused, and a row that is about nobody."""
    for place, line in enumerate(lines):
        refused = place < len(REFUSALS)
        person = line.due.enrolment.resident
        yield {
            "batch": str(line.declaration_id),
            "line": str(line.pk),
            "name": person.name,
            "cert_number": person.certificate_number,
            "amount_fen": line.amount_fen,
            "answer": "退回" if refused else "已受理",
            "cleared_on": None if refused else SHOWN_ON,
            "reason": REFUSALS[place] if refused else "",
        }
    yield {"line": "999999999", "name": "查无此人", "answer": "已受理", "cleared_on": SHOWN_ON}


def _declare_mended(season: Season, batch: Declaration, lines: Sequence[DeclarationLine], at: datetime) -> Told:
    """The first refusal was a misspelt name at the client; it goes again, the other still waits to be mended."""
    agent = _agent_of(season, batch)
    terms: Json = {"year": season.year, "on": SHOWN_ON, "at": at, "left_out": [lines[1].due_id]}
    sends = declare_zero if batch.kind == "zero" else declare_cash
    again = sends(agent, key="demo-declare-again", **terms)
    clear_declaration(
        season.desk.tax,
        declaration_id=again["declaration"],
        policy_name=POLICY,
        on=SHOWN_ON,
        key="demo-clear-again",
        at=at,
    )
    return N_("更正后重新申报并到账：待办自动办结"), {}


def _agent_of(season: Season, batch: Declaration) -> Actor:
    everybody = (*season.desk.agents, season.desk.clerk, season.desk.second_clerk)
    return next(one for one in everybody if one.user_id == batch.agent_id)


def _count(season: Season, at: datetime) -> Iterator[Told]:
    """An agent counts ten yuan more than the books have, and says why."""
    agent = season.desk.agents[0]
    held = ledger.balance_of(agent.scope, year=season.year, kind=AccountKind.AGENT_CASH, holder=str(agent.user_id))
    counted = count_cash(
        agent,
        pieces=_pieces(held + TEN_YUAN),
        note="找零时少给了一位居民10元，已通知来取",
        taken_by="",
        year=season.year,
        key="demo-count",
        at=at,
    )
    difference = (counted["counted_fen"] - counted["expected_fen"]) // 100
    yield N_("村经办员盘点现金：比账面多{difference}元，写明原因，转为待办"), {"difference": difference}


def _pieces(fen: int) -> dict[int, int]:
    pieces = {}
    for denomination in DENOMINATIONS:
        pieces[denomination], fen = divmod(fen, denomination)
    return pieces
