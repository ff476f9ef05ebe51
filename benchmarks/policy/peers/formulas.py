"""The notice as variables and formulas, in the way OpenFisca and PolicyEngine (its offspring) both are written for.

One variable per notion of the notice, its figures as parameters. What favours the two: money and days are whole
numbers of 32 bits (their custom is 32-bit floats, which cannot hold a fen exactly), each identity comes in as a
ready column of its own, and the choice among identities is one formula and not sixteen variables.
"""

# mypy: disable-error-code="misc,unreachable"
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.policy import notice as n
from benchmarks.policy.peers.harness import Array, Columns, join, winner_places

PERIOD = "2023"
CODES = tuple(identity.code for identity in n.IDENTITIES)
OUTPUTS = {
    "status": "status",
    "rate": "rate_fen",
    "subsidy": "subsidy_fen",
    "winner": "winner",
    "payable": "payable_fen",
    "fiscal": "fiscal_fen",
    "begins": "covered_from",
    "ends": "covered_to",
}


class FormulaPeer:
    """Feeds a new simulation per chunk with arrays and calculates the eight answers."""

    own_threads = False

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk

    def simulate(self, system: Any, count: int) -> Any:
        """Return a simulation of ``count`` persons: the one thing the two do differently."""
        raise NotImplementedError

    def build(self, columns: Columns) -> Any:
        """Return the tax and benefit system."""
        raise NotImplementedError

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return the system and the input arrays of every chunk."""
        starts = range(0, len(columns), self._chunk)
        chunks = [make_inputs(columns.rows(start, start + self._chunk)) for start in starts]
        return self.build(columns), chunks, columns.codes

    def run(self, data: Any) -> list[dict[str, Array]]:
        """Assess."""
        system, chunks, _ = data
        return [self._run_chunk(system, chunk) for chunk in chunks]

    def _run_chunk(self, system: Any, inputs: dict[str, Array]) -> dict[str, Array]:
        simulation = self.simulate(system, len(inputs["birth"]))
        for name, values in inputs.items():
            simulation.set_input(name, PERIOD, values)
        return {answer: simulation.calculate(name, PERIOD) for answer, name in OUTPUTS.items()}

    def collect(self, data: Any, result: list[dict[str, Array]]) -> dict[str, Array]:
        """Return the answers as arrays."""
        answers = {name: np.asarray(column) for name, column in join(result).items()}
        answers["winner"] = winner_places(data[2], CODES).take(answers["winner"])
        return answers


def make_inputs(columns: Columns) -> dict[str, Array]:
    """Return the input variables' arrays, in the types the variables have."""
    held = {code: (columns.mask & np.uint32(columns.bit(code))) != 0 for code in CODES}
    return {
        "birth": columns.birth,
        "student": columns.population == 1,
        "tier": columns.tier.astype(np.int32),
        "paid_on": columns.paid,
        "graduating": columns.graduating,
        "term_start": columns.term_start,
        "unreadable": columns.problems != 0,
        **{f"is_{code}": values for code, values in held.items()},
    }


def make_parameters(as_of: int) -> dict[str, Any]:
    """Return the figures of the notice as a tree of dated parameters."""
    tiers = {tier: {who: n.RATE[who, tier] for who in ("resident", "student")} for tier in (1, 2)}
    keys = {i.code: {f"tier_{tier}": n.best_key(i, tier, True) for tier in (1, 2)} for i in n.IDENTITIES}
    days = {name: getattr(n, name.upper()) for name in DAYS}
    return {
        "rates": {
            f"tier_{tier}": {who: _dated(value) for who, value in rates.items()} for tier, rates in tiers.items()
        },
        "identities": {code: {tier: _dated(key) for tier, key in pair.items()} for code, pair in keys.items()},
        "fiscal": _dated(n.FISCAL),
        "days": {"as_of": _dated(as_of), **{name: _dated(day) for name, day in days.items()}},
    }


DAYS = (
    *("opens", "centralised_end", "year_begins", "february", "march", "full_cost", "last_day", "year_ends"),
    *("waiting", "newborn_days", "term_begins", "term_ends", "term_days", "term_first", "term_last"),
)


def _dated(value: int) -> dict[str, Any]:
    return {"values": {"2022-01-01": {"value": value}}}


