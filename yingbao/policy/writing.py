"""Results as files: the same columns as CSV and as Parquet, and after them the further amounts a pack has.

Nearly everything of a row follows from its outcome, and there are only some hundreds of those; so a row is put
together from finished pieces of text (CSV) or by indices into small columns (Parquet).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yingbao.policy.engine import Assessment
from yingbao.policy.outcomes import Outcome
from yingbao.policy.people import NO_DAY, to_date
from yingbao.policy.policy import Policy
from yingbao.policy.totals import AMOUNTS

GROUP_ROWS = 1 << 18
COLUMNS = (
    *("person_id", "status", "rate_fen", "subsidy_fen", "subsidy_identity", "payable_fen"),
    *("fiscal_subsidy_fen", "covered_from", "covered_to", "reasons"),
)
ACCOUNT = "account_fen"
_WORDS = pa.dictionary(pa.int32(), pa.string())
_SPECIAL = (b",", b'"', b"\n", b"\r")


class Results(ABC):
    """Writes answers to a stream, batch by batch."""

    def __init__(self, policy: Policy, stream: Any) -> None:
        self._policy = policy
        self._stream = stream
        self._columns = (*COLUMNS, *policy.extra_columns)
        self._has_account = ACCOUNT in policy.extra_columns  # of each person, where the others follow from the outcome

    @abstractmethod
    def write(self, person_ids: Any, assessment: Assessment) -> None:
        """Write one batch; ``person_ids`` is a StringArray without nulls."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file; the stream stays open."""


class CsvResults(Results):
    """CSV in UTF-8, a line feed after each row."""

    def __init__(self, policy: Policy, stream: Any) -> None:
        super().__init__(policy, stream)
        self._stream.write((",".join(self._columns) + "\n").encode())
        self._first_day, self._days = _list_days(policy)
        self._pieces: list[tuple[str, str]] = []

    def write(self, person_ids: Any, assessment: Assessment) -> None:
        """Write one batch; ``person_ids`` is a StringArray without nulls."""
        if len(assessment.outcomes) > len(self._pieces):
            self._prepare(assessment.outcomes)
        numbers = pa.array(assessment.numbers)
        begins = assessment.begins
        days = pa.array(np.where(begins == NO_DAY, 0, begins - np.int32(self._first_day) + 1).astype(np.int32))
        parts = [_quote(person_ids), self._heads.take(numbers), self._days.take(days), self._tails.take(numbers)]
        if self._has_account:
            parts += [pc.cast(_account_of(assessment), pa.string()).fill_null(""), "\n"]
        self._stream.write(_bytes_of(pc.binary_join_element_wise(*parts, "")))

    def _prepare(self, outcomes: list[Outcome]) -> None:
        end = "," if self._has_account else "\n"
        extras = len(self._policy.extra_columns) - self._has_account
        new = outcomes[len(self._pieces) :]
        self._pieces += [(_head(outcome), _tail(outcome, extras) + end) for outcome in new]
        self._heads = pa.array([head for head, _ in self._pieces], pa.string())
        self._tails = pa.array([tail for _, tail in self._pieces], pa.string())

    def close(self) -> None:
        """Nothing is held back."""


class ParquetResults(Results):
    """Parquet with the words dictionary-encoded and amounts as 32-bit fen, GROUP_ROWS or more to a row group.

    A row group's dictionaries hold what its rows need, in an order of their own, not what this process met before:
    the same rows give the same bytes whichever thread or machine wrote them. There are no statistics: rows are in
    the people's order, so that least and greatest would say nothing, and finding them took a fifth of the writing.
    """

    def __init__(self, policy: Policy, stream: Any) -> None:
        super().__init__(policy, stream)
        self._schema = _make_schema(self._columns)
        words = [name for name in self._columns if name != "person_id"]
        self._writer = pq.ParquetWriter(
            stream, self._schema, compression="zstd", use_dictionary=words, write_statistics=False
        )
        self._held: list[tuple[Any, Assessment]] = []
        self._known: dict[str, Any] = {}  # columns of all outcomes met so far
        self._known_count = 0

    def write(self, person_ids: Any, assessment: Assessment) -> None:
        """Write one batch, or hold it back; ``person_ids`` is a StringArray without nulls."""
        self._held.append((person_ids, assessment))
        if sum(len(held) for _, held in self._held) >= GROUP_ROWS:
            self._write_group()

    def close(self) -> None:
        """Write what is held back and the footer."""
        if self._held:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        order, places = _renumber([assessment.numbers for _, assessment in self._held])
        few = self._take_outcomes(self._held[-1][1].outcomes, order)
        batches = []
        for ids, assessment in self._held:
            numbers, begins = places.take(assessment.numbers), assessment.begins
            validities: dict[bytes, Any] = {}
            columns = {name: column.spread(numbers, validities) for name, column in few.items()}
            columns["covered_from"] = pa.array(begins, mask=begins == NO_DAY).cast(pa.date32())
            columns["person_id"] = ids
            if self._has_account:
                columns[ACCOUNT] = _account_of(assessment)
            batches.append(pa.RecordBatch.from_arrays([columns[n] for n in self._columns], schema=self._schema))
        table = pa.Table.from_batches(batches)
        self._writer.write_table(table, table.num_rows)
        self._held = []

    def _take_outcomes(self, outcomes: list[Outcome], order: npt.NDArray[np.intp]) -> dict[str, _Few]:
        """Return the columns of some outcomes, in that order."""
        if len(outcomes) > self._known_count:
            self._known_count = len(outcomes)
            extras = [name for name in self._policy.extra_columns if name != ACCOUNT]
            self._known = _make_columns(outcomes[: self._known_count], extras)
        return {name: _Few(column.take(pa.array(order))) for name, column in self._known.items()}


