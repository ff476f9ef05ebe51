"""A fact sheet as a Markdown page in one language; amounts in yuan, days as YYYY-MM-DD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from yingbao.kernel.messages import N_, Message, say, translate
from yingbao.policy.factsheet.parts import Chapter, Example, FactSheet, Point, Section, Table
from yingbao.policy.factsheet.subject import yuan
from yingbao.policy.load import Rule
from yingbao.policy.saying import say_span
from yingbao.policy.wording import STATUSES

_SPECIAL = re.compile(r"([\\|<*`\[\]])")


def write_markdown(sheet: FactSheet, language: str) -> str:
    """Return the sheet as Markdown in ``language`` ("zh…" or "en")."""
    page = _Page(sheet, language)
    return "\n".join(page.lines()).rstrip("\n") + "\n"


def escape(said: str) -> str:
    """Return a text so that no character of it is Markdown, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(said.split()))


class _Page:
    def __init__(self, sheet: FactSheet, language: str) -> None:
        self.sheet, self.language = sheet, language
        self.several_layers = len(sheet.layers) > 1

    def speak(self, message: Message | str) -> str:
        """Return a text of the pack, or a marked one of ours, safe in a line of Markdown."""
        said = message.render(self.language) if isinstance(message, Message) else translate(message, self.language)
        return escape(said)

    def lines(self) -> Iterator[str]:
        """Yield the page line by line."""
        sheet = self.sheet
        yield f"# {self.speak(sheet.title)}"
        yield ""
        made = N_("由政策包生成：yingbao policy sheet {pack}。请勿手工修改。金额以元计；日期的末日包括在内。")
        yield f"`{sheet.name}` · {self.speak(say(made, pack=sheet.name))}"
        for section in sheet.sections:
            yield from self.section(section)
        yield from self.questions()
        if sheet.chapters:
            yield from self.heading(N_("示例"))
            yield self.speak(N_("以下每一例都由系统测算，不是手工填写；依据为所适用的条款。"))
            for chapter in sheet.chapters:
                yield from self.chapter(chapter)
        yield from self.readings()
        yield from self.clauses()

    def heading(self, title: Message | str, level: int = 2) -> Iterator[str]:
        """Yield a heading between blank lines."""
        yield from ("", f"{'#' * level} {self.speak(title)}", "")

    def section(self, section: Section) -> Iterator[str]:
        """Yield a section: its sentences, its tables."""
        yield from self.heading(section.title)
        for point in section.points:
            yield f"- {self.point(point)}"
        for table in section.tables:
            if section.points or table.caption is not None:
                yield ""
            if table.caption is not None:
                yield from (f"**{self.speak(table.caption)}**", "")
            yield from self.table(table)

    def point(self, point: Point) -> str:
        """Return a sentence, its clauses and where it comes from."""
        rules = f" {self.rules(point.rules)}" if point.rules else ""
        origin = f" ({point.origin})" if point.origin and self.several_layers else ""
        return f"{self.speak(point.text)}{rules}{origin}"

    def table(self, table: Table) -> Iterator[str]:
        """Yield a table; clauses and origins are its last columns, where it has any."""
        heads, numbers = [self.speak(head.label) for head in table.heads], [head.number for head in table.heads]
        cited = any(row.rules for row in table.rows)
        origins = self.several_layers and any(row.origin for row in table.rows)
        rows = []
        for row in table.rows:
            cells = [self.speak(cell) for cell in row.cells]
            cells += [self.rules(row.rules)] if cited else []
            rows.append(cells + ([row.origin] if origins else []))
        heads += [self.speak(N_("依据"))] if cited else []
        heads += [self.speak(N_("来自"))] if origins else []
        yield from _draw(heads, rows, numbers)

    def rules(self, rules: Iterable[Rule]) -> str:
        """Return links to clauses further down."""
        return ", ".join(f"[{rule.id}](#{rule.id})" for rule in rules)

    def chapter(self, chapter: Chapter) -> Iterator[str]:
        """Yield the examples of one thing as a table."""
        yield from self.heading(chapter.title, 3)
        others = any(example.others.render("zh") != "–" for example in chapter.examples)
        heads = [N_("示例"), N_("事实"), N_("结果"), N_("标准"), N_("资助"), N_("应缴"), N_("财政补助")]
        heads += [N_("其他"), N_("待遇"), N_("依据")] if others else [N_("待遇"), N_("依据")]
        rows = [self.example(example, others=others) for example in chapter.examples]
        yield from _draw([self.speak(head) for head in heads], rows, [3 <= place <= 6 for place in range(len(heads))])

    def example(self, example: Example, *, others: bool) -> list[str]:
        """Return the cells of an example."""
        decision = example.decision
        return [
            self.speak(example.title),
            self.speak(example.facts),
            self.speak(STATUSES[decision.status]),
            self.speak(yuan(decision.rate_fen)),
            self.speak(example.subsidy),
            self.speak(yuan(decision.payable_fen)),
            self.speak(yuan(decision.fiscal_subsidy_fen)),
            *([self.speak(example.others)] if others else []),
            self.cover(decision.covered_from, decision.covered_to),
            self.rules(example.rules),
        ]

    def cover(self, begin: date | None, end: date | None) -> str:
        """Return the days of cover; a dash where there are none, or they are not said."""
        return "–" if begin is None else self.speak(say_span(begin, end))

    def questions(self) -> Iterator[str]:
        """Yield where the notice is silent or doubtful, and what to ask."""
        if not self.sheet.questions and not self.sheet.findings:
            return
        yield from self.heading(N_("通知未规定之处和待请示的问题"))
        for rule in self.sheet.questions:
            assert rule.ask is not None
            yield f"- {self.rules([rule])} {self.speak(rule.ask)}"
        for finding in self.sheet.findings:
            yield f"- {self.speak(finding.message)}" + (f" {self.speak(finding.ask)}" if finding.ask else "")

    def readings(self) -> Iterator[str]:
        """Yield how sentences that leave room are read, and why."""
        if self.sheet.readings:
            yield from self.heading(N_("理解"))
            yield self.speak(N_("通知留有余地的地方，按下述理解办理，请予确认。"))
            yield ""
        for rule in self.sheet.readings:
            assert rule.interpretation is not None
            yield f"- {self.rules([rule])} {self.speak(rule.interpretation)}"

    def clauses(self) -> Iterator[str]:
        """Yield every rule with its sentence and where it stands."""
        yield from self.heading(N_("全部条款"))
        for rule in self.sheet.clauses:
            said = f"{self.speak(rule.title)}: {self.speak(rule.text)}{self.source(rule)}"
            yield f'- <a id="{rule.id}"></a>**{rule.id}** {said}'

    def source(self, rule: Rule) -> str:
        """Return the document, the clause and the pack a rule comes from, in brackets."""
        if rule.document is None:
            return f" ({self.speak(N_('系统规则'))})"
        name = rule.document.number or rule.document.title.text.render(self.language)
        parts = [name, rule.clause or "", rule.origin if self.several_layers else ""]
        return f" ({escape(' · '.join(part for part in parts if part))})"


def _draw(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[bool]) -> Iterator[str]:
    marks = [" ---: |" if place < len(numbers) and numbers[place] else " --- |" for place in range(len(heads))]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "".join(marks)
    for row in rows:
        yield f"| {' | '.join(row)} |"
