"""A file of people (the columns of ``assess``, and if there is one ``division``) as a population of distinct cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yingbao.policy.decoding import PeopleReader
from yingbao.policy.people import People
from yingbao.policy.policy import Policy
from yingbao.policy.population import Births, Counted, Population, gather_population
from yingbao.policy.reading import FACTS, RaggedRow, list_columns, naming_file, read_batches, read_slowly

DIVISION = "division"


def read_population(path: Path, policy: Policy, births: Births) -> Population:
    """Return the people of a .csv or .parquet file; who has no ``division`` is of the one without a name.

    ``policy`` gives the words of identities and add-ons.

    Only facts are read, no ids. Raises BadInput when the file as a whole cannot be read or lacks a column.
    """
    with naming_file(path):
        try:
            return _gather(path, _Reader(policy), births, read_batches)
        except RaggedRow:
            return _gather(path, _Reader(policy), births, read_slowly)


def _gather(path: Path, reader: _Reader, births: Births, read: Any) -> Population:
    required = (*FACTS, DIVISION) if DIVISION in list_columns(path) else FACTS
    groups = _groups(reader, read(path, reader, required))
    return gather_population(groups, reader.places, births)


def _groups(reader: _Reader, batches: Iterator[Any]) -> Iterator[Counted]:
    for batch in batches:
        yield Counted(batch.people, reader.division, np.ones(len(batch.people), np.int64))


class _Reader(PeopleReader):
    """Decodes people and keeps aside where those of the last batch belong."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy.vocabulary, policy.addons)
        self.places: dict[str, int] = {}
        self.division = np.zeros(0, np.int32)

    def decode(self, columns: dict[str, Any], count: int) -> People:
        column = columns.pop(DIVISION, None)
        self.division = np.zeros(count, np.int32) if column is None else self._decode_division(column)
        return super().decode(columns, count)

    def _decode_division(self, column: Any) -> Any:
        texts = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        encoded = pc.fill_null(pc.cast(texts, pa.string()), "").dictionary_encode()
        names = encoded.dictionary.to_pylist()
        places = np.array([self.places.setdefault(name, len(self.places)) for name in names], np.int32)
        return places.take(encoded.indices.to_numpy())
