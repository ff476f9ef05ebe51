"""The caller's id makes a request happen once: same id and input, same answer; same id, other input, conflict."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.crypto import salted_hmac

from yingbao.accounts.models import AnsweredRequest
from yingbao.kernel.errors import Conflict
from yingbao.kernel.messages import N_, say
from yingbao.storage.bulk import insert_rows
from yingbao.storage.fields import Json
from yingbao.storage.questions import Question
from yingbao.storage.transactions import operation

_ANSWER = Question(
    lambda *, key: AnsweredRequest.objects.filter(key=key).values_list("use_case", "input_hash", "answer")
)


def fingerprint(inputs: Json) -> str:
    """Return the hash that tells whether two requests ask for the same thing.

    Keyed: inputs hold phones and account numbers, which a plain hash would give away to whoever tries them all.
    """
    canonical = json.dumps(inputs, sort_keys=True, ensure_ascii=False, default=str)
    return salted_hmac("yingbao.requests", canonical, algorithm="sha256").hexdigest()


@operation
def find_answer(key: str, *, use_case: str, inputs: Json) -> Any | None:
    """Return the answer already given to this request, or None; holds off others with the same key until commit.

    Raises Conflict where the key was used for something else.
    """
    if connection.vendor == "postgresql":  # SQLite has one writer at a time anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    held = _ANSWER.ask(key=key)
    if not held:
        return None
    ((held_use_case, held_hash, answer),) = held
    if (held_use_case, held_hash) != (use_case, fingerprint(inputs)):
        raise Conflict(
            say(N_("这个请求编号已用于另一项内容不同的业务。")),
            todo=say(N_("请刷新页面后重新提交；原来的业务没有受影响。")),
        )
    return answer


@operation
def remember(key: str, *, use_case: str, inputs: Json, answer: Any, at: datetime) -> None:
    """Keep the answer beside its effect, in the same transaction."""
    row = (key, use_case, fingerprint(inputs), answer, at)
    insert_rows(AnsweredRequest, ("key", "use_case", "input_hash", "answer", "at"), [row])
