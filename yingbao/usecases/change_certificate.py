"""Give a person another certificate: a newborn's ID number, 15 digits become 18, a number that was wrong."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.certificates import Form
from yingbao.registry.editing import entries, records
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.once import once


def change_certificate(
    actor: Actor,
    *,
    resident_id: int,
    version: int,
    number: str,
    birth_on: date | None,
    sex: str,
    reason: str,
    key: str,
    at: datetime,
    form: Form | None = None,
) -> Json:
    """Give a person the certificate ``number``; the old number goes on finding them.

    ``birth_on`` and ``sex`` are what the person's record is to say afterwards: a number that tells otherwise is
    refused, so that a correction is always meant. Returns ``{"resident": id, "changed": whether}``. Raises
    Forbidden, NotFound, BadInput, Refused where the number is somebody else's, Conflict.
    """
    actor.must(Right.EDIT_REGISTER)
    papers = entries.read_papers(number, form=form, birth_on=birth_on, sex=sex, on=timezone.localdate(at))
    why = Why(actor, Action.CERTIFICATE, at, entries.read_reason(reason), key=key)
    inputs = {"resident": resident_id, "version": version, "number": papers.blind.hex(), "reason": reason}

    def effect() -> Json:
        person = records.lock(actor, resident_id, version=version)
        records.claim([papers.blind, blind_index(person.certificate_number)])
        changed = records.replace_certificate(person, papers, on=timezone.localdate(at), why=why)
        audit.record(
            actor,
            "change-certificate",
            subject=("resident", person.pk),
            division_code=person.division_id,
            at=at,
            detail={"kind": papers.kind},
            request_key=key,
        )
        return {"resident": person.pk, "changed": changed}

    inputs |= {"birth": papers.birth_on, "sex": papers.sex}
    return once(actor, key=key, use_case="change-certificate", inputs=inputs, at=at, effect=effect)
