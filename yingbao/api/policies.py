"""Policies over HTTP: which there are, what a rule says, what one person pays. Holds and asks for nobody's data."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from yingbao.api import channels
from yingbao.api.explaining import router
from yingbao.api.people import DecisionOut, ErrorOut, PersonIn
from yingbao.kernel.errors import Conflict, Forbidden, NotFound, YingbaoError
from yingbao.kernel.messages import Message
from yingbao.policy import get_policy, list_packs

api = NinjaAPI(title="yingbao", version="1", auth=django_auth, docs_url=None)
api.add_router("", router)
api.add_router("", channels.router)
STATUSES: dict[type[YingbaoError], int] = {Forbidden: 403, NotFound: 404, Conflict: 409}


class PolicyOut(Schema):
    """A pack by name."""

    name: str
    year: int
    title_zh: str
    title_en: str
    hash: str


class RuleOut(Schema):
    """A rule of a pack; ``interpretation`` where the notice leaves room."""

    id: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    document: str | None
    clause: str | None
    interpretation_zh: str | None
    interpretation_en: str | None


@api.get("/policies", response=list[PolicyOut])
def list_policies(request: HttpRequest) -> list[PolicyOut]:
    """List the packs that ship with the system."""
    policies = [get_policy(name) for name in list_packs()]
    return [
        PolicyOut(name=p.name, year=p.year, title_zh=p.title.zh, title_en=p.title.en, hash=p.hash) for p in policies
    ]


@api.get("/policies/{name}/rules/{rule_id}", response={200: RuleOut, 404: ErrorOut})
def explain_rule(request: HttpRequest, name: str, rule_id: str) -> RuleOut:
    """Return what a rule says and where it stands."""
    rule = get_policy(name).explain(rule_id)
    return RuleOut(
        id=rule.id,
        title_zh=rule.title.render("zh"),
        title_en=rule.title.render("en"),
        text_zh=rule.text.render("zh"),
        text_en=rule.text.render("en"),
        document=rule.document.title.zh if rule.document else None,
        clause=_said(rule.clause),
        interpretation_zh=rule.interpretation.render("zh") if rule.interpretation else None,
        interpretation_en=rule.interpretation.render("en") if rule.interpretation else None,
    )


@api.post("/policies/{name}/assess", response={200: DecisionOut, 400: ErrorOut, 404: ErrorOut})
def assess_person(request: HttpRequest, name: str, person: PersonIn) -> DecisionOut:
    """Assess one person by a pack; bad input is an answer with status ``invalid``, as in files."""
    decision = get_policy(name).assess(person.as_person(), as_of=person.as_of)
    return DecisionOut.model_validate(decision, from_attributes=True)


@api.exception_handler(YingbaoError)
def tell_error(request: HttpRequest, error: YingbaoError | type[YingbaoError]) -> object:
    """Answer an error with its code and sentence."""
    assert isinstance(error, YingbaoError)
    answer = {"code": error.code, "zh": error.render("zh"), "en": error.render("en")}
    return api.create_response(request, answer, status=STATUSES.get(type(error), 400))


def _said(text: Message | str | None) -> str | None:
    return None if text is None else str(text)
