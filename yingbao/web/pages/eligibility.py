"""Who may enrol: handing in evidence on a person's page, the town's queue, the word on each, the scans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy
from yingbao.policy.listings import Group
from yingbao.registry import queries as registry
from yingbao.registry import shown
from yingbao.registry.eligibility import papers as reviews_of
from yingbao.registry.eligibility.attachments import LARGEST_BYTES, MOST, PDF, Scan
from yingbao.registry.eligibility.evidence import Document, group_of, telling
from yingbao.registry.kinds import Eligibility, ElsewhereKind, Evidence
from yingbao.usecases.review_eligibility import Word, read_attachment, review_eligibility
from yingbao.usecases.submit_eligibility import submit_eligibility
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import attach, changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, parse_date, read_key, read_text

CHOICE = ":"  # between a group and the document that shows it, in the form's one choice


@dataclass(frozen=True, slots=True)
class Offered:
    """A group of the notice as the form offers it, with the documents that tell it and what comes with them."""

    id: str
    name: str
    rule: str
    evidence: tuple[Evidence, ...]
    beside: str


@shows(Right.SEE_RESIDENTS)
def eligibility(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show what was handed in for a person and what became of it; offer to hand in more."""
    person = registry.resident(request.actor, resident_id)
    policy, found = policies.current(), reviews_of.reviews_of(resident_id)
    waits = any(one.state == Eligibility.PENDING and one.attachments.all() for one in found)
    context = {
        "person": person,
        "reviews": [row_of(policy, one) for one in found],
        "groups": [_offered(one) for one in policy.file.groups],
        "submits": request.actor.may(Right.SUBMIT_ELIGIBILITY) and person.state == "present" and not waits,
        "most": MOST,
        "key": new_key(),
    }
    return render(request, "web/eligibility.html", context)


@changes(Right.SUBMIT_ELIGIBILITY)
def submit(request: WebRequest, resident_id: int) -> HttpResponse:
    """Take a document and its scans."""
    key = read_key(request)
    basis, document = read_document(request)
    answer = submit_eligibility(
        request.actor,
        resident_id=resident_id,
        basis=basis,
        document=document,
        scans=read_scans(request),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=key,
        at=read_now(),
    )
    messages.success(request, _("材料已提交，等待镇街社保所审核。"))
    for doubt in answer["doubts"]:
        messages.warning(request, say(doubt).render(get_language() or "zh"))
    return redirect("eligibility", resident_id=resident_id)


def read_document(request: WebRequest) -> tuple[str, Document]:
    """Return the group's id and the document of the form. Raises BadInput."""
    basis, _sep, evidence = read_text(request, "choice", limit=80).partition(CHOICE)
    if evidence not in Evidence.values:
        raise BadInput(say(N_("请选择参保对象类别和证件。")))
    day = read_text(request, "valid_until", limit=10)
    number = read_text(request, "number", limit=60)
    return basis, Document(Evidence(evidence), number, parse_date(day) if day else None)


def read_scans(request: WebRequest) -> list[Scan]:
    """Return the files of the form; one that is too large comes without the rest of its bytes."""
    sent = request.FILES.getlist("scan")[: MOST + 1]
    return [Scan(one.name or "", one.read(LARGEST_BYTES + 1)) for one in sent]


@shows(Right.SEE_RESIDENTS)
def reviews(request: WebRequest) -> HttpResponse:
    """List what awaits a word, oldest first."""
    page = paginate(request, reviews_of.waiting(request.actor))
    policy = policies.current()
    return render(request, "web/reviews.html", {"page": page, "rows": [row_of(policy, one) for one in page]})


@shows(Right.SEE_RESIDENTS)
def review(request: WebRequest, review_id: int) -> HttpResponse:
    """Show the evidence of one review beside what the register says, and ask for the word."""
    found = reviews_of.review(request.actor, review_id)
    kind = shown.elsewhere_on([found.resident_id], read_today()).get(found.resident_id)
    waits = found.state == Eligibility.PENDING
    context = row_of(policies.current(), found) | {
        "person": found.resident,
        "scans": list(found.attachments.all()),
        "pdf": PDF,
        "elsewhere": ElsewhereKind(kind).label if kind else "",
        "expired": bool(found.valid_until and found.valid_until < read_today()),
        "decides": waits and request.actor.may(Right.REVIEW_ELIGIBILITY),
        "own": found.submitted_by_id == request.actor.user_id,
        "key": new_key(),
    }
    return render(request, "web/review.html", context)


@changes(Right.REVIEW_ELIGIBILITY)
def decide(request: WebRequest, review_id: int) -> HttpResponse:
    """Take the word: accepted, or refused with a reason."""
    key, act = read_key(request), read_text(request, "act")
    if act not in ("accept", "refuse"):
        raise BadInput(say(N_("请选择通过或不予通过。")))
    review_eligibility(
        request.actor,
        review_id=review_id,
        word=Word(act == "accept", read_text(request, "reason")),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=key,
        at=read_now(),
    )
    messages.success(request, _("已审核通过。") if act == "accept" else _("已退回，原因会显示在居民页面。"))
    return redirect("reviews")


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def attachment(request: WebRequest, attachment_id: int) -> HttpResponse:
    """Give a scan: a picture is shown in the page, a PDF is saved. Every look is in the trail."""
    found = read_attachment(request.actor, attachment_id=attachment_id, at=read_now())
    if found.media_type == PDF:
        return attach(found.content, name=found.name, kind=PDF)
    return HttpResponse(found.content, content_type=found.media_type)


def row_of(policy: Policy, found: Any) -> dict[str, Any]:
    """Return a review with the group it is about; None where the site's notice knows none of that name."""
    group = group_of(policy, found.basis, found.evidence)
    return {"review": found, "group": _offered(group) if group else None}


def _offered(group: Group) -> Offered:
    own = telling(group)
    beside = [Evidence(one).label for one in group.evidence if one in Evidence.values and one not in own]
    name = group.en if get_language() == "en" else group.zh
    return Offered(group.id, name, group.rule or group.id, own, "、".join(map(str, beside)))
