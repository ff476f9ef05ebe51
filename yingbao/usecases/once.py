"""The frame of every use case that changes something: one transaction, one answer per request id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from yingbao.accounts import requests
from yingbao.accounts.actors import Actor
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work


def once(actor: Actor, *, key: str, use_case: str, inputs: Json, at: datetime, effect: Callable[[], Json]) -> Json:
    """Run ``effect`` in one transaction and remember its answer under ``key``; a repeated key gets that answer.

    Only who asked first gets it: raises Conflict where ``key`` came before from somebody else or with other
    ``inputs``, since an answer tells of records the other may not see. Whatever ``effect`` raises undoes everything.
    """
    inputs = {"actor": actor.user_id, **inputs}
    with unit_of_work():
        held = requests.find_answer(key, use_case=use_case, inputs=inputs)
        if held is not None:
            return dict(held)
        answer = effect()
        requests.remember(key, use_case=use_case, inputs=inputs, answer=answer, at=at)
        return answer