class _Few:
    """A column of the few outcomes, to be spread over many rows: three times as fast as Arrow does with nulls."""

    def __init__(self, column: Any) -> None:
        self._words = None
        if pa.types.is_string(column.type):
            encoded = column.dictionary_encode()
            column, self._words = encoded.indices, encoded.dictionary
        self._kind = column.type
        self._values = pc.cast(column, pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        self._valid = column.is_valid().to_numpy(zero_copy_only=False) if column.null_count else None

    def spread(self, numbers: npt.NDArray[np.intp], validities: dict[bytes, Any]) -> Any:
        """Return the Arrow array of these outcomes; columns that lack the same ones share ``validities``."""
        validity = None
        if self._valid is not None:
            pattern = self._valid.tobytes()
            if pattern not in validities:
                validities[pattern] = pa.py_buffer(np.packbits(self._valid.take(numbers), bitorder="little"))
            validity = validities[pattern]
        values = pa.py_buffer(self._values.take(numbers))
        array = pa.Array.from_buffers(self._kind, len(numbers), [validity, values])
        return array if self._words is None else pa.DictionaryArray.from_arrays(array, self._words)


def _renumber(parts: list[Any]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the outcomes that are met in the order they are first met, and where each of them then stands."""
    count = 1 + max(int(part.max(initial=-1)) for part in parts)
    never = np.iinfo(np.int32).max
    first = np.full(count, never, np.int32)
    end = sum(len(part) for part in parts)
    for part in reversed(parts):
        first[part[::-1]] = np.arange(end - 1, end - len(part) - 1, -1, dtype=np.int32)  # of several, the last stays
        end -= len(part)
    order = np.argsort(first, kind="stable")[: int((first != never).sum())]
    places = np.zeros(count, np.intp)
    places[order] = np.arange(len(order))
    return order, places


def _make_columns(outcomes: list[Outcome], extras: list[str]) -> dict[str, Any]:
    columns = {name: pa.array([getattr(o, name) for o in outcomes], pa.int32()) for name in AMOUNTS}
    columns["covered_to"] = pa.array([to_date(o.ends) for o in outcomes], pa.date32())
    columns["status"] = pa.array([o.status for o in outcomes], pa.string())
    columns["subsidy_identity"] = pa.array([o.subsidy_identity for o in outcomes], pa.string())
    columns["reasons"] = pa.array([";".join(o.reasons) for o in outcomes], pa.string())
    for place, name in enumerate(extras):
        columns[name] = pa.array([o.extras[place] if o.extras else None for o in outcomes], pa.int32())
    return columns


def _account_of(assessment: Assessment) -> Any:
    """Return what the relative's account pays per person, null where the amounts are not known."""
    account = assessment.account_fen()
    return pa.array(account, pa.int64(), mask=account < 0)


def _make_schema(columns: tuple[str, ...]) -> Any:
    kinds = {name: _WORDS for name in ("status", "subsidy_identity", "reasons")}
    kinds |= {"person_id": pa.string(), "covered_from": pa.date32(), "covered_to": pa.date32(), ACCOUNT: pa.int64()}
    return pa.schema([(name, kinds.get(name, pa.int32())) for name in columns])


def _head(outcome: Outcome) -> str:
    """Return the text between the person's id and the first day of cover."""
    amounts = [outcome.payable_fen, outcome.fiscal_subsidy_fen]
    fields = [outcome.status, outcome.rate_fen, outcome.subsidy_fen, outcome.subsidy_identity, *amounts]
    return "," + ",".join("" if field is None else str(field) for field in fields) + ","


def _tail(outcome: Outcome, extras: int) -> str:
    """Return the text after the first day of cover, but for its end."""
    known = outcome.extras or (None,) * extras
    texts = ["" if value is None else str(value) for value in known]
    return ",".join(["", str(to_date(outcome.ends) or ""), ";".join(outcome.reasons), *texts])


def _list_days(policy: Policy) -> tuple[int, Any]:
    """Return the earliest day cover can begin and the texts of all from then on, after an empty one."""
    first, last = policy.engine.tables.first_day, policy.engine.tables.last_day
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
