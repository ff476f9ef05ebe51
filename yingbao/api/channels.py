"""A channel tells of a payment: signed by its secret, answered once and the same again. See docs/channels.md."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from ninja.errors import AuthenticationError
from pydantic import AwareDatetime, Field, StrictInt

from yingbao.api.people import ErrorOut
from yingbao.policy import get_policy
from yingbao.storage.fields import Json
from yingbao.usecases.channels import machine_of
from yingbao.usecases.take_word import Word, take_word

router = Router()
SIGNATURE = "X-Yingbao-Signature"
PREFIX = "sha256="
FRESH_FOR = timedelta(minutes=5)
LONGEST_BODY = 64 * 1024  # twenty numbers and the rest are not a tenth of it


class WordIn(Schema):
    """One payment. ``order`` is the number our code said; without one, ``people`` are the certificate numbers."""

    reference: str = Field(description="the channel's own number of the payment, at most 60 characters")
    amount_fen: StrictInt
    paid_at: AwareDatetime
    sent_at: AwareDatetime = Field(description="now; a word older than five minutes is not listened to")
    order: str = Field("", max_length=32)
    people: list[str] = Field(default_factory=list, max_length=20)


class TakenOut(Schema):
    """What became of the money: ``paid`` dues it paid, ``surplus_fen`` what waits to go back."""

    payment: int | None
    paid: int
    surplus_fen: int
    unmatched: bool


def signature(secret: str, body: bytes) -> str:
    """Return what the header must say for a body."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(request: HttpRequest) -> str | None:
    """Return the channel whose secret signed the request; None, which is 401, without telling what was wrong.

    A body longer than any word is not read, whoever it is from.
    """
    if _length(request) > LONGEST_BODY:
        return None
    channel = str(request.resolver_match.kwargs.get("channel", "")) if request.resolver_match else ""
    secret = settings.YINGBAO_CHANNEL_SECRETS.get(channel)
    given = request.headers.get(SIGNATURE, "")
    # Compared even where there is no such channel: it takes as long.
    holds = hmac.compare_digest(signature(secret or "nobody's", request.body).encode(), given.encode())
    return channel if secret and holds else None


def _length(request: HttpRequest) -> int:
    """Return how long the body says it is; without a length Django reads none of it."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) <= 18 else LONGEST_BODY + 1


Answers = {200: TakenOut, 404: TakenOut, 400: ErrorOut, 403: ErrorOut, 409: ErrorOut}


@router.post("/channels/{channel}/payments", response=Answers, auth=signed)
def tell_payment(request: HttpRequest, channel: str, word: WordIn) -> Status[Json]:
    """Take in a payment. What was taken is never refused: 404 means that it is kept, and for nobody we know."""
    if abs(timezone.now() - word.sent_at) > FRESH_FOR:
        raise AuthenticationError
    policy = get_policy(settings.YINGBAO_POLICY)
    said = Word(
        channel=channel,
        reference=word.reference,
        amount_fen=word.amount_fen,
        paid_at=word.paid_at,
        order=word.order,
        people=tuple(word.people),
    )
    answer = take_word(machine_of(channel, policy), said, policy_name=policy.name, at=_now())
    return Status(200 if answer["payment"] else 404, answer)


def _now() -> datetime:
    """Return this moment; on a demo's fixed day its hour and minute are the real ones."""
    now = timezone.localtime()
    day = settings.YINGBAO_TODAY
    return datetime.combine(datetime.fromisoformat(day).date(), now.timetz()) if day else now
