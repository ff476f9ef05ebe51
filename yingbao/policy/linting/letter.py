"""All questions of a pack as one letter to the authority, numbered and ready to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.linting.subject import Finding, cite, join
from yingbao.policy.load import Pack


def write_letter(pack: Pack, findings: Sequence[Finding], language: str) -> str:
    """Return the letter that asks what ``findings`` leave open: first what is unsaid, then the readings to confirm."""
    return "\n".join(line.render(language) if line else "" for line in _lines(pack, findings))


def list_questions(findings: Iterable[Finding]) -> list[Message]:
    """Return the questions of findings, each once, in their order."""
    return list({str(finding.ask): finding.ask for finding in findings if finding.ask is not None}.values())


def _lines(pack: Pack, findings: Sequence[Finding]) -> Iterator[Message | None]:
    unsettled = [finding for finding in findings if not _is_reading(pack, finding)]
    open_ones = list_questions(unsettled)
    readings = list_questions(finding for finding in findings if _is_reading(pack, finding))
    documents = pack.file.documents
    yield say(N_("关于{title}有关问题的请示"), title=pack.file.title.text)
    yield None
    if documents:
        issuers = {document.issuer.zh: document.issuer.text for document in documents}
        yield say(N_("{issuers}："), issuers=join(issuers.values()))
    count = len(open_ones) + len(readings)
    papers = join(cite(document, None) for document in documents)
    yield say(N_("在执行{papers}中，有下列 {count} 个问题，请予明确。"), papers=papers, count=count)
    number = 0
    for head, questions in (
        (N_("一、文件没有规定、规定不清或者互相矛盾的"), open_ones),
        (N_("二、请确认理解是否妥当的"), readings),
    ):
        if questions:
            yield None
            yield say(head)
        for question in questions:
            number += 1
            yield say(N_("{number}. {question}"), number=number, question=question)
    yield None
    yield say(N_("妥否，请批复。"))


def _is_reading(pack: Pack, finding: Finding) -> bool:
    """Return whether a finding is a reading to confirm; one whose rule asks a question of its own is more than that."""
    return finding.code == "interpretation" and pack.rules[finding.place.removeprefix("rules.")].ask is None
