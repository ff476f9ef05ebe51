"""Explanations over HTTP: one person's facts in, the decision and the tree that led to it out."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from yingbao.api.people import DecisionOut, ErrorOut, PersonIn
from yingbao.policy import get_policy
from yingbao.policy.explaining import Part, State, as_plain

router = Router()


class TextOut(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class NodeRuleOut(Schema):
    """A rule a node rests on: what the notice says and where, how it is read, what is to be asked, whose pack."""

    id: str
    title: TextOut
    text: TextOut
    document: TextOut | None
    clause: str | None
    interpretation: TextOut | None = Field(description="how the sentence is read, where it leaves room")
    ask: TextOut | None = Field(description="what the notice leaves open")
    origin: str = Field(description="the pack the rule stands in")


class NodeOut(Schema):
    """One thing looked at, and all below it. ``state``: what came of it; ``code``: the pack's own word for it."""

    part: Part
    code: str
    label: TextOut
    detail: TextOut
    state: State
    amount_fen: int | None = Field(description="of a term signed, so that terms add up to the sum above them")
    rules: list[NodeRuleOut]
    children: list[NodeOut]


class ExplanationOut(Schema):
    """The decision, as ``assess`` gives it, and how it came about."""

    policy: str
    hash: str = Field(description="of the pack: the same hash decides the same")
    decision: DecisionOut
    tree: NodeOut


Answers = {200: ExplanationOut, 400: ErrorOut, 404: ErrorOut}


@router.post("/policies/{name}/explain", response=Answers)
def explain_person(request: HttpRequest, name: str, person: PersonIn) -> ExplanationOut:
    """Explain one person's decision by a pack; bad input is explained too, as a decision ``invalid``."""
    return _explain(name, person)


@router.get("/policies/{name}/explain", response=Answers)
def explain_person_of_query(request: HttpRequest, name: str, person: Query[PersonIn]) -> ExplanationOut:
    """Explain one person's decision, the facts in the query string; for made-up people, as addresses are logged."""
    return _explain(name, person)


def _explain(name: str, asked: PersonIn) -> ExplanationOut:
    policy, person = get_policy(name), asked.as_person()
    decision = policy.assess(person, asked.as_of)
    tree = policy.explain_whole(person, decision, asked.as_of)
    return ExplanationOut(
        policy=policy.name,
        hash=policy.hash,
        decision=DecisionOut.model_validate(decision, from_attributes=True),
        tree=NodeOut.model_validate(as_plain(tree)),
    )