def define_variables(base: Any, entity: Any, year: Any) -> Iterator[Any]:
    """Yield the variable classes; ``base`` is the engine's Variable."""
    kinds = {"birth": int, "student": bool, "tier": int, "paid_on": int, "graduating": bool, "term_start": int}
    kinds |= {"unreadable": bool} | {f"is_{code}": bool for code in CODES}
    for name, kind in kinds.items():
        yield type(name, (base,), _fields(name, kind, entity, year))
    for name, (kind, formula) in FORMULAS.items():
        yield type(name, (base,), {**_fields(name, kind, entity, year), "formula": formula})


def _fields(name: str, kind: type, entity: Any, year: Any) -> dict[str, Any]:
    return {"value_type": kind, "entity": entity, "definition_period": year, "label": name, "__module__": __name__}


def _unpaid(person: Any, period: Any) -> Any:
    return person("paid_on", period) == n.NO_DAY


def _day(person: Any, period: Any, parameters: Any) -> Any:
    as_of = np.int32(parameters(period).days.as_of)
    return np.where(person("unpaid", period), as_of, person("paid_on", period))


def _before_july(person: Any, period: Any, parameters: Any) -> Any:
    return person("day", period) < parameters(period).days.full_cost


def _second_tier(person: Any, period: Any) -> Any:
    return person("tier", period) == 2


def _invalid(person: Any, period: Any, parameters: Any) -> Any:
    days = parameters(period).days
    tier, birth, term = person("tier", period), person("birth", period), person("term_start", period)
    unborn = (birth > person("paid_on", period)) & ~person("unpaid", period)
    other_year = person("student", period) & (term != n.NO_DAY) & ((term < days.term_first) | (term > days.term_last))
    return person("unreadable", period) | (tier < 1) | (tier > 2) | (birth == n.NO_DAY) | unborn | other_year


def _in_term(person: Any, period: Any, parameters: Any) -> Any:
    days, day, term = parameters(period).days, person("day", period), person("term_start", period)
    term = np.where(term == n.NO_DAY, np.int32(days.term_begins), term)
    return person("student", period) & (day >= term) & (day <= term + np.int32(days.term_days))


def _newborn(person: Any, period: Any, parameters: Any) -> Any:
    days, day, birth = parameters(period).days, person("day", period), person("birth", period)
    this_year = (birth >= days.year_begins) & (birth <= days.year_ends)
    in_time = (day >= birth) & (day <= birth + np.int32(days.newborn_days))
    return ~person("student", period) & this_year & in_time


def _no_waiting(person: Any, period: Any) -> Any:
    held = person(f"is_{n.NO_WAITING[0]}", period)
    for code in n.NO_WAITING[1:]:
        held = held | person(f"is_{code}", period)
    return held


def _window_begin(person: Any, period: Any, parameters: Any) -> Any:
    days, day = parameters(period).days, person("day", period)
    first = np.int32(days.year_begins)
    begins = np.where(day < days.february, np.int32(days.february), np.int32(days.march))
    begins = np.where(day < days.march, begins, day + np.int32(days.waiting))
    begins = np.where(day < first, np.int32(n.NO_DAY), begins)
    begins = np.where(person("no_waiting", period), np.maximum(day, first), begins)
    begins = np.where(day <= days.centralised_end, first, begins)
    return np.where(begins == n.NO_DAY, begins, np.maximum(begins, person("birth", period)))


def _begin(person: Any, period: Any, parameters: Any) -> Any:
    begins = np.where(person("newborn", period), person("birth", period), person("window_begin", period))
    return np.where(person("in_term", period), np.int32(parameters(period).days.term_begins), begins)


def _end(person: Any, period: Any, parameters: Any) -> Any:
    days = parameters(period).days
    to_summer = person("student", period) & ~person("graduating", period)
    return np.where(to_summer, np.int32(days.term_ends), np.int32(days.year_ends))


def _closed(person: Any, period: Any, parameters: Any) -> Any:
    days, day = parameters(period).days, person("day", period)
    open_ = (day >= days.opens) & (day <= days.last_day)
    allowed = open_ | person("unpaid", period) | person("in_term", period) | person("newborn", period)
    return ~allowed & ~person("invalid", period)


def _said(person: Any, period: Any) -> Any:
    begins = person("begin", period)
    return (begins != n.NO_DAY) & (begins <= person("end", period))


