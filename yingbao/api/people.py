"""One person over HTTP: facts in, nothing that says who it is."""

from __future__ import annotations

from datetime import date

from ninja import Schema
from pydantic import Field

from yingbao.policy import Person


class PersonIn(Schema):
    """One person, as a row of the ``assess`` interface; without ``paid_on`` amounts only, as of ``as_of``.

    From ``disability_kind`` on only some packs ask for the facts; a pack's page says which. null: not known.
    """

    birth_date: date
    population: str = "resident"
    tier: int = 1
    identities: list[str] = Field(default_factory=list)
    paid_on: date | None = None
    graduating: bool = False
    term_start: date | None = None
    as_of: date | None = None
    disability_kind: int | None = Field(None, description="0 none, 1 sight … 7 several (GB/T 26341)")
    disability_grade: int | None = Field(None, description="0 none, 1 … 4")
    missed_years: int | None = None
    repaired_years: int | None = None
    continuous_years: int | None = None
    years_without_claims: int | None = None
    enrolled_last_year: bool | None = None
    addons: list[str] | None = None
    payer_account_fen: int | None = None
    snapshot_identities: list[str] | None = None

    def as_person(self) -> Person:
        """Return the policy's view of the person."""
        return Person(
            birth_on=self.birth_date,
            population=self.population,
            tier=self.tier,
            identities=frozenset(self.identities),
            paid_on=self.paid_on,
            graduating=self.graduating,
            term_start_on=self.term_start,
            disability_kind=self.disability_kind,
            disability_grade=self.disability_grade,
            missed_years=self.missed_years,
            repaired_years=self.repaired_years,
            continuous_years=self.continuous_years,
            years_without_claims=self.years_without_claims,
            enrolled_last_year=self.enrolled_last_year,
            addons=_set(self.addons),
            payer_account_fen=self.payer_account_fen,
            snapshot_identities=_set(self.snapshot_identities),
        )


def _set(codes: list[str] | None) -> frozenset[str] | None:
    return None if codes is None else frozenset(codes)


class DecisionOut(Schema):
    """What ``assess`` answers; money in fen, ``covered_to`` the last day. ``extras``: further amounts of some packs."""

    status: str
    rate_fen: int | None
    subsidy_fen: int | None
    subsidy_identity: str | None
    payable_fen: int | None
    fiscal_subsidy_fen: int | None
    covered_from: date | None
    covered_to: date | None
    reasons: list[str]
    extras: dict[str, int]


class ErrorOut(Schema):
    """An error: a stable code and the sentence in both languages."""

    code: str
    zh: str
    en: str
