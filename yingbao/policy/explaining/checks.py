"""Whether the tree and the decision agree: the rules are worked through again, and what differs is said openly.

A decision made a moment ago never differs (a test sees to that). One that was kept may: the pack has changed since.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.amounts import amount_of
from yingbao.policy.cells import find_subsidy
from yingbao.policy.explaining.case import TAKEN, Case, yuan
from yingbao.policy.explaining.nodes import Node
from yingbao.policy.explaining.sums import payable_node
from yingbao.policy.saying import as_is


def list_differences(case: Case) -> Iterator[Node]:
    """Yield a node for everything that comes out otherwise than the decision says."""
    decision = case.decision
    if decision.status in TAKEN:
        yield from _compare(say(N_("个人缴费标准")), decision.rate_fen, find_rate_fen(case))
        winner, amount = find_winner(case)
        if winner != decision.subsidy_identity:
            yield _difference(say(N_("资助身份")), case.name(decision.subsidy_identity), case.name(winner))
        yield from _compare(say(N_("资助")), decision.subsidy_fen, amount)
        yield from _compare(say(N_("财政补助")), decision.fiscal_subsidy_fen, find_fiscal_fen(case))
        terms = [term.amount_fen or 0 for term in payable_node(case).children]
        yield from _compare(say(N_("个人应缴")), decision.payable_fen, sum(terms))
    if case.person.paid_on is not None:
        begins = find_begin(case)
        if begins != decision.covered_from:
            yield _difference(say(N_("待遇开始")), _day(decision.covered_from), _day(begins))


def find_rate_fen(case: Case) -> int | None:
    """Return the rate the rules give: the newborn band's amount, else that of the first rate that holds."""
    if case.band is not None and case.band.amount is not None:
        return case.band.amount
    return case.rate.amount if case.rate else None


def find_winner(case: Case) -> tuple[str | None, int]:
    """Return the identity whose subsidy the rules make count, and the amount."""
    offers, rate = [], find_rate_fen(case) or 0
    for entry in case.file.identities:
        late = entry.until is not None and case.on >= entry.until.before
        if entry.code not in case.counted or late:
            continue
        found = find_subsidy(entry, case.money_traits, case.person.tier)
        amount = min(amount_of(case.file, found, rate), rate) if found else 0
        if amount > 0:
            offers.append((amount, entry.code))
    if not offers:
        return None, 0
    ranked = case.file.several is not None and case.file.several.choose == "ranked"
    amount, code = offers[0] if ranked else max(offers, key=lambda offer: offer[0])
    return code, amount


def find_fiscal_fen(case: Case) -> int | None:
    """Return what the treasury adds by the rules: nothing on full cost; None where the notice does not say."""
    fiscal, cut = case.file.fiscal, case.file.full_cost
    if fiscal is None or cut is None:
        return fiscal.amount if fiscal else None
    outside = case.on < cut.first_day or (cut.last_day is not None and case.on > cut.last_day)
    newborn = cut.newborns == "exempt" and case.band is not None
    exempt = cut.exempt is not None and case.holds(cut.exempt)
    return fiscal.amount if outside or newborn or exempt else 0


def find_begin(case: Case) -> date | None:
    """Return the first day of cover the rules give; None where they give none."""
    begins = find_first_day(case)
    if begins is None:
        return None
    last = find_last_day(case)
    return begins if last is None or begins <= last else None


def find_first_day(case: Case) -> date | None:
    """Return the day from which the rules would cover, even one after cover ends; None where they give none."""
    if case.in_term and case.file.students is not None:
        return case.file.students.first_day
    birth = case.person.birth_on
    if case.band is None:
        begins = case.season.answer(case.group, case.on)[1]
    elif case.band.coverage.starts == "birth":
        begins = birth
    else:
        begins = case.season.first_covered(case.band.coverage, case.on)
    return None if begins is None else max(begins, birth)


def find_last_day(case: Case) -> date | None:
    """Return the last day of cover: of the insurance year, of the academic year, or of graduates."""
    students, year = case.file.students, case.file.coverage_year
    if students is not None and case.is_student:
        graduates = students.graduates if case.person.graduating else None
        return graduates.last_day if graduates else students.last_day
    return year.last_day if year else None


def _compare(label: Message, said: int | None, found: int | None) -> Iterator[Node]:
    if said != found:
        yield _difference(label, as_is(yuan(said)), as_is(yuan(found)))


def _difference(label: Message, said: Message, found: Message) -> Node:
    detail = say(N_("决定为 {said}，按现在的政策包和资料为 {found}，两者在决定之后有变动"), said=said, found=found)
    return Node("difference", label, detail, "problem")


def _day(day: date | None) -> Message:
    return as_is(day or "-")
