"""What an officer should know about a pack before using it: mistakes, and where the notice itself leaves a hole.

``error``: the pack is wrong, or nobody can be assessed by it. ``warning``: the notice is silent or contradicts
itself, and some people get no answer or a doubtful one. ``info``: a reading or a gap somebody should confirm. A
pack without errors assesses any input without raising.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from yingbao.kernel.errors import BadInput
from yingbao.policy.linting.codes import check_codes
from yingbao.policy.linting.days import check_days
from yingbao.policy.linting.identities import check_identities
from yingbao.policy.linting.lateness import check_lateness
from yingbao.policy.linting.money import check_fiscal, check_rates, check_subsidies
from yingbao.policy.linting.people import (
    check_conditions,
    check_facts,
    check_newborn,
    check_students,
    check_waiting,
)
from yingbao.policy.linting.silence import check_parts
from yingbao.policy.linting.sources import check_repeats, check_rules, check_years, list_interpretations
from yingbao.policy.linting.subject import Finding, Severity, Subject, make_subject
from yingbao.policy.linting.windows import check_windows
from yingbao.policy.load import Pack
from yingbao.policy.tables import compile_tables

__all__ = ["Finding", "Severity", "lint"]

_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    check_parts,
    check_windows,
    check_lateness,
    check_days,
    check_rates,
    check_subsidies,
    check_fiscal,
    check_identities,
    check_conditions,
    check_facts,
    check_newborn,
    check_students,
    check_waiting,
    check_codes,
    check_repeats,
    check_years,
    check_rules,
    list_interpretations,
)


def lint(pack: Pack) -> list[Finding]:
    """Return all findings, worst first, in a stable order."""
    subject = make_subject(pack)
    findings = [finding for check in _CHECKS for finding in check(subject)]
    if not any(finding.severity == "error" for finding in findings):
        findings += _try_engine(pack)
    return sorted(findings, key=lambda finding: (_RANK[finding.severity], finding.code))


def _try_engine(pack: Pack) -> Iterator[Finding]:
    """Compile the pack: some limits of the engine show only there."""
    if pack.file.assessable:
        try:
            compile_tables(pack)
        except BadInput as error:
            yield Finding("cannot-compile", "error", "pack", error.what)
