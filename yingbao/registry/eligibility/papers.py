"""Reviews of who may enrol (BN-2, PJ-2, PJ-8.3.1): what was handed in, who waits, who was refused and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.certificates import normalise
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry.eligibility.evidence import Document
from yingbao.registry.kinds import Eligibility, Evidence
from yingbao.registry.models import Attachment, EligibilityReview, Resident
from yingbao.storage.transactions import operation

# --- what pages read ------------------------------------------------------------------------------------------------


def waiting(actor: Actor) -> QuerySet[EligibilityReview]:
    """Return the reviews that await a word in the actor's divisions, oldest first. Needs SEE_RESIDENTS."""
    return _seen(actor).filter(state=Eligibility.PENDING).annotate(scans=Count("attachments")).order_by("id")


def review(actor: Actor, review_id: int) -> EligibilityReview:
    """Return one review the actor may see, its attachments at hand. Raises NotFound."""
    found = _seen(actor).prefetch_related("attachments").filter(pk=review_id).first()
    if found is None:
        raise _not_found()
    return found


def reviews_of(resident_id: int) -> list[EligibilityReview]:
    """Return a resident's reviews, newest first. The caller was allowed to see the resident."""
    found = EligibilityReview.objects.filter(resident_id=resident_id).prefetch_related("attachments")
    return list(found.select_related("submitted_by", "reviewed_by").order_by("-id"))


def why_refused(resident_ids: Iterable[int]) -> dict[int, str]:
    """Return resident id → the reason of the last refusal, of those who are refused now."""
    refused = EligibilityReview.objects.filter(
        resident_id__in=list(resident_ids), state=Eligibility.REFUSED, resident__eligibility=Eligibility.REFUSED
    )
    return dict(refused.order_by("id").values_list("resident_id", "reason"))  # the last one stays


def attachment(attachment_id: int) -> Attachment:
    """Return an attachment with its review's resident; the caller judges the scope. Raises NotFound."""
    found = Attachment.objects.select_related("review__resident").filter(pk=attachment_id).first()
    if found is None:
        raise _not_found()
    return found


def _seen(actor: Actor) -> QuerySet[EligibilityReview]:
    actor.must(Right.SEE_RESIDENTS)
    within = Q(resident__division_id__gte=actor.scope.low, resident__division_id__lt=actor.scope.high)
    people = ("resident__division", "resident__household", "submitted_by", "reviewed_by")
    return EligibilityReview.objects.filter(within).select_related(*people)


def _not_found() -> NotFound:
    return NotFound(say(N_("没有找到，或不在您的管理范围内。")))


# --- what use cases write -------------------------------------------------------------------------------------------


@operation
def hand_in(actor: Actor, person: Resident, *, basis: str, document: Document, at: datetime) -> EligibilityReview:
    """Record a document handed in for a locked person; a review that was asked for and has no papers yet gets them.

    Raises Refused where papers are being reviewed already.
    """
    held = EligibilityReview.objects.filter(resident=person, state=Eligibility.PENDING).first()
    if held is not None and held.attachments.exists():
        raise Refused(
            say(N_("这个人已有材料在等待审核。")), todo=say(N_("请等镇街审核后再提交；材料有误的，请审核人退回。"))
        )
    found = held or EligibilityReview(resident=person)
    found.basis, found.evidence = basis, document.evidence
    found.document_number, found.valid_until = normalise(document.number) or None, document.valid_until
    found.submitted_by_id, found.submitted_at = actor.user_id, at
    found.save()
    return found


@operation
def lock_waiting(review_id: int) -> EligibilityReview:
    """Return a review that awaits a word, locked until the transaction ends. The person has been locked before.

    Raises Refused where somebody has decided already.
    """
    found = EligibilityReview.objects.select_for_update().get(pk=review_id)
    if found.state != Eligibility.PENDING:
        raise Refused(say(N_("这份材料已经审核过了。")), todo=say(N_("请刷新页面查看结果。")))
    return found


@operation
def decide(actor: Actor, found: EligibilityReview, *, state: Eligibility, reason: str, at: datetime) -> None:
    """Write the word on a locked review; the database refuses the word of whoever handed the papers in."""
    found.state, found.reason = state, reason
    found.reviewed_by_id, found.reviewed_at = actor.user_id, at
    found.save(update_fields=["state", "reason", "reviewed_by", "reviewed_at"])


def rests_on(person: Resident, basis: Sequence[str], *, but: int) -> bool:
    """Tell whether an accepted person's eligibility rests on a group alone: ``basis`` are its names (id, rule).

    It does where the last review that accepted them was for it or, without one, where the register's basis names no
    other group. ``but`` is the review being decided.
    """
    accepted = EligibilityReview.objects.filter(resident=person, state=Eligibility.ACCEPTED).exclude(pk=but)
    last = accepted.order_by("-reviewed_at", "-id").values_list("basis", flat=True).first()
    return (last or person.basis) in basis


def document_of(found: EligibilityReview) -> Document:
    """Return the document a review is about."""
    return Document(Evidence(found.evidence), found.document_number or "", found.valid_until)
