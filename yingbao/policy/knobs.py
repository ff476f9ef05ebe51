"""What of a pack one may turn to see what it would cost: rates, the treasury's part, each identity's subsidies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from yingbao.kernel.messages import Message
from yingbao.kernel.money import FEN_PER_YUAN
from yingbao.policy.amounts import amount_of
from yingbao.policy.edits import describe
from yingbao.policy.format import Fiscal, Rate, Subsidy
from yingbao.policy.policy import Policy
from yingbao.policy.whatif import entries_by_place, follows

STEPS = tuple(Decimal(step) for step in ("10", "5", "1", "0.5", "0.1", "0.01"))
Kind = Literal["rate", "fiscal", "percent", "amount"]


@dataclass(frozen=True, slots=True)
class Knob:
    """A value between ``least`` and ``most``; ``place`` is where ``what_if`` changes it. Yuan or per cent.

    ``identity``: whose subsidy; ``tier``: of a rate or subsidy; ``rule``: the clause the present value rests on.
    """

    place: str
    kind: Kind
    what: Message
    value: Decimal
    most: Decimal
    step: Decimal
    rule: str | None
    identity: str = ""
    tier: int | None = None
    least: Decimal = Decimal(0)


def list_knobs(policy: Policy) -> list[Knob]:
    """Return the knobs of a pack in the pack's order; each at its present value, which is one of its steps."""
    return [knob for place, entry in entries_by_place(policy.file).items() for knob in _knobs(policy, place, entry)]


def _knobs(policy: Policy, place: str, entry: object) -> Iterator[Knob]:
    if isinstance(entry, Rate):
        what = describe(policy, place, entry)
        yield _money_knob(f"{place}.amount", "rate", what, entry.amount, entry.rule, tier=entry.tier)
    elif isinstance(entry, Fiscal):
        yield _money_knob(f"{place}.amount", "fiscal", describe(policy, place, entry), entry.amount, entry.rule)
    elif isinstance(entry, Subsidy):
        yield _subsidy_knob(policy, place, entry)


def _subsidy_knob(policy: Policy, place: str, entry: Subsidy) -> Knob:
    what, identity = describe(policy, place, entry), place.removeprefix("identities.").partition(".subsidies.")[0]
    if entry.percent is None or not follows(policy.file, entry):
        fen = amount_of(policy.file, entry)
        highest = max((rate.amount for rate in policy.file.rates if rate.tier == entry.tier), default=fen)
        most_fen = max(highest, fen)
        return _money_knob(
            f"{place}.amount", "amount", what, fen, entry.rule, most=most_fen, identity=identity, tier=entry.tier
        )
    most = max(Decimal(100), entry.percent)
    step = _step(entry.percent, finest=Decimal(1))
    return Knob(f"{place}.percent", "percent", what, entry.percent, most, step, entry.rule, identity, entry.tier)


def _money_knob(
    place: str,
    kind: Kind,
    what: Message,
    fen: int,
    rule: str | None,
    *,
    most: int | None = None,
    identity: str = "",
    tier: int | None = None,
) -> Knob:
    yuan = Decimal(fen) / FEN_PER_YUAN
    step = _step(yuan)
    wanted = Decimal(2 * fen if most is None else most) / FEN_PER_YUAN
    most_yuan = max((wanted / step).to_integral_value(ROUND_CEILING) * step, step * 10)
    return Knob(place, kind, what, yuan, most_yuan, step, rule, identity, tier)


def _step(value: Decimal, *, finest: Decimal = STEPS[0]) -> Decimal:
    """Return the largest step, not above ``finest``, that the value is a multiple of."""
    return next((step for step in STEPS if step <= finest and value % step == 0), STEPS[-1])
