"""The pieces packs are written with: amounts, days, sources, and whom a value holds for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from yingbao.kernel.money import parse_yuan
from yingbao.kernel.periods import DAY, Period
from yingbao.policy.texts import Text, text


def _read_yuan(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an amount in yuan is written as a whole number, or in quotes with decimals: '157.50'")
    return parse_yuan(value)


def _read_percent(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a percentage is written as a whole number, or in quotes with decimals: '12.5'")
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"not a percentage: {value!r}") from error


Yuan = Annotated[int, BeforeValidator(_read_yuan), Field(ge=0)]  # written in yuan, held in fen
Percent = Annotated[Decimal, BeforeValidator(_read_percent), Field(ge=0)]
Tier = Annotated[int, Field(ge=1, le=9)]
PerYear = Literal["yuan/person/year"]
RuleId = str


class Entry(BaseModel):
    """Base of everything in a pack: no unknown key, no silent conversion, no change after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Bilingual(Entry):
    """A sentence in both languages."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The sentence as a Message."""
        return text(self.zh, self.en)


class Named(Entry):
    """A code with its names."""

    code: str
    zh: str
    en: str

    @property
    def name(self) -> Text:
        """The name as a Message."""
        return text(self.zh, self.en)


class Days(Entry):
    """Days as a notice writes them, the last one included."""

    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self

    @property
    def period(self) -> Period:
        """The same days, half-open."""
        return Period(self.first_day, self.last_day + DAY)


class Document(Entry):
    """The paper the values come from."""

    id: str
    title: Bilingual
    number: str | None
    issuer: Bilingual
    issued_on: date
    file: str


class Source(Entry):
    """Where in which document."""

    document: str
    clause: str


class RuleEntry(Entry):
    """One sentence of a document; ``interpretation`` why it is read as it is; ``ask`` the question to put."""

    id: RuleId
    title: Bilingual
    text: Bilingual
    source: Source | None = None
    interpretation: Bilingual | None = None
    ask: Bilingual | None = None


class When(Entry):
    """Whom a value holds for: all that is written must hold. Ages in full years on the pack's day (``ages``).

    ``identities``: holds one of them, or a class of one (``dibao.a`` is a class of ``dibao``); ``without``: holds none.
    """

    populations: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    age_from: Annotated[int, Field(ge=0, le=120)] | None = None
    age_to: Annotated[int, Field(ge=0, le=120)] | None = None
    disability_kinds: tuple[Annotated[int, Field(ge=1, le=7)], ...] = ()
    disability_grades: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()
    enrolled_last_year: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self == type(self).model_construct():
            raise ValueError("a condition names at least one thing that must hold")
        if self.age_from is not None and self.age_to is not None and self.age_to < self.age_from:
            raise ValueError("age_to lies below age_from")
        return self


class ForYears(Entry):
    """Base of what a notice may limit to named insurance years; in other years ``load`` leaves it out."""

    years: tuple[int, ...] | None = None
