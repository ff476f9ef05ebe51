"""``yingbao policy diff``: what one pack says otherwise than another, and whom it changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from yingbao.cli.output import Language, console, failing_clearly, read_day
from yingbao.cli.packs import Folder, PackName, open_policy
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy import Policy
from yingbao.policy.changes import Sink, compare_file, list_rows, make_schema, writing_changes
from yingbao.policy.differences import KINDS, Basis, Change, PackDiff, compare_packs
from yingbao.policy.files import refuse_overwriting
from yingbao.policy.people_diff import Comparer, Comparison, Line, Sums
from yingbao.policy.places import walk
from yingbao.policy.saying import as_is
from yingbao.policy.wording import STATUSES, say_change, say_code, say_column, say_own, say_title
from yingbao.sheets import Column, Kind, Sheet, write_xlsx
from yingbao.sheets.writer import LAST_ROW

_COLOURS = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan", "reworded": "yellow"}
_WAYS = {
    "up": N_("应缴增加"),
    "down": N_("应缴减少"),
    "same": N_("应缴不变"),
    "known": N_("原无应缴，现有应缴"),
    "unknown": N_("原有应缴，现无应缴"),
}
_AMOUNTS = {
    "rate_fen": N_("个人缴费标准"),
    "subsidy_fen": N_("资助参保"),
    "payable_fen": N_("个人应缴"),
    "fiscal_subsidy_fen": N_("财政补助"),
}
_SHOWN = 40
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        parser=read_day,
        help="未缴费人员按哪一天比较；默认为各自集中参保期最后一天 / day of the amounts of who has not paid",
    ),
]


def diff(
    before: PackName,
    after: PackName,
    people: Annotated[
        Path | None, typer.Option("--people", help="人员文件（.csv 或 .parquet）：改变了谁 / people: whom it changes")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="受影响人员名单（.csv、.parquet 或 .xlsx）/ everybody changed, with both answers"),
    ] = None,
    as_of: AsOf = None,
    unpaid: Annotated[
        bool, typer.Option("--unpaid", help="不看缴费日期，都按未缴费比较 / as if nobody had paid, for other years")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
    folder: Folder = None,
    lang: Language = None,
) -> None:
    """比较两个政策包：逐条列出改动；给出人员文件时，列出改变了谁、多少 / what changed, and for whom."""
    with failing_clearly(lang):
        policies = open_policy(before, folder), open_policy(after, folder)
        if out is not None and people is None:
            raise BadInput(say(N_("给出 --out 时也要给出人员文件 --people")))
        changes = compare_packs(policies[0].pack, policies[1].pack)
        compared = None
        if people is not None:
            comparer = Comparer(*policies, as_of=as_of.date() if as_of else None, unpaid=unpaid)
            compared = _compare(comparer, people, out, lang or "zh")
        if as_json:
            parts = {"packs": changes.as_json()} | ({"people": compared.as_json()} if compared else {})
            typer.echo(json.dumps(parts, ensure_ascii=False, indent=2))
            return
        print_changes(changes, lang or "zh")
        if compared is not None:
            print_people(compared, policies, lang or "zh")


def print_origins(policy: Policy, lang: str) -> None:
    """Print every value of a pack with its clause and the pack it comes from."""
    table = Table(title=say(N_("各项数值及其来源")).render(lang), title_justify="left")
    for header in (N_("位置"), N_("数值"), N_("规则"), N_("条款"), N_("来自")):
        table.add_column(say(header).render(lang), overflow="fold")
    for value in walk(policy.file):
        if value.steps[0][0] == "rules":
            continue  # they are listed with their origin by the table of rules
        rule = policy.pack.rules.get(getattr(value.entry, "rule", None) or "")
        title = say_title(value, policy.vocabulary)
        said = say_own(value.entry, policy.vocabulary)
        text = f"{title.render(lang)}\n{said.render(lang)}" if said else title.render(lang)
        cells = [value.place, text, rule.id if rule else "-", (rule.clause if rule else None) or "-"]
        table.add_row(*(escape(cell) for cell in [*cells, policy.pack.origins[value.place]]))
    console().print(table)


# ---------------------------------------------------------------- packs


def print_changes(changes: PackDiff, lang: str) -> None:
    """Print what differs between two packs, section by section."""
    names = {"before": changes.before.name, "after": changes.after.name}
    _print(f"[bold]{escape(say(N_('{before} 与 {after} 的差别'), **names).render(lang))}[/]")
    amends = changes.after.file.amends
    if amends is not None and amends.pack == changes.before.name:
        day = say(N_("{after} 修订 {before}，适用于 {day} 起缴清的"), day=amends.first_day, **names)
        _print(escape(day.render(lang)))
    if not changes:
        _print(escape(say(N_("两个政策包没有差别")).render(lang)))
    for section, found in changes.sections():
        _print(f"\n[bold]{escape(section.render(lang))}[/]")
        for change in found:
            _print_change(change, lang)


def _print_change(change: Change, lang: str) -> None:
    kind = say(KINDS[change.kind]).render(lang)
    title = escape(change.title.render(lang))
    _print(f"[{_COLOURS[change.kind]}]{kind}[/] {title}  [dim]{escape(change.place)}[/]")
    for field in change.fields:
        sides = {"before": field.before, "after": field.after}
        template = N_("{label}：{before} → {after}")
        if change.before is None or change.after is None:
            template, sides = N_("{label}：{value}"), {"value": field.after if change.after else field.before}
        _print_inside(say(template, label=field.label, **sides).render(lang))
    if change.kind != "reworded":
        _print_inside(_say_basis(change).render(lang), "dim")


def _say_basis(change: Change) -> Message:
    """Return the clauses a change rests on, and the packs they come from; both sides' where they differ."""
    sides = [_clauses(basis) for basis in (change.before, change.after) if basis is not None]
    if len(sides) == 2 and str(sides[0]) != str(sides[1]):
        return say(N_("依据：{before} → {after}"), before=sides[0], after=sides[1])
    return say(N_("依据：{basis}"), basis=sides[0])


