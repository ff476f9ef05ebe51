"""Making every blind index anew under another index key: all in one transaction, while the site stands still.

An index is a hash: it cannot be turned into another, only made again from the text it finds. Certificates lie
sealed beside theirs. A remembered match holds no text; the question it answered does, and gives it its new key.
A memory whose question is gone cannot be found any more and is forgotten: the row will be asked about once again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import models

from yingbao.registry.models import (
    FormerCertificate,
    MatchMemory,
    MatchQuestion,
    Resident,
    StagedMember,
    StagedPerson,
)
from yingbao.registry.recognising.proposing import Written
from yingbao.storage.encrypted import index_under, unseal
from yingbao.storage.rotation import Progress, put_rows, take_rows
from yingbao.storage.transactions import operation

# model → the sealed column and the index that finds it
INDEXED: dict[type[models.Model], tuple[str, str]] = {
    Resident: ("certificate_number", "certificate_index"),
    FormerCertificate: ("number", "index"),
    StagedPerson: ("certificate_number", "certificate_index"),
    StagedMember: ("certificate_number", "certificate_index"),
}


@operation
def reindex(key: bytes, progress: Progress) -> int:
    """Give every indexed row its index under ``key``; return how many rows that were."""
    done = 0
    for model, (sealed, index) in INDEXED.items():
        for rows in _batches(model, (sealed,)):
            put_rows(model, (index,), [(pk, index_under(key, unseal(bytes(number)))) for pk, number in rows])
            progress(model._meta.db_table, len(rows))
            done += len(rows)
    return done + _rekey_matches(key, progress)


def is_indexed_under(key: bytes) -> bool | None:
    """Tell whether people are found under ``key``; None where there is nobody to tell by."""
    row = Resident.objects.order_by("pk").values_list("certificate_number", "certificate_index").first()
    return None if row is None else index_under(key, str(row[0])) == bytes(row[1])


def _rekey_matches(key: bytes, progress: Progress) -> int:
    renewed: dict[bytes, bytes] = {}
    for rows in _batches(MatchQuestion, ("written", "key")):
        fresh = [(pk, index_under(key, _text(bytes(written))), bytes(old)) for pk, written, old in rows]
        renewed.update((old, new) for _pk, new, old in fresh)
        put_rows(MatchQuestion, ("key",), [(pk, new) for pk, new, _old in fresh])
        progress(MatchQuestion._meta.db_table, len(rows))
    memories = [(pk, bytes(old)) for pk, old in MatchMemory.objects.order_by("pk").values_list("pk", "key")]
    kept = [(pk, renewed[old]) for pk, old in memories if old in renewed]
    MatchMemory.objects.filter(pk__in=[pk for pk, old in memories if old not in renewed]).delete()
    if kept:
        put_rows(MatchMemory, ("key",), kept)
    return len(kept)


def _text(written: bytes) -> str:
    held = json.loads(unseal(written))
    return Written(0, held["number"], held["name"]).text


def _batches(model: type[models.Model], columns: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    after = None
    while rows := take_rows(model, columns, after=after):
        yield rows
        after = rows[-1][0]
