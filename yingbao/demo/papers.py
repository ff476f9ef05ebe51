"""The papers the demo leaves behind: weekly table, settlement lists, a public notice, a household's receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from yingbao.collection.queries import payments
from yingbao.demo.desk import POLICY, SHOWN_ON, Desk
from yingbao.demo.people import SEASON_BEGIN
from yingbao.progress.weekly import weeks
from yingbao.storage.fields import Json
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.papers import print_notice, write_settlement_list, write_weekly_table
from yingbao.usecases.print_receipts import print_receipt
from yingbao.usecases.publish_notice import approve_notice, draw_up_notice

NOTICE_BEGIN, NOTICE_END = SEASON_BEGIN, date(2022, 12, 21)


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: the kind of paper → its file; and what each payer was billed."""

    files: dict[str, Path]
    billed: Json


def make(desk: Desk, folder: Path, *, year: int, at: datetime) -> Made:
    """Extract the settlement lists, publish one village's notice, and write every paper into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = {"weekly": _weekly(desk, year), "notice": _notice(desk, year, at), "receipt": _receipt(desk, year)}
    billed = extract_settlement(
        desk.tax,
        policy_name=POLICY,
        begin_on=SEASON_BEGIN,
        end_on=SHOWN_ON,
        key="demo-settlement",
        at=at,
    )["lists"]
    for payer, drawn in billed.items():
        content = write_settlement_list(desk.bureau, list_id=drawn["list"], policy_name=POLICY, at=at)
        papers[f"settlement {payer}"] = (f"settlement_{payer}.xlsx", content)
    files = {}
    for kind, (name, content) in papers.items():
        files[kind] = folder / name
        files[kind].write_bytes(content)
    return Made(files, billed)


def _weekly(desk: Desk, year: int) -> tuple[str, bytes]:
    cut_off_on = max(on for on, _persons, _fen in weeks(desk.clerk, year=year))
    return f"weekly_{cut_off_on}.xlsx", write_weekly_table(desk.clerk, year=year, cut_off_on=cut_off_on)


def _notice(desk: Desk, year: int, at: datetime) -> tuple[str, bytes]:
    agent = desk.agents[0]
    notice = draw_up_notice(agent, year=year, begin_on=NOTICE_BEGIN, end_on=NOTICE_END, key="demo-notice", at=at)[
        "notice"
    ]
    approve_notice(desk.clerk, notice_id=notice, key="demo-approve-notice", at=at)
    return "public_notice.pdf", print_notice(desk.clerk, notice_id=notice)


def _receipt(desk: Desk, year: int) -> tuple[str, bytes]:
    """Print the receipt of a larger household of the first village, so that there is something to read on it."""
    paid = payments(desk.agents[0], year=year).filter(receipts__isnull=False).order_by("-amount_fen", "pk").first()
    assert paid is not None
    return "receipt.pdf", print_receipt(desk.agents[0], payment_id=paid.pk)
