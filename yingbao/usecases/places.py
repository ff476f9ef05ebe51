"""The account tree in one glance: which account of the ledger each kind of money sits in."""

from __future__ import annotations

from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Place


def resident_due(division_code: int, year: int) -> Place:
    """Return what a village's residents owe."""
    return Place(AccountKind.RESIDENT_DUE, division_code, year)


def contribution(division_code: int, year: int) -> Place:
    """Return a village's contribution income, the other side of everything owed."""
    return Place(AccountKind.CONTRIBUTION, division_code, year)


def agent_cash(agent_id: int, division_code: int, year: int) -> Place:
    """Return the cash in an agent's hands."""
    return Place(AccountKind.AGENT_CASH, division_code, year, str(agent_id))


def agreement(agent_id: int, division_code: int, year: int) -> Place:
    """Return an agent's account of the three-party agreement."""
    return Place(AccountKind.AGREEMENT, division_code, year, str(agent_id))


def declared(agent_id: int, division_code: int, year: int) -> Place:
    """Return what an agent has declared and the tax client has not yet answered for."""
    return Place(AccountKind.DECLARED, division_code, year, str(agent_id))


def channel(name: str, division_code: int, year: int) -> Place:
    """Return what a channel has taken and not yet passed on."""
    return Place(AccountKind.CHANNEL, division_code, year, name)


def treasury(division_code: int, year: int) -> Place:
    """Return what has reached the treasury."""
    return Place(AccountKind.TREASURY, division_code, year)


def refund_payable(division_code: int, year: int) -> Place:
    """Return what was paid twice or wrongly and must go back."""
    return Place(AccountKind.REFUND_PAYABLE, division_code, year)


def department_due(payer: str, division_code: int, year: int) -> Place:
    """Return what a paying department owes for the subsidised of a village."""
    return Place(AccountKind.DEPARTMENT_DUE, division_code, year, payer)


def fiscal_due(division_code: int, year: int) -> Place:
    """Return the fiscal subsidy owed for a village's enrolled."""
    return Place(AccountKind.FISCAL_DUE, division_code, year)