def _clauses(basis: Basis) -> Message:
    if not basis.rules:
        return as_is(basis.origin)
    clauses = "、".join(
        " ".join(part for part in (rule.id, rule.document.number if rule.document else None, rule.clause) if part)
        for rule in basis.rules
    )
    return say(N_("{clauses}（{pack}）"), clauses=clauses, pack=basis.origin)


def _print(text: str) -> None:
    console().print(text, highlight=False, soft_wrap=False)


def _print_inside(text: str, style: str = "") -> None:
    console().print(Padding(escape(text), (0, 0, 0, 4)), highlight=False, style=style)


# ---------------------------------------------------------------- people


def print_people(found: Comparison, policies: Sequence[Policy], lang: str) -> None:
    """Print whom the newer policy changes, and by how much."""
    summary = say(N_("比较了 {people} 人，其中 {changed} 人有变化"), people=found.people, changed=found.changed)
    _print(f"\n[bold]{escape(summary.render(lang))}[/]")
    for kind, count in found.kinds().items():
        _print_inside(say(N_("{kind}：{count} 人"), kind=say_change(kind), count=count).render(lang))
    rows: list[list[str | Message]] = [
        [say(_WAYS[way]), f"{sums.people:,}", *_money(sums)] for way, sums in found.ways().items()
    ]
    _table([N_("个人应缴"), N_("人数"), *_SIDES], rows, lang)
    rows = [[say(_AMOUNTS[name]), f"{sums.people:,}", *_money(sums)] for name, sums in found.sums().items()]
    _table([N_("金额"), N_("人数"), *_SIDES], rows, lang)
    rows = [[say(STATUSES[one]), say(STATUSES[other]), f"{n:,}"] for (one, other), n in found.statuses().items()]
    _table([N_("原结果"), N_("现结果"), N_("人数")], rows, lang)
    lines = [line for line in found.by_identity() if line.changed][:_SHOWN]
    rows = [
        [
            *_names(line, policies),
            str(line.key[2]),
            f"{line.changed:,}",
            _money(line.subsidy)[2],
            _money(line.payable)[2],
        ]
        for line in lines
    ]
    headers = (N_("有变化"), N_("资助相差（元）"), N_("应缴相差（元）"))
    _table([N_("原资助身份"), N_("现资助身份"), N_("档次"), *headers], rows, lang)
    lines = [line for line in found.by_department() if any(line.key)]
    rows = [[*_names(line, policies), f"{line.people:,}", *_money(line.subsidy)] for line in lines]
    _table([N_("原资助部门"), N_("现资助部门"), N_("人数"), *_SIDES], rows, lang)


