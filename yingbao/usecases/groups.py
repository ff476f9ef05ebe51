"""The groups of the notice, by the evidence each asks for (BN-2, PJ-2, PJ-8.3.1)."""

from __future__ import annotations

from collections.abc import Mapping

from yingbao.policy import Policy


def bases(policy: Policy) -> Mapping[str, str]:
    """Return evidence → rule: the group that asks for it first, so that the booklet stands for the notice's first."""
    found: dict[str, str] = {}
    for group in policy.file.groups:
        for evidence in group.evidence:
            found.setdefault(evidence, group.rule or group.id)
    return found
