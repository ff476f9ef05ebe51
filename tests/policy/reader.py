"""Any pack read aloud for one person: what every construct means, in plain Python, slowly and without a table.

It exists to disagree with the engine. It shares the form of a pack and the vocabulary with it, because these are the
question, and nothing else. ``Answer.reasons`` holds only what a reader could not do without; the texts of who holds
what, and of days, stand in ``reader_facts`` and ``reader_days``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

from tests.policy.reader_days import Begin, count_waiting, find_band, find_window, open_to, term_is_open
from tests.policy.reader_facts import (
    Entries,
    counted_identities,
    holds,
    holds_any,
    is_held,
    is_unsubsidised,
    list_problems,
    this_year,
)
from yingbao.policy.coverages import FixedDay, FromBirth, Unsaid
from yingbao.policy.format import NewbornBand, PackFile, PackIdentity, Rate, Subsidy, Window
from yingbao.policy.load import Pack
from yingbao.policy.people import Person

FEN = {"fen": 1, "jiao": 10, "yuan": 100}
MODES = {"half_up": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_DOWN}


@dataclass
class Answer:
    """The fields of a decision; money in fen, ``covered_to`` the last day, None where nothing is known."""

    status: str
    rate_fen: int | None = None
    subsidy_fen: int | None = None
    subsidy_identity: str | None = None
    payable_fen: int | None = None
    fiscal_subsidy_fen: int | None = None
    covered_from: date | None = None
    covered_to: date | None = None
    reasons: set[str] = field(default_factory=set)
    extras: dict[str, int] = field(default_factory=dict)


def read(file: PackFile, person: Person, as_of: date) -> Answer:
    """Answer for one person by a merged pack, on ``as_of`` for who has not paid."""
    problems = list_problems(file, person, person.paid_on or as_of)
    if problems:
        return Answer("invalid", reasons=problems)
    return Reader(file, person, person.paid_on or as_of).answer()


class Reader:
    """One person before one pack, on one day."""

    def __init__(self, file: PackFile, person: Person, day: date) -> None:
        self.file, self.person, self.day = file, person, day
        self.reasons: set[str] = set()
        self.counted = counted_identities(file, person)
        self.held = frozenset(person.identities)
        self.band = find_band(file, person, day)
        self.term = term_is_open(file, person, day)

    def answer(self) -> Answer:
        """Cover first, since who may not pay owes nothing; then money."""
        begin = self.cover()
        if begin.closed and self.person.paid_on is not None:
            return Answer("closed", reasons=self.reasons)
        if self.person.paid_on is None:
            self.reasons &= {"window.closed"}  # what is said of cover is said to who has paid
        answer = self.money()
        answer.reasons = self.reasons
        if self.person.paid_on is not None:
            self.set_cover(answer, begin.day)
        return answer

    def set_cover(self, answer: Answer, begin: date | None) -> None:
        """Write down from when to when; a cover that ends before it begins is none."""
        end = self.last_day()
        if begin is not None and begin > end:
            self.reasons.add("coverage.too_late")
            begin = None
        if begin is None:
            answer.status = "silent"
            return
        answer.covered_from, answer.covered_to = begin, end

    def because(self, rule: str | None) -> None:
        if rule:
            self.reasons.add(rule)

    # --- cover ---------------------------------------------------------------------------------------------------

    def last_day(self) -> date:
        students = self.file.students
        assert self.file.coverage_year is not None
        if students is None or self.person.population != students.population:
            return self.file.coverage_year.last_day
        if students.graduates is not None and self.person.graduating:
            return students.graduates.last_day
        return students.last_day

    def cover(self) -> Begin:
        """From when this person is covered, in the order in which a notice's exceptions go before its rule."""
        if self.term and self.file.students is not None:
            self.because(self.file.students.rule)
            return Begin(self.file.students.first_day)
        if self.band is not None:
            self.because(self.band.rule)
            return Begin(self.begin_of_band(self.band))
        window = find_window(self.file, self.person, self.held, self.day)
        own = self.begin_of_window(window) if window is not None else None
        exempt = self.no_waiting_rule() if self.is_late(window) else None
        if exempt is not None and (window is not None or self.silence_rule() is not None or self.in_season()):
            at_once = max(self.day, self.year_begins())
            if own is None or at_once < own:
                self.because(exempt)
                return Begin(at_once)
        if window is not None:
            self.because(window.rule)
            self.because(window.coverage_rule)
            return Begin(own)
        return self.outside()

    def outside(self) -> Begin:
        """Say nothing of the day in a silence or a gap, and that it is too early or too late everywhere else."""
        silence = self.silence_rule()
        if silence is not None or self.in_season():
            self.because("window.gap" if silence is None else silence)
            return Begin(None)
        windows = open_to(self.file, self.person, self.held, self.day)
        if self.person.paid_on is not None or all(self.day > window.last_day for window in windows):
            self.because("window.closed")  # that it is too early is no news to who has not paid
        return Begin(None, closed=True)

    def silence_rule(self) -> str | None:
        """The rule of the silence this day lies in."""
        around = [s.rule or "" for s in self.file.silences if s.first_day <= self.day <= s.last_day]
        return around[0] if around else None

    def in_season(self) -> bool:
        """Whether the day lies between the first and the last on which this person may pay."""
        windows = open_to(self.file, self.person, self.held, self.day)
        return any(w.first_day <= self.day for w in windows) and any(self.day <= w.last_day for w in windows)

    def begin_of_band(self, band: NewbornBand) -> date | None:
        if isinstance(band.coverage, FromBirth):
            return self.person.birth_on
        if isinstance(band.coverage, Unsaid):
            return None
        if isinstance(band.coverage, FixedDay):
            return max(band.coverage.day, self.person.birth_on)
        return max(Begin.counted(band.coverage, self.day), self.year_begins(), self.person.birth_on)

    def begin_of_window(self, window: Window) -> date | None:
        """The day this window says, put off by waiting where this person waits; never before birth."""
        if isinstance(window.coverage, Unsaid):
            return None
        if isinstance(window.coverage, FixedDay):
            own = window.coverage.day
        else:
            own = max(Begin.counted(window.coverage, self.day), self.year_begins())
        months = self.months_of_waiting(window)
        if months:
            self.because(self.waiting_rule())
            assert self.file.waiting is not None
            own = max(own, count_waiting(self.file.waiting, self.day, own, months))
        return max(own, self.person.birth_on)

    def months_of_waiting(self, window: Window) -> int:
        """How many months this person waits; 0 for whom the waiting period is not."""
        waiting, missed = this_year(self.file).waiting, self.person.missed_years or 0
        waits = window.coverage.starts == "waiting" or missed > 0
        if waiting is None or not waits or self.no_waiting_rule() is not None:
            return 0
        if waiting.exempt is not None and self.meets(waiting.exempt):
            return 0
        growing = missed * waiting.per_missed_year
        if waiting.repair is not None:
            growing -= (self.person.repaired_years or 0) * waiting.repair.months
        months = waiting.months + max(0, growing)
        if waiting.floor is not None and missed >= waiting.floor.missed_years:
            months = max(months, waiting.floor.months)
        return months

    def waiting_rule(self) -> str:
        return (self.file.waiting.rule if self.file.waiting else None) or ""

    def no_waiting_rule(self) -> str | None:
        """The rule of the first no-waiting group this person belongs to."""
        for group in this_year(self.file).no_waiting:
            named = not group.identities or holds_any(self.file, self.held, group.identities)
            if named and (group.who is None or self.meets(group.who)):
                return group.rule or ""
        return None

    def is_late(self, window: Window | None) -> bool:
        """Whether the centralised period is over."""
        if window is not None and window.centralised:
            return False
        central = [w for w in this_year(self.file).windows if w.centralised]
        return all(self.day > w.last_day for w in central)

    def year_begins(self) -> date:
        assert self.file.coverage_year is not None
        return self.file.coverage_year.first_day

    def meets(self, when: object) -> bool:
        """Whether a condition on days or duties holds: these go by the identities held now."""
        return holds(self.file, self.person, self.held, when, self.day)

    def meets_counted(self, when: object) -> bool:
        """Whether a condition on money holds: these go by the identities that count for subsidies."""
        return holds(self.file, self.person, self.counted, when, self.day)

    # --- money ---------------------------------------------------------------------------------------------------

    def money(self) -> Answer:
        rate = self.rate_fen()
        subsidy, winner = self.subsidy(rate)
        fiscal, extra = self.fiscal()
        waiting = this_year(self.file).waiting
        repair = (self.person.repaired_years or 0) * rate if waiting is not None and waiting.repair is not None else 0
        addons = self.addons_fen()
        personal = rate - subsidy + extra
        answer = Answer("assessed", rate, subsidy, winner, personal + repair + addons, fiscal)
        answer.extras = dict(self.extras(fiscal, {"personal": personal, "repair": repair, "addons": addons}))
        return answer

    def extras(self, fiscal: int | None, parts: dict[str, int]) -> Iterator[tuple[str, int]]:
        """What only packs with the construct speak of."""
        here = this_year(self.file)
        if here.addons:
            yield "addon_fen", parts["addons"]
        if here.waiting is not None and here.waiting.repair is not None:
            yield "repair_fen", parts["repair"]
        if here.family_account is not None:
            named = sum(parts[part] for part in set(here.family_account.pays))
            yield "account_fen", min(self.person.payer_account_fen or 0, named)
        if here.incentive is not None:
            yield "incentive_fen", self.incentive_fen(here)
        if fiscal is not None:
            yield from self.shares(fiscal)

    def rate_entry(self) -> Rate:
        for rate in self.file.rates:
            if (rate.population, rate.tier) != (self.person.population, self.person.tier):
                continue
            if (rate.years is None or self.file.year in rate.years) and (
                rate.when is None or self.meets_counted(rate.when)
            ):
                return rate
        raise AssertionError("list_problems has looked for a rate before")

    def rate_fen(self) -> int:
        """What this person pays before subsidies; a newborn band may set another amount."""
        rate = self.rate_entry()
        self.because(rate.rule)
        if self.band is not None and not self.term and self.band.amount is not None:
            self.because(self.band.rule)
            return self.band.amount
        return rate.amount

    def subsidy(self, rate: int) -> tuple[int, str | None]:
        """The subsidy that counts and the identity that brings it."""
        offers: list[tuple[int, str, Subsidy]] = []
        if any(is_unsubsidised(self.file, self.counted, code) for code in self.counted):
            self.because("identity.unsubsidised")
        for identity in this_year(self.file).identities:
            if is_held(self.file, self.counted, identity.code):
                self.warn_of_tier(identity)
                entry = self.offer_of(identity)
                if entry is not None:
                    offers.append((min(rate, self.amount_fen(entry, rate)), identity.code, entry))
        if not offers:
            return 0, None
        highest = max(amount for amount, _, _ in offers)
        ranked = self.file.several is not None and self.file.several.choose == "ranked"
        amount, code, entry = offers[0] if ranked else next(offer for offer in offers if offer[0] == highest)
        if amount < highest:
            self.because("identity.ranked_lower")
        if amount == 0:
            return 0, None
        self.because(entry.rule)
        return amount, code

    def warn_of_tier(self, identity: PackIdentity) -> None:
        only = identity.only_tier
        if only is not None and only.tier != self.person.tier:
            self.because(only.rule)

    def offer_of(self, identity: PackIdentity) -> Subsidy | None:
        """The subsidy of an identity in this person's tier, if its condition and its deadline let it count."""
        if identity.when is not None and not self.meets_counted(identity.when):
            return None
        entry = self.first_subsidy(identity)
        if entry is not None and identity.until is not None and self.day >= identity.until.before:
            self.because(identity.until.rule)
            return None
        return entry

    def first_subsidy(self, identity: PackIdentity) -> Subsidy | None:
        for subsidy in Entries.of_year(identity.subsidies, self.file.year):
            if subsidy.tier == self.person.tier and (subsidy.when is None or self.meets_counted(subsidy.when)):
                return subsidy
        return None

    def amount_fen(self, entry: Subsidy, rate: int) -> int:
        if entry.amount is not None:
            return entry.amount
        assert entry.percent is not None
        base = rate if entry.of_tier == "own" else self.rate_of_tier(entry.of_tier)
        step = FEN[self.file.rounding.to] if self.file.rounding else 1
        mode = MODES[self.file.rounding.mode] if self.file.rounding else ROUND_HALF_UP
        return int((Decimal(base) * entry.percent / (100 * step)).quantize(Decimal(1), mode)) * step

    def rate_of_tier(self, tier: object) -> int:
        rates = [rate for rate in this_year(self.file).rates if rate.tier == tier]
        plain = [rate for rate in rates if rate.when is None]
        return (plain or rates)[0].amount

    def fiscal(self) -> tuple[int | None, int]:
        """What the treasury adds, and what the person pays of it."""
        if self.file.fiscal is None:
            return None, 0
        if self.pays_full_cost():
            return 0, self.file.fiscal.amount
        return self.file.fiscal.amount, 0

    def pays_full_cost(self) -> bool:
        full = self.file.full_cost
        if full is None or self.day < full.first_day or (full.last_day is not None and self.day > full.last_day):
            return False
        if self.band is not None and not self.term and full.newborns == "exempt":
            return False
        if full.exempt is not None and self.meets(full.exempt):
            return False
        self.because(full.rule)
        return True

    def shares(self, fiscal: int) -> Iterator[tuple[str, int]]:
        """The levels of government one after another; the last bears what rounding left."""
        assert self.file.fiscal is not None
        left = fiscal
        for position, share in enumerate(self.file.fiscal.shares, 1):
            part = left
            if position < len(self.file.fiscal.shares):
                part = share.amount if share.amount is not None else _percent(fiscal, share.percent)
                part = part if fiscal else 0
            left -= part
            yield f"fiscal_{share.code}_fen", part

    def addons_fen(self) -> int:
        chosen, total = self.person.addons or frozenset(), 0
        for addon in self.file.addons:
            meant = addon.who is None or self.meets(addon.who)
            if meant and (addon.compulsory or addon.code in chosen):
                self.because(addon.rule)
                total += addon.amount
        return total

    def incentive_fen(self, here: Entries) -> int:
        incentive = here.incentive
        assert incentive is not None
        unbroken = max(0, (self.person.continuous_years or 0) - incentive.after_years)
        more = unbroken * incentive.per_year
        more += (self.person.years_without_claims or 0) * incentive.per_year_without_claims
        if incentive.most_percent is not None:
            values = [b.value for b in self.file.benefits if b.name == incentive.benefit and self.in_tier(b.tier)]
            more = min(more, _percent(values[0] * 100, incentive.most_percent))
        if more:
            self.because(incentive.rule)
        return more

    def in_tier(self, tier: int | None) -> bool:
        return tier in (None, self.person.tier)


def _percent(fen: int, percent: Decimal | None) -> int:
    assert percent is not None
    return int((Decimal(fen) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def read_pack(pack: Pack, person: Person, as_of: date) -> Answer:
    """Answer by the version of a pack that held on the day: an amendment leaves earlier days as they were."""
    day, amends = person.paid_on or as_of, pack.file.amends
    if amends is not None and pack.amended is not None and not amends.retroactive and day < amends.first_day:
        return read_pack(pack.amended, person, as_of)
    return read(pack.file, person, as_of)
