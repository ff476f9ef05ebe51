"""From an explained decision to the letter that says so. Needs no database: the command line writes letters too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yingbao.documents import Addressee, Letter, LetterClause, LetterRow, decision_letter_pdf
from yingbao.kernel.messages import Message
from yingbao.policy import Policy, Rule, Step
from yingbao.policy.explain import list_steps
from yingbao.policy.explaining import Node


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a letter is issued, in which language, and to whom (None: worked out for nobody in particular)."""

    issued_on: date
    language: str
    to: Addressee | None = None


def write_letter(policy: Policy, tree: Node, occasion: Occasion) -> bytes:
    """Return the decision explained by ``tree`` as a PDF letter. Raises Refused where its amounts do not add up."""
    return decision_letter_pdf(make_letter(policy, tree, occasion))


def make_letter(policy: Policy, tree: Node, occasion: Occasion) -> Letter:
    """Return what the letter states."""
    speak = _Speaker(occasion.language)
    payable = next(iter(tree.find("payable")), None)
    return Letter(
        language=occasion.language,
        insurance_year=policy.year,
        answer=speak(tree.detail),
        facts=[(speak(fact.label), speak(fact.detail)) for fact in tree.find("fact")],
        rows=[_row(step, speak, tree) for step in list_steps(tree)],
        terms_fen=[term.amount_fen or 0 for term in payable.children] if payable else [],
        payable_fen=payable.amount_fen if payable else None,
        clauses=[_clause(rule, speak) for rule in _rules_of(tree)],
        policy_title=speak(policy.title),
        policy_mark=f"{policy.name} {policy.hash[:12]}",
        issued_on=occasion.issued_on,
        to=occasion.to,
    )


@dataclass(frozen=True, slots=True)
class _Speaker:
    language: str

    def __call__(self, message: Message | None) -> str:
        return message.render(self.language) if message else ""


def _row(step: Step, speak: _Speaker, tree: Node) -> LetterRow:
    """Return a line: with the amount it has in the sum, or beside it in brackets where it is no part of the sum."""
    terms = {term.code: term for term in tree.find("term")}
    term = terms.get(step.part)
    counts = term is not None or step.part in ("payable", "coverage", "problem")
    return LetterRow(
        item=speak(term.label if term and step.part == "fiscal" else step.label),
        why=speak(step.detail),
        amount_fen=term.amount_fen if term else step.amount_fen,
        basis=" ".join(rule.id for rule in step.rules),
        counts=counts,
        dim=step.part == "identity" and not step.won,
        total=step.part == "payable",
    )


def _rules_of(tree: Node) -> Iterator[Rule]:
    """Yield the rules of the lines, each once: what was tried in vain is on the page and not in the letter."""
    yield from {rule.id: rule for step in list_steps(tree) for rule in step.rules}.values()


def _clause(rule: Rule, speak: _Speaker) -> LetterClause:
    document = speak(rule.document.title.text) if rule.document else ""
    number = f" {rule.document.number}" if rule.document and rule.document.number else ""
    return LetterClause(
        id=rule.id,
        title=speak(rule.title),
        text=speak(rule.text),
        source=" ".join(part for part in (document + number, rule.clause or "") if part),
        interpretation=speak(rule.interpretation),
        question=speak(rule.ask),
    )
