"""A simulation as .xlsx: a sheet per way of looking at it, and on each what was changed and that it is a hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from yingbao.kernel.messages import N_, Message, say, translate
from yingbao.policy import Policy
from yingbao.policy.edits import Edit, list_edits
from yingbao.policy.simulate import Line, Simulation
from yingbao.sheets import Column, Kind, Sheet, xlsx_bytes

Name = Callable[[str], str | Message]
ASSUMPTIONS = (
    N_("假设测算，不是决定：没有人改变选择，每个人的档次、身份和缴清日期都照旧；未缴清的按 {day} 测算。"),
    N_("按比例的资助随个人缴费标准变动，按金额写明的不变；资助不超过个人缴费标准。"),
    N_("受益、受损按每个人的应缴金额比较；人数按变动前的身份（变动前没有资助的，按变动后的身份）。"),
)


def list_assumptions(simulation: Simulation) -> list[Message]:
    """Return what a simulated figure supposes, in sentences."""
    return [say(text, day=simulation.as_of) for text in ASSUMPTIONS]


def write_simulation(
    simulation: Simulation,
    before: Policy,
    after: Policy,
    *,
    language: str,
    names: Callable[[str], str] = str,
    towns: Sequence[Line] = (),
) -> bytes:
    """Return the workbook. ``names`` gives a division's name by its key; ``towns`` are lines to put before villages."""
    book = _Book(simulation, before, after, language)
    sheets = [
        book.sheet(N_("合计"), [simulation.total], lambda key: say(N_("合计"))),
        book.sheet(N_("按身份"), simulation.by_identity, lambda key: identity_title(after, key)),
        book.sheet(N_("按档次"), simulation.by_tier, lambda key: say(N_("{tier} 档"), tier=key)),
        book.sheet(N_("按部门"), simulation.by_department, lambda key: department_title(after, key)),
        book.sheet(N_("按区划"), [*towns, *simulation.by_division], lambda key: names(key) or say(N_("未注明"))),
        book.steps(),
        book.edits(list_edits(before, after) if comparable(before, after) else ()),
    ]
    return xlsx_bytes(sheets=sheets)


def comparable(before: Policy, after: Policy) -> bool:
    """Return whether ``after`` is a what-if of ``before``: two notices are compared by ``yingbao policy diff``."""
    return before.name == after.name


def identity_title(policy: Policy, code: str) -> Message:
    """Return an identity's name; for the empty code, that nothing is subsidised."""
    return policy.identity(code).name if code else say(N_("没有资助"))


def department_title(policy: Policy, code: str) -> Message:
    """Return a department's name; for the empty code, that nobody pays."""
    known = policy.vocabulary.departments.get(code)
    if known is not None:
        return known.name
    return say("{code}", code=code) if code else say(N_("没有资助"))


class _Book:
    def __init__(self, simulation: Simulation, before: Policy, after: Policy, language: str) -> None:
        self._simulation, self._language = simulation, language
        names = {"before": before.title.render(language), "after": after.title.render(language)}
        title = (
            say(N_("{before} 改动部分数值后的测算"), before=names["before"])
            if comparable(before, after)
            else say(N_("{before} 与 {after} 的比较"), **names)
        )
        self._heading = title.render(language)
        self._above = [message.render(language) for message in list_assumptions(simulation)]

    def sheet(self, title: str, lines: Iterable[Line], name: Name) -> Sheet:
        """Return a sheet with a row per line."""
        rows: list[list[str | int]] = [[self._say(name(line.key)), *_cells(line)] for line in lines]
        return self._make(title, _columns(self._text), rows)

    def steps(self) -> Sheet:
        """Return how many people pay how much more or less."""
        columns = [
            Column("more", self._text(N_("每人多缴（负数为少缴）")), kind=Kind.MONEY, width=24),
            Column("persons", self._text(N_("人数")), kind=Kind.INTEGER),
        ]
        return self._make(N_("每人增减"), columns, [list(step) for step in self._simulation.steps.items()])

    def edits(self, edits: Sequence[Edit]) -> Sheet:
        """Return what was changed, each with its clause."""
        columns = [
            Column(key, self._text(name), width=width)
            for key, name, width in (
                ("what", N_("改动的值"), 40),
                ("before", N_("现行"), 28),
                ("after", N_("假设"), 28),
                ("rule", N_("现行值的依据"), 16),
                ("follows", N_("随标准变动"), 12),
                ("place", N_("位置"), 44),
            )
        ]
        rows = [
            [*(self._say(text) for text in (edit.what, edit.before, edit.after)), edit.rule or "",
             self._text(N_("是")) if edit.follows else "", edit.place]
            for edit in edits
        ]  # fmt: skip
        return self._make(N_("改动"), columns, rows)

    def _make(self, title: str, columns: Sequence[Column], rows: Sequence[Sequence[str | int]]) -> Sheet:
        return Sheet(self._text(title), columns, rows, self._heading, self._above)

    def _text(self, template: str) -> str:
        return translate(template, self._language)

    def _say(self, text: str | Message) -> str:
        return text.render(self._language) if isinstance(text, Message) else text


_MONEY = (("personal_fen", N_("个人缴费")), ("department_fen", N_("部门资助")), ("fiscal_fen", N_("财政补助")))


def _columns(text: Callable[[str], str]) -> list[Column]:
    columns = [Column("name", text(N_("项目")), width=26)]
    for side, heading in (("before", N_("现行")), ("after", N_("假设"))):
        columns.append(Column(f"{side}_persons", text(N_("人数")), kind=Kind.INTEGER, group=text(heading)))
        columns += [
            Column(f"{side}_{key}", text(name), kind=Kind.MONEY, group=text(heading), width=17) for key, name in _MONEY
        ]
    columns += [
        Column(f"more_{key}", text(name), kind=Kind.MONEY, group=text(N_("增减")), width=17) for key, name in _MONEY
    ]
    return [
        *columns,
        Column("winners", text(N_("人数")), kind=Kind.INTEGER, group=text(N_("少缴"))),
        Column("won", text(N_("金额")), kind=Kind.MONEY, group=text(N_("少缴")), width=17),
        Column("losers", text(N_("人数")), kind=Kind.INTEGER, group=text(N_("多缴"))),
        Column("lost", text(N_("金额")), kind=Kind.MONEY, group=text(N_("多缴")), width=17),
        Column("uncompared", text(N_("无法比较")), kind=Kind.INTEGER),
    ]


def _cells(line: Line) -> list[int]:
    keys = [key for key, _ in _MONEY]
    one, other = ([getattr(side, key) for key in keys] for side in (line.before, line.after))
    swing = line.swing
    return [
        *(line.before.persons, *one, line.after.persons, *other),
        *(new - old for old, new in zip(one, other, strict=True)),
        *(swing.winners, swing.won_fen, swing.losers, swing.lost_fen, swing.uncompared),
    ]
