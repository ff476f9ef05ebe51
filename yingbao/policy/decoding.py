"""Columns of text or typed values, as files hold them, turned into the arrays the engine takes.

A value that is no date, tier, code … becomes a Problem of its row; it never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yingbao.policy.facts import FACTS, MISSING, NUMBERS, Number, Problem
from yingbao.policy.people import NO_DAY, Bools, Bytes, Days, Flags, People, mask_type
from yingbao.policy.vocabulary import Vocabulary, get_vocabulary

REQUIRED = ("person_id", "birth_date", "population", "tier", "identities", "paid_on")
OPTIONAL = ("graduating", "term_start", *FACTS)
LAST_YEAR = 9999
UNKNOWN_FEN = -1
_NUMBERS = {number.name: number for number in NUMBERS}
_DATE_LENGTH = 10
_MOST_REMEMBERED = 1 << 16
_Parsed = tuple[int, bool]  # value, whether it is bad


class PeopleReader:
    """Decodes batches of one file; remembers what texts meant, as they repeat.

    ``vocabulary`` and the codes of ``addons`` are those of the pack (``Policy.vocabulary``, ``Policy.addons``).
    """

    def __init__(self, vocabulary: Vocabulary | None = None, addons: Sequence[str] = ()) -> None:
        self._vocabulary = vocabulary or get_vocabulary()
        self._populations = {code: place for place, code in enumerate(self._vocabulary.populations)}
        self._addons = {code: 1 << place for place, code in enumerate(addons)}
        self._mask_type = mask_type(self._vocabulary)
        self._masks: dict[str, _Parsed] = {}

    def decode(self, columns: dict[str, Any], count: int) -> People:
        """Return the people of a batch of ``count`` rows; ``columns`` are Arrow arrays by name."""
        problems = np.zeros(count, np.uint32)
        birth, bad = _decode_days(columns["birth_date"])
        _mark(problems, bad, Problem.BIRTH_DATE)
        _mark(problems, birth == NO_DAY, Problem.BIRTH_DATE)
        paid, bad = _decode_days(columns["paid_on"])
        _mark(problems, bad, Problem.PAID_ON)
        term_start, bad = _decode_optional(columns.get("term_start"), count, _decode_days, NO_DAY)
        _mark(problems, bad, Problem.TERM_START)
        graduating, bad = _decode_optional(columns.get("graduating"), count, _decode_flag, 0)
        _mark(problems, bad, Problem.GRADUATING)
        population, bad = _decode_texts(columns["population"], self._parse_population, np.uint8)
        _mark(problems, bad, Problem.POPULATION)
        tier, bad = _decode_tier(columns["tier"])
        _mark(problems, bad, Problem.TIER)
        mask, bad = _decode_texts(columns["identities"], self._parse_identities, self._mask_type)
        _mark(problems, bad, Problem.IDENTITIES)
        return People(
            birth=birth,
            population=population,
            tier=tier,
            mask=mask,
            paid=paid,
            graduating=graduating.astype(np.bool_, copy=False),
            term_start=term_start.astype(np.int32, copy=False),
            problems=problems,
            facts={name: self._decode_fact(name, columns[name], problems) for name in FACTS if name in columns},
        )

    def _decode_fact(self, name: str, column: Any, problems: Flags) -> npt.NDArray[Any]:
        if name in _NUMBERS:
            values, bad = _decode_number(column, _NUMBERS[name])
        elif name == "payer_account_fen":
            values, bad = _decode_texts(column, _parse_fen, np.int64)
        elif name == "addons":
            values, bad = _decode_texts(column, self._parse_addons, np.uint8)
        else:
            values, bad = _decode_texts(column, self._parse_identities, self._mask_type)
        _mark(problems, bad, Problem[name.upper()])
        return values

    def _parse_population(self, text: str) -> _Parsed:
        place = self._populations.get(text)
        return (0, True) if place is None else (place, False)

    def _parse_addons(self, text: str) -> _Parsed:
        codes = [code.strip() for code in text.split(";") if code.strip()]
        return sum(self._addons.get(code, 0) for code in set(codes)), any(code not in self._addons for code in codes)

    def _parse_mask(self, text: str) -> _Parsed:
        codes = [code.strip() for code in text.split(";")]
        try:
            return self._vocabulary.mask(code for code in codes if code), False
        except KeyError:
            return 0, True

    def _parse_identities(self, text: str) -> _Parsed:
        known = self._masks.get(text)
        if known is None:
            if len(self._masks) > _MOST_REMEMBERED:
                self._masks.clear()
            known = self._masks[text] = self._parse_mask(text)
        return known


def _mark(problems: Flags, bad: Bools, problem: Problem) -> None:
    if bad.any():
        problems[bad] |= np.uint32(problem)


def _decode_number(column: Any, number: Number) -> tuple[npt.NDArray[Any], Bools]:
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    if pa.types.is_integer(column.type):
        values = pc.fill_null(pc.cast(column, pa.int64()), MISSING).to_numpy(zero_copy_only=False)
        bad: Bools = ((values < 0) | (values > number.most)) & (values != MISSING)
        return np.where(bad, 0, values).astype(np.uint8), bad
    return _decode_texts(column, lambda text: _parse_number(text, number), np.uint8)


def _parse_number(text: str, number: Number) -> _Parsed:
    if not text:
        return MISSING, False
    if number.most == 1:
        return _parse_flag(text)
    good = text.isascii() and text.isdigit() and int(text[:4]) <= number.most and len(text) < 5
    return (int(text), False) if good else (0, True)


def _parse_fen(text: str) -> _Parsed:
    if not text:
        return UNKNOWN_FEN, False
    good = text.isascii() and text.isdigit() and len(text) < 16
    return (int(text), False) if good else (0, True)


def _parse_tier(text: str) -> _Parsed:
    good = len(text) == 1 and text in "123456789"
    return (int(text), False) if good else (0, True)


def _parse_flag(text: str) -> _Parsed:
    folded = text.lower()  # Excel writes TRUE
    return int(folded == "true"), folded not in ("true", "false", "")


def _parse_day(text: str) -> _Parsed:
    if not text:
        return NO_DAY, False
    try:
        # From Python 3.11 on, 2022-W48-4 is an ISO date of ten characters too.
        return (date.fromisoformat(text) - date(1970, 1, 1)).days, len(text) != _DATE_LENGTH or "W" in text
    except ValueError:
        return NO_DAY, True


def _decode_optional(
    column: Any, count: int, decode: Callable[[Any], tuple[npt.NDArray[Any], Bools]], missing: int
) -> tuple[npt.NDArray[Any], Bools]:
    if column is None:
        return np.full(count, missing, np.int32), np.zeros(count, np.bool_)
    return decode(column)


def _decode_texts(
    column: Any, parse: Callable[[str], _Parsed], kind: type[np.generic]
) -> tuple[npt.NDArray[Any], Bools]:
    """Decode a column of few different texts: each text is parsed once."""
    encoded = _encode(column)
    parsed = [parse(text) for text in encoded.dictionary.to_pylist()]
    values = np.array([value for value, _ in parsed] or [0], kind)
    bad = np.array([wrong for _, wrong in parsed] or [False], np.bool_)
    return _spread(values, bad, encoded)


def _spread(values: npt.NDArray[Any], bad: Bools, encoded: Any) -> tuple[npt.NDArray[Any], Bools]:
    """Return what stands for each text of the dictionary once per row."""
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    return values.take(indices), bad.take(indices) if bad.any() else np.zeros(len(indices), np.bool_)


def _encode(column: Any) -> Any:
    if pa.types.is_dictionary(column.type) and not column.null_count and not column.dictionary.null_count:
        return column
    texts = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return pc.fill_null(pc.cast(texts, pa.string()), "").dictionary_encode()


def _decode_flag(column: Any) -> tuple[npt.NDArray[Any], Bools]:
    if pa.types.is_boolean(column.type):
        flags = pc.cast(pc.fill_null(column, False), pa.uint8()).to_numpy(zero_copy_only=False)
        return flags, np.zeros(len(flags), np.bool_)
    return _decode_texts(column, _parse_flag, np.uint8)


def _decode_tier(column: Any) -> tuple[Bytes, Bools]:
    if pa.types.is_integer(column.type):
        tier = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
        if len(tier) and tier.min() >= 1 and tier.max() <= 9:  # nearly always
            return tier.astype(np.uint8), np.zeros(len(tier), np.bool_)
        bad: Bools = (tier < 1) | (tier > 9)
        return np.where(bad, 0, tier).astype(np.uint8), bad
    return _decode_texts(column, _parse_tier, np.uint8)


def _decode_days(column: Any) -> tuple[Days, Bools]:
    if pa.types.is_timestamp(column.type) or pa.types.is_date64(column.type):
        column = pc.cast(column, pa.date32(), safe=False)
    if pa.types.is_date32(column.type):
        days = pc.fill_null(pc.cast(column, pa.int32()), NO_DAY).to_numpy(zero_copy_only=False)
        return days, np.zeros(len(days), np.bool_)
    if pa.types.is_string(column.type) and not column.null_count:
        characters = _characters(column)
        if characters is not None:
            return _read_days(characters)
    encoded = _encode(column)
    return _spread(*_decode_day_texts(pc.cast(encoded.dictionary, pa.string())), encoded)


def _decode_day_texts(texts: Any) -> tuple[Days, Bools]:
    """Read different texts: those of ten bytes all at once, the others, mostly the empty one alone, one by one."""
    usual = pc.equal(pc.binary_length(texts), _DATE_LENGTH)
    characters = _characters(pc.if_else(usual, texts, "1970-01-01"))
    if characters is None:
        return np.array([NO_DAY], np.int32), np.array([False])
    days, bad = _read_days(characters)
    for place in np.flatnonzero(~usual.to_numpy(zero_copy_only=False)).tolist():
        days[place], bad[place] = _parse_day(texts[place].as_py())
    return days, bad


def _characters(column: Any) -> Bytes | None:
    """Return an (n, 10) array of a text column whose every value has ten bytes; None for any other."""
    if len(column) == 0:
        return None
    _, offsets_buffer, data = column.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32, len(column) + 1, column.offset * 4)
    if data is None or offsets[-1] - offsets[0] != _DATE_LENGTH * len(column):
        return None
    if not (np.diff(offsets) == _DATE_LENGTH).all():
        return None
    characters = np.frombuffer(data, np.uint8, _DATE_LENGTH * len(column), int(offsets[0]))
    return characters.reshape(-1, _DATE_LENGTH)


def _read_days(characters: Bytes) -> tuple[Days, Bools]:
    """Read YYYY-MM-DD, all at once."""
    starts, lengths = _months()
    digits = (characters - np.uint8(48)).T.astype(np.int32, order="C")  # ten rows, each contiguous; "-" gives 253
    year = ((digits[0] * 10 + digits[1]) * 10 + digits[2]) * 10 + digits[3]
    month, day = digits[5] * 10 + digits[6], digits[8] * 10 + digits[9]
    bad: Bools = (digits[[0, 1, 2, 3, 5, 6, 8, 9]] > 9).any(axis=0) | (digits[4] != 253) | (digits[7] != 253)
    bad |= (month < 1) | (month > 12) | (year < 1)
    place = np.where(bad, 0, year * 12 + month - 1)
    bad |= (day < 1) | (day > lengths.take(place))
    days = starts.take(place) + day - 1
    return np.where(bad, np.int32(NO_DAY), days).astype(np.int32), bad


@cache
def _months() -> tuple[Days, npt.NDArray[np.int32]]:
    """Return the first day and the length of every month from year 0 to LAST_YEAR."""
    months = np.arange(-1970 * 12, (LAST_YEAR + 1 - 1970) * 12 + 1).astype("datetime64[M]")
    starts = months.astype("datetime64[D]").astype(np.int32)
    return starts[:-1], np.diff(starts)