def _nothing(person: Any, period: Any) -> Any:
    return person("invalid", period) | person("closed", period)


def _covered(person: Any, period: Any) -> Any:
    return person("said", period) & ~person("unpaid", period) & ~person("nothing", period)


def _status(person: Any, period: Any) -> Any:
    known = person("said", period) | person("unpaid", period)
    status = np.where(known, np.int32(n.ASSESSED), np.int32(n.SILENT))
    status = np.where(person("closed", period), np.int32(n.CLOSED), status)
    return np.where(person("invalid", period), np.int32(n.INVALID), status)


def _rate(person: Any, period: Any, parameters: Any) -> Any:
    rates, student = parameters(period).rates, person("student", period)
    first = np.where(student, np.int32(rates.tier_1.student), np.int32(rates.tier_1.resident))
    second = np.where(student, np.int32(rates.tier_2.student), np.int32(rates.tier_2.resident))
    return np.where(person("second_tier", period), second, first)


def _best(person: Any, period: Any, parameters: Any) -> Any:
    keys, second = parameters(period).identities, person("second_tier", period)
    before_july = person("before_july", period)
    best = np.zeros(len(second), np.int32)
    for identity in n.IDENTITIES:
        held = person(f"is_{identity.code}", period)
        if not identity.all_year:
            held = held & before_july
        pair = keys[identity.code]
        one, two = np.int32(pair.tier_1), np.int32(pair.tier_2)
        best = np.maximum(best, held * (one if one == two else np.where(second, two, one)))
    return best


def _subsidy(person: Any, period: Any) -> Any:
    return np.minimum(person("best", period) >> np.int32(5), person("rate", period))


def _winner(person: Any, period: Any) -> Any:
    best = person("best", period)
    nobody = person("nothing", period) | (best == 0)
    return np.where(nobody, np.int32(len(CODES)), np.int32(31) - (best & np.int32(31)))


def _rate_fen(person: Any, period: Any) -> Any:
    return np.where(person("nothing", period), np.int32(-1), person("rate", period) * np.int32(n.FEN))


def _subsidy_fen(person: Any, period: Any) -> Any:
    return np.where(person("nothing", period), np.int32(-1), person("subsidy", period) * np.int32(n.FEN))


def _payable_fen(person: Any, period: Any, parameters: Any) -> Any:
    fiscal = np.int32(parameters(period).fiscal)
    yuan = person("rate", period) - person("subsidy", period)
    yuan = np.where(person("before_july", period), yuan, yuan + fiscal)
    return np.where(person("nothing", period), np.int32(-1), yuan * np.int32(n.FEN))


def _fiscal_fen(person: Any, period: Any, parameters: Any) -> Any:
    fen = np.where(person("before_july", period), np.int32(parameters(period).fiscal * n.FEN), np.int32(0))
    return np.where(person("nothing", period), np.int32(-1), fen)


def _covered_from(person: Any, period: Any) -> Any:
    return np.where(person("covered", period), person("begin", period), np.int32(n.NO_DAY))


def _covered_to(person: Any, period: Any) -> Any:
    return np.where(person("covered", period), person("end", period), np.int32(n.NO_DAY))


FORMULAS: dict[str, tuple[type, Any]] = {
    "unpaid": (bool, _unpaid),
    "day": (int, _day),
    "before_july": (bool, _before_july),
    "second_tier": (bool, _second_tier),
    "invalid": (bool, _invalid),
    "in_term": (bool, _in_term),
    "newborn": (bool, _newborn),
    "no_waiting": (bool, _no_waiting),
    "window_begin": (int, _window_begin),
    "begin": (int, _begin),
    "end": (int, _end),
    "closed": (bool, _closed),
    "said": (bool, _said),
    "nothing": (bool, _nothing),
    "covered": (bool, _covered),
    "status": (int, _status),
    "rate": (int, _rate),
    "best": (int, _best),
    "subsidy": (int, _subsidy),
    "winner": (int, _winner),
    "rate_fen": (int, _rate_fen),
    "subsidy_fen": (int, _subsidy_fen),
    "payable_fen": (int, _payable_fen),
    "fiscal_fen": (int, _fiscal_fen),
    "covered_from": (int, _covered_from),
    "covered_to": (int, _covered_to),
}
