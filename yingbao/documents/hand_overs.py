"""The report of an agent's cash (BN-4.3.3d): what came, what went, what must be there, what was counted, who signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yingbao.documents.capitals import in_capitals
from yingbao.documents.typesetting import chinese_date, typeset
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class Run:
    """The receipts of one series used since the last count, ``first`` 0 for none; ``next_number`` comes next."""

    series: str
    first: int
    last: int
    used: int
    void: int
    next_number: int
    book_last: int


@dataclass(frozen=True, slots=True)
class CashReport:
    """What the report states, in fen; moments are of Beijing. ``since`` None: the season's first count.

    ``pieces`` are (denomination in fen, how many), the largest first, those of which there are none too.
    """

    number: str
    insurance_year: int
    office: str
    division: str
    agent: str
    at: datetime
    since: datetime | None
    opening_fen: int
    collected_fen: int
    received_fen: int  # taken over from others
    refunded_fen: int
    deposited_fen: int
    handed_fen: int  # given to others before
    expected_fen: int
    counted_fen: int
    pieces: Sequence[tuple[int, int]]
    receipts: Sequence[Run]
    note: str = ""
    taker: str = ""
    accepted_at: datetime | None = None
    moved_fen: int = 0

    @property
    def difference_fen(self) -> int:
        """What was counted more than expected."""
        return self.counted_fen - self.expected_fen


def hand_over_pdf(report: CashReport) -> bytes:
    """Return the report as a one-page A4 PDF for two signatures. Raises Refused where its figures do not add up."""
    _check(report)
    data = {
        "number": report.number,
        "year": str(report.insurance_year),
        "office": report.office,
        "division": report.division,
        "agent": report.agent,
        "at": _moment(report.at),
        "since": _moment(report.since) if report.since else "本年度首次盘点",
        "flows": [[name, sign, format_yuan(fen)] for name, sign, fen in _flows(report)],
        "expected": format_yuan(report.expected_fen),
        "pieces": [[_denomination(fen), str(n), format_yuan(fen * n)] for fen, n in report.pieces],
        "counted": format_yuan(report.counted_fen),
        "capitals": in_capitals(report.counted_fen),
        "difference": format_yuan(report.difference_fen),
        "agrees": report.difference_fen == 0,
        "note": report.note,
        "receipts": [_run(run) for run in report.receipts],
        "taker": report.taker,
        "accepted": _moment(report.accepted_at) if report.accepted_at else "",
        "moved": format_yuan(report.moved_fen),
    }
    return typeset("hand_over", data, dated=report.at.date())


def _flows(report: CashReport) -> list[tuple[str, str, int]]:
    return [
        ("期初在手", "", report.opening_fen),
        ("现金收款", "＋", report.collected_fen),
        ("接收他人移交", "＋", report.received_fen),
        ("退还缴费人", "－", report.refunded_fen),
        ("缴存协议账户", "－", report.deposited_fen),
        ("移交他人", "－", report.handed_fen),
    ]


def _run(run: Run) -> list[str]:
    used = f"{run.first:08d} – {run.last:08d}" if run.used else "—"
    left = max(run.book_last - run.next_number + 1, 0)
    following = f"{run.next_number:08d}" if left else "已用完"
    return [run.series, used, str(run.used), str(run.void), following, str(left)]


def _denomination(fen: int) -> str:
    return f"{fen // 100}元" if fen >= 100 else f"{fen // 10}角"


def _moment(moment: datetime) -> str:
    return f"{chinese_date(moment.date())} {moment:%H:%M}"


def _check(report: CashReport) -> None:
    came = report.opening_fen + report.collected_fen + report.received_fen
    went = report.refunded_fen + report.deposited_fen + report.handed_fen
    if came - went != report.expected_fen or sum(fen * n for fen, n in report.pieces) != report.counted_fen:
        raise Refused(say(N_("盘点单的数字对不上，没有打印。")), todo=say(N_("请重新盘点。")))
