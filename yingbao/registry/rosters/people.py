"""Whom the rows of a roster mean: exactly, or as somebody has decided before. Never a silent guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yingbao.kernel.messages import N_, say
from yingbao.registry.recognising import matching, proposing
from yingbao.registry.recognising.matching import Held
from yingbao.registry.recognising.proposing import Candidate, Written
from yingbao.registry.rosters.rows import Line, Terms


@dataclass(frozen=True, slots=True)
class People:
    """``held`` is row → person; ``recalled`` rows are so by an earlier decision, ``strangers`` by one are nobody.

    ``named`` is row → the person who has the row's number under another name. ``asked`` are the rows that name nobody
    exactly, ``candidates`` row → whom they may mean.
    """

    held: Mapping[int, Held]
    recalled: frozenset[int]
    strangers: frozenset[int]
    named: Mapping[int, Held]
    asked: Sequence[Written]
    candidates: Mapping[int, Sequence[Candidate]]


def find_people(lines: Sequence[Line], terms: Terms) -> People:
    """Look up everybody a roster names, in batches: the statements do not grow with the rows."""
    held = matching.find_people({line.blind for line in lines if line.blind})
    within = {line.row: one for line in lines if (one := held.get(line.blind)) and one.division_code in terms.scope}
    exact = {line.row: within[line.row] for line in lines if line.row in within and _is_same(line, within[line.row])}
    doubtful = [line.written for line in lines if line.row not in exact and _can_be_asked(line)]
    answers = proposing.recall(doubtful)
    recalled = _recalled(answers, terms)
    asked = [one for one in doubtful if one.row not in answers]
    return People(
        held=exact | recalled,
        recalled=frozenset(recalled),
        strangers=frozenset(row for row in answers if row not in recalled),
        named={row: one for row, one in within.items() if row not in exact},
        asked=asked,
        candidates=proposing.propose(asked, scope=terms.scope),
    )


def say_whom(line: Line, people: People) -> Held | None:
    """Return the person a row means, or None with the reason in its cells."""
    held = people.held.get(line.row)
    if held is not None and line.row in people.recalled:
        line.cells.warn("cert_number", say(N_("姓名或号码与台账不同，按以前的认定取台账中的人")))
    elif held is not None and held.is_former:
        line.cells.warn("cert_number", say(N_("是此人以前的证件号码，按台账中的人办理")))
    elif held is None and line.row in people.strangers:
        line.cells.fail("cert_number", say(N_("以前已认定不是台账中的人")))
    elif held is None and line.why is not None:
        line.cells.fail_unless_failed("cert_number", line.why)
    elif held is None and line.row in people.named:
        line.cells.fail("name", say(N_("姓名与证件号码不是同一人")))
    elif held is None:
        line.cells.fail("cert_number", say(N_("台账中没有这个人")))
    return held


def _is_same(line: Line, held: Held) -> bool:
    return held.name == line.name


def _can_be_asked(line: Line) -> bool:
    """Whether somebody could say whom a row means: no number, no name or one Excel has cut are mended in the file."""
    return bool(line.number and line.name) and not {".", "+"} & set(line.number)


def _recalled(answers: Mapping[int, int | None], terms: Terms) -> dict[int, Held]:
    people = matching.find_held(pk for pk in answers.values() if pk is not None)
    found = {row: people.get(pk) for row, pk in answers.items() if pk is not None}
    return {row: one for row, one in found.items() if one is not None and one.division_code in terms.scope}
