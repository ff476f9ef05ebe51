"""Polars: the notice as expressions over a frame in memory, lazily, so that it plans and runs them on all cores."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from polars import col, lit, when

from benchmarks.policy import notice as n
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, serve, winner_places

Expr = Any


class PolarsExpressions:
    """16 bits for the choice among identities, 32 for days."""

    own_threads = True

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return the frame and what is asked of it; POLARS_MAX_THREADS holds the cores."""
        arrays = {name: value for name, value in vars(columns).items() if isinstance(value, np.ndarray)}
        return pl.DataFrame(arrays), columns

    def run(self, data: Any) -> Any:
        """Assess."""
        frame, columns = data
        return ask(frame.lazy(), columns).collect()

    def collect(self, data: Any, result: Any) -> dict[str, Array]:
        """Return the answers as arrays."""
        answers = {name: result[name].to_numpy() for name in ANSWERS}
        listed = winner_places(data[1].codes, tuple(identity.code for identity in n.IDENTITIES))
        answers["winner"] = listed.take(answers["winner"])
        return answers


def ask(people: Any, columns: Columns) -> Any:
    """Return the lazy frame of the answers."""
    no_day = _days(n.NO_DAY)
    steps = (
        people.with_columns(
            unpaid=col("paid") == no_day,
            student=col("population") == 1,
            second=col("tier") == 2,
            day=when(col("paid") == no_day).then(_days(columns.as_of)).otherwise(col("paid")),
            term=when(col("term_start") == no_day).then(_days(n.TERM_BEGINS)).otherwise(col("term_start")),
        )
        .with_columns(before_july=col("day") < n.FULL_COST, invalid=_is_invalid(), **_own_rules())
        .with_columns(yuan=_pick_rate(), best=_pick_best(columns), begins=_pick_begin(columns), until=_pick_end())
        .with_columns(subsidised=pl.min_horizontal(col("best") // 32, col("yuan")), closed=_is_closed())
        .with_columns(
            nothing=col("invalid") | col("closed"),
            said=(col("begins") != no_day) & (col("begins") <= col("until")),
        )
    )
    return steps.select(**_answer())


def _days(day: int) -> Expr:
    return lit(day, pl.Int32)


def _yuan(amount: int) -> Expr:
    return lit(amount, pl.Int16)


def _is_invalid() -> Expr:
    broken = (col("problems") != 0) | (col("tier") < 1) | (col("tier") > 2) | (col("birth") == n.NO_DAY)
    unborn = ~col("unpaid") & (col("birth") > col("paid"))
    return broken | unborn | (col("student") & ((col("term") < n.TERM_FIRST) | (col("term") > n.TERM_LAST)))


def _own_rules() -> dict[str, Expr]:
    day, birth, term = col("day"), col("birth"), col("term")
    born = ~col("student") & (birth >= n.YEAR_BEGINS) & (birth <= n.YEAR_ENDS)
    return {
        "newborn": born & (day >= birth) & (day <= birth + _days(n.NEWBORN_DAYS)),
        "in_term": col("student") & (day >= term) & (day <= term + _days(n.TERM_DAYS)),
    }


def _pick_rate() -> Expr:
    student = when(col("second")).then(_yuan(n.RATE["student", 2])).otherwise(_yuan(n.RATE["student", 1]))
    resident = when(col("second")).then(_yuan(n.RATE["resident", 2])).otherwise(_yuan(n.RATE["resident", 1]))
    return when(col("student")).then(student).otherwise(resident)


def _pick_best(columns: Columns) -> Expr:
    keys = []
    for identity in n.IDENTITIES:
        held = (col("mask") & lit(columns.bit(identity.code), pl.UInt32)) != 0
        if not identity.all_year:
            held = held & col("before_july")
        first, second = (_yuan(n.best_key(identity, tier, True)) for tier in (1, 2))
        key = second if identity.tier_1 == identity.tier_2 else when(col("second")).then(second).otherwise(first)
        keys.append(when(held).then(key).otherwise(_yuan(0)))
    return pl.max_horizontal(*keys)


def _pick_begin(columns: Columns) -> Expr:
    day, birth, first = col("day"), col("birth"), _days(n.YEAR_BEGINS)
    at_once = (col("mask") & lit(columns.bits(n.NO_WAITING), pl.UInt32)) != 0
    return (
        when(col("in_term"))
        .then(_days(n.TERM_BEGINS))
        .when(col("newborn"))
        .then(birth)
        .when(day <= n.CENTRALISED_END)
        .then(pl.max_horizontal(first, birth))
        .when(at_once)
        .then(pl.max_horizontal(first, day))
        .when(day < n.YEAR_BEGINS)
        .then(_days(n.NO_DAY))
        .when(day < n.FEBRUARY)
        .then(pl.max_horizontal(_days(n.FEBRUARY), birth))
        .when(day < n.MARCH)
        .then(pl.max_horizontal(_days(n.MARCH), birth))
        .otherwise(day + _days(n.WAITING))
    )


def _pick_end() -> Expr:
    return when(col("student") & ~col("graduating")).then(_days(n.TERM_ENDS)).otherwise(_days(n.YEAR_ENDS))


def _is_closed() -> Expr:
    open_ = (col("day") >= n.OPENS) & (col("day") <= n.LAST_DAY)
    return ~(col("unpaid") | col("in_term") | col("newborn") | open_)


def _answer() -> dict[str, Expr]:
    nothing, covered = col("nothing"), col("said") & ~col("unpaid") & ~col("nothing")
    extra = when(col("before_july")).then(_yuan(0)).otherwise(_yuan(n.FISCAL))
    payable = col("yuan") - col("subsidised") + extra
    fiscal = when(col("before_july")).then(_days(n.FISCAL * n.FEN)).otherwise(_days(0))
    place = lit(31, pl.Int16) - (col("best") & _yuan(31))
    nobody = _yuan(len(n.IDENTITIES))
    return {
        "status": when(col("invalid"))
        .then(lit(n.INVALID, pl.UInt8))
        .when(col("closed"))
        .then(lit(n.CLOSED, pl.UInt8))
        .when(col("said") | col("unpaid"))
        .then(lit(n.ASSESSED, pl.UInt8))
        .otherwise(lit(n.SILENT, pl.UInt8)),
        "rate": _fen(nothing, col("yuan")),
        "subsidy": _fen(nothing, col("subsidised")),
        "winner": when(nothing | (col("best") == 0)).then(nobody).otherwise(place).cast(pl.UInt8),
        "payable": _fen(nothing, payable),
        "fiscal": when(nothing).then(_days(-1)).otherwise(fiscal),
        "begins": when(covered).then(col("begins")).otherwise(_days(n.NO_DAY)),
        "ends": when(covered).then(col("until")).otherwise(_days(n.NO_DAY)),
    }


def _fen(nothing: Expr, yuan: Expr) -> Expr:
    return when(nothing).then(_days(-1)).otherwise(yuan.cast(pl.Int32) * n.FEN)


if __name__ == "__main__":
    serve(PolarsExpressions())