_SIDES = (N_("原（元）"), N_("现（元）"), N_("相差（元）"))
_NUMBERS = frozenset((*_SIDES, N_("人数"), N_("有变化"), N_("资助相差（元）"), N_("应缴相差（元）")))


def _names(line: Line, policies: Sequence[Policy]) -> list[Message]:
    pairs = zip(line.key[:2], policies, strict=True)
    return [say_code(str(code), policy.vocabulary) if code else as_is("–") for code, policy in pairs]


def _money(sums: Sums) -> list[str]:
    known = sums.before_fen is not None and sums.after_fen is not None
    difference = (sums.after_fen or 0) - (sums.before_fen or 0) if known else None
    return [_yuan(sums.before_fen), _yuan(sums.after_fen), _yuan(difference)]


def _yuan(fen: int | None) -> str:
    return "–" if fen is None else format_yuan(fen)


def _table(headers: Sequence[str], rows: Sequence[Sequence[str | Message]], lang: str) -> None:
    if not rows:
        return
    table = Table()
    for header in headers:
        number = header in _NUMBERS
        table.add_column(
            say(header).render(lang), overflow="fold", no_wrap=number, justify="right" if number else "left"
        )
    for row in rows:
        table.add_row(*(escape(cell.render(lang) if isinstance(cell, Message) else cell) for cell in row))
    console().print(table)


def _compare(comparer: Comparer, people: Path, out: Path | None, lang: str) -> Comparison:
    if out is None:
        return compare_file(comparer, people)
    refuse_overwriting([people], out)
    writing = _writing_xlsx if out.suffix.lower() == ".xlsx" else _writing_file
    with writing(comparer, out, lang) as sink:
        return compare_file(comparer, people, sink)


@contextmanager
def _writing_file(comparer: Comparer, out: Path, lang: str) -> Iterator[Sink]:
    with writing_changes(comparer, out) as sink:
        yield sink


@contextmanager
def _writing_xlsx(comparer: Comparer, out: Path, lang: str) -> Iterator[Sink]:
    """Give a sink that holds the changed people and writes the workbook when all have come."""
    held = _Held()
    yield held
    names = [field.name for field in make_schema(comparer)]
    columns = [Column(name, say_column(name).render(lang), kind=_kind_of(name), width=14) for name in names]
    rows = (row for batch in held.batches for row in list_rows(batch))
    write_xlsx(out, sheets=[Sheet(say(N_("受影响人员")).render(lang), columns, rows)])


class _Held(Sink):
    def __init__(self) -> None:
        self.batches: list[Any] = []
        self._rows = 0

    def write(self, rows: Any) -> None:
        self._rows += rows.num_rows
        if self._rows >= LAST_ROW:
            raise BadInput(
                say(N_("有变化的超过 {most} 人，一张 Excel 表放不下"), most=LAST_ROW - 1),
                todo=say(N_("请改用 .csv 或 .parquet。")),
            )
        self.batches.append(rows)


def _kind_of(name: str) -> Kind:
    if name.endswith("_fen"):
        return Kind.MONEY
    return Kind.DATE if name.endswith(("covered_from", "covered_to")) else Kind.TEXT
