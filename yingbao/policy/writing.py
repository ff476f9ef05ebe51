"""Results as files: the same columns as CSV and as Parquet.

Nearly everything of a row follows from its outcome, and there are only some hundreds of those; so a row is put
together from finished pieces of text (CSV) or by indices into small columns (Parquet).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yingbao.policy.engine import Assessment
from yingbao.policy.outcomes import Outcome
from yingbao.policy.people import NO_DAY, to_date, to_day
from yingbao.policy.policy import Policy

AMOUNTS = ("rate_fen", "subsidy_fen", "payable_fen", "fiscal_subsidy_fen")
COLUMNS = (
    *("person_id", "status", "rate_fen", "subsidy_fen", "subsidy_identity", "payable_fen"),
    *("fiscal_subsidy_fen", "covered_from", "covered_to", "reasons"),
)
_WORDS = pa.dictionary(pa.int32(), pa.string())
_SPECIAL = (b",", b'"', b"\n", b"\r")


class Results(ABC):
    """Writes answers to a stream, batch by batch."""

    def __init__(self, policy: Policy, stream: Any) -> None:
        self._policy = policy
        self._stream = stream
        self._known = 0  # outcomes the tables below were made from

    def write(self, person_ids: Any, assessment: Assessment) -> None:
        """Write one batch; ``person_ids`` is a StringArray without nulls."""
        if len(assessment.outcomes) > self._known:
            self._known = len(assessment.outcomes)
            self._prepare(assessment.outcomes)
        self._write_batch(person_ids, assessment)

    @abstractmethod
    def _prepare(self, outcomes: list[Outcome]) -> None: ...

    @abstractmethod
    def _write_batch(self, person_ids: Any, assessment: Assessment) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """Finish the file; the stream stays open."""


class CsvResults(Results):
    """CSV in UTF-8, a line feed after each row."""

    def __init__(self, policy: Policy, stream: Any) -> None:
        super().__init__(policy, stream)
        self._stream.write((",".join(COLUMNS) + "\n").encode())
        self._first_day, self._days = _list_days(policy)
        self._pieces: list[tuple[str, str]] = []

    def _prepare(self, outcomes: list[Outcome]) -> None:
        self._pieces += [(_head(outcome), _tail(outcome)) for outcome in outcomes[len(self._pieces) :]]
        self._heads = pa.array([head for head, _ in self._pieces], pa.string())
        self._tails = pa.array([tail for _, tail in self._pieces], pa.string())

    def _write_batch(self, person_ids: Any, assessment: Assessment) -> None:
        numbers = pa.array(assessment.numbers)
        begins = assessment.begins
        days = pa.array(np.where(begins == NO_DAY, 0, begins - np.int32(self._first_day) + 1).astype(np.int32))
        parts = (_quote(person_ids), self._heads.take(numbers), self._days.take(days), self._tails.take(numbers))
        self._stream.write(_bytes_of(pc.binary_join_element_wise(*parts, "")))

    def close(self) -> None:
        """Nothing is held back."""


class ParquetResults(Results):
    """Parquet with the words dictionary-encoded and amounts as 32-bit fen."""

    def __init__(self, policy: Policy, stream: Any) -> None:
        super().__init__(policy, stream)
        self._writer = pq.ParquetWriter(stream, _SCHEMA, compression="zstd", use_dictionary=_DICTIONARY_COLUMNS)

    def _prepare(self, outcomes: list[Outcome]) -> None:
        self._columns = {name: pa.array([getattr(o, name) for o in outcomes], pa.int32()) for name in AMOUNTS}
        self._columns["covered_to"] = pa.array([to_date(o.ends) for o in outcomes], pa.date32())
        for name, words in (
            ("status", [o.status for o in outcomes]),
            ("subsidy_identity", [o.subsidy_identity for o in outcomes]),
            ("reasons", [";".join(o.reasons) for o in outcomes]),
        ):
            self._columns[name] = pa.array(words, pa.string()).dictionary_encode()

    def _write_batch(self, person_ids: Any, assessment: Assessment) -> None:
        numbers = pa.array(assessment.numbers)
        begins = pa.array(assessment.begins, mask=assessment.begins == NO_DAY).cast(pa.date32())
        given = {"person_id": person_ids, "covered_from": begins}
        columns = [given[name] if name in given else self._columns[name].take(numbers) for name in COLUMNS]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=_SCHEMA))

    def close(self) -> None:
        """Write what is held back and the footer."""
        self._writer.close()


_DICTIONARY_COLUMNS = [name for name in COLUMNS if name != "person_id"]
_SCHEMA = pa.schema(
    [
        (name, pa.int32() if name in AMOUNTS else pa.date32() if name.startswith("covered") else _WORDS)
        if name != "person_id"
        else (name, pa.string())
        for name in COLUMNS
    ]
)


def _head(outcome: Outcome) -> str:
    """Return the text between the person's id and the first day of cover."""
    amounts = [outcome.payable_fen, outcome.fiscal_subsidy_fen]
    fields = [outcome.status, outcome.rate_fen, outcome.subsidy_fen, outcome.subsidy_identity, *amounts]
    return "," + ",".join("" if field is None else str(field) for field in fields) + ","


def _tail(outcome: Outcome) -> str:
    return f",{to_date(outcome.ends) or ''},{';'.join(outcome.reasons)}\n"


def _list_days(policy: Policy) -> tuple[int, Any]:
    """Return the earliest day cover can begin and the texts of all from then on, after an empty one."""
    file = policy.file
    starts: list[date] = [file.coverage_year.first_day] if file.coverage_year else []
    starts += [file.students.first_day] if file.students else []
    starts.append(policy.season.begin)
    first, last = to_day(min(starts)), int(policy.engine.tables.ends.max())
    return first, pa.array(["", *(str(to_date(day)) for day in range(first, last + 1))], pa.string())


def _quote(ids: Any) -> Any:
    """Return ``ids`` as CSV fields; nearly always they are so already."""
    raw = _bytes_of(ids)
    if not any(raw.find(special) >= 0 for special in _SPECIAL):
        return ids
    return pa.array([_quote_one(text) for text in ids.to_pylist()], pa.string())


def _quote_one(text: str) -> str:
    if any(special.decode() in text for special in _SPECIAL):
        return '"' + text.replace('"', '""') + '"'
    return text


def _bytes_of(texts: Any) -> bytes:
    """Return all texts of a StringArray without nulls, one after the other."""
    _, offsets_buffer, data = texts.buffers()
    if len(texts) == 0 or data is None:
        return b""
    offsets = np.frombuffer(offsets_buffer, np.int32, len(texts) + 1, texts.offset * 4)
    return bytes(memoryview(data)[int(offsets[0]) : int(offsets[-1])])
