"""zen-engine: the notice as a decision graph of expressions and decision tables, evaluated person by person."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import zen

from benchmarks.policy import notice as n
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, serve

FACTS = ("birth", "student", "tier", "identities", "paid", "graduating", "term", "unreadable")


class ZenEngine:
    """A decision per person: this engine knows no columns."""

    own_threads = False

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return the engine and one JSON text per person (the quickest it takes), identities as a list of codes."""
        loader = {"type": "static", "content": {"notice": make_graph(columns.as_of)}}
        engine = zen.ZenEngine({"loader": loader})
        bits = list(enumerate(columns.codes))
        rows = zip(
            columns.birth.tolist(),
            (columns.population == 1).tolist(),
            columns.tier.tolist(),
            ([code for bit, code in bits if mask >> bit & 1] for mask in columns.mask.tolist()),
            columns.paid.tolist(),
            columns.graduating.tolist(),
            columns.term_start.tolist(),
            (columns.problems != 0).tolist(),
            strict=True,
        )
        return engine, [json.dumps(dict(zip(FACTS, row, strict=True))) for row in rows], columns.codes

    def run(self, data: Any) -> list[Any]:
        """Assess."""
        engine, persons, _ = data
        return [engine.evaluate("notice", person) for person in persons]

    def collect(self, data: Any, result: list[Any]) -> dict[str, Array]:
        """Return the answers as arrays."""
        places = {"": -1, **{code: place for place, code in enumerate(data[2])}}
        found = [answer["result"] for answer in result]
        for answer in found:
            answer["winner"] = places[answer["winner"]]
        return {name: np.array([answer[name] for answer in found], np.int64).astype(np.int32) for name in ANSWERS}


def make_graph(as_of: int) -> dict[str, Any]:
    """Return the decision graph, one node after the other."""
    nodes = [
        {"id": "given", "name": "given", "type": "inputNode", "content": {}},
        _expressions("facts", _facts(as_of)),
        _table("rates", ("yuan",), _rates()),
        _table("best", ("subsidised", "who"), _winners()),
        _table("begin", ("begins",), _begins()),
        _expressions("state", _state()),
        _expressions("answer", _answer(), pass_through=False),
        {"id": "asked", "name": "asked", "type": "outputNode", "content": {}},
    ]
    pairs = itertools.pairwise(nodes)
    edges = [{"id": f"to-{b['id']}", "type": "edge", "sourceId": a["id"], "targetId": b["id"]} for a, b in pairs]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _expressions(name: str, pairs: dict[str, str], *, pass_through: bool = True) -> dict[str, Any]:
    steps = [{"id": f"{name}-{key}", "key": key, "value": value} for key, value in pairs.items()]
    return {
        "id": name,
        "name": name,
        "type": "expressionNode",
        "content": {"expressions": steps, "passThrough": pass_through},
    }


def _table(name: str, outputs: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> dict[str, Any]:
    """Return a decision table of one condition per row; the first row that holds answers."""
    columns = [f"{name}-{output}" for output in outputs]
    return {
        "id": name,
        "name": name,
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "passThrough": True,
            "inputs": [{"id": f"{name}-if", "name": "if"}],
            "outputs": [{"id": i, "name": o, "field": o} for i, o in zip(columns, outputs, strict=True)],
            "rules": [
                {"_id": f"{name}-{place}", **dict(zip([f"{name}-if", *columns], row, strict=True))}
                for place, row in enumerate(rows)
            ],
        },
    }


def _facts(as_of: int) -> dict[str, str]:
    birth, day = "birth", "$.day"
    late = " or ".join(f"'{code}' in identities" for code in n.NO_WAITING)
    return {
        "unpaid": f"paid == {n.NO_DAY}",
        "day": f"$.unpaid ? {as_of} : paid",
        "begin_of_term": f"term == {n.NO_DAY} ? {n.TERM_BEGINS} : term",
        "before_july": f"{day} < {n.FULL_COST}",
        "invalid": f"unreadable or tier < 1 or tier > 2 or {birth} == {n.NO_DAY} or (not $.unpaid and {birth} > paid)"
        f" or (student and ($.begin_of_term < {n.TERM_FIRST} or $.begin_of_term > {n.TERM_LAST}))",
        "in_term": f"student and {day} >= $.begin_of_term and {day} <= $.begin_of_term + {n.TERM_DAYS}",
        "newborn": f"not student and {birth} >= {n.YEAR_BEGINS} and {birth} <= {n.YEAR_ENDS}"
        f" and {day} >= {birth} and {day} <= {birth} + {n.NEWBORN_DAYS}",
        "until": f"student and not graduating ? {n.TERM_ENDS} : {n.YEAR_ENDS}",
        "at_once": f"len(identities) > 0 and ({late})",
    }


def _rates() -> Iterator[tuple[str, ...]]:
    for (who, tier), yuan in n.RATE.items():
        yield f"{'student' if who == 'student' else 'not student'} and tier == {tier}", str(yuan)
    yield "invalid", "0"


def _winners() -> Iterator[tuple[str, ...]]:
    """Yield every identity, best first, for each population, tier and half of the year; before all, who has none."""
    yield "len(identities) == 0", "0", "''"
    for (who, tier), rate in n.RATE.items():
        for july in (True, False):
            cell = f"{'student' if who == 'student' else 'not student'} and tier == {tier}"
            cell += f" and {'before_july' if july else 'not before_july'}"
            offers = [(i.code, min(offer, rate)) for i in n.IDENTITIES if (offer := i.offer(tier, july)) is not None]
            for code, yuan in sorted(offers, key=lambda offer: -offer[1]):
                yield f"{cell} and '{code}' in identities", str(yuan), f"'{code}'"
    yield "true", "0", "''"


def _begins() -> Iterator[tuple[str, ...]]:
    yield "in_term", str(n.TERM_BEGINS)
    yield "newborn", "birth"
    yield f"day < {n.OPENS} or day > {n.LAST_DAY}", "-1"
    yield f"day <= {n.CENTRALISED_END}", f"max([{n.YEAR_BEGINS}, birth])"
    yield "at_once", f"max([{n.YEAR_BEGINS}, day])"
    yield f"day < {n.YEAR_BEGINS}", "0"
    yield f"day < {n.FEBRUARY}", f"max([{n.FEBRUARY}, birth])"
    yield f"day < {n.MARCH}", f"max([{n.MARCH}, birth])"
    yield "true", f"day + {n.WAITING}"


def _state() -> dict[str, str]:
    return {
        "closed": "not invalid and not unpaid and begins == -1",
        "said": "begins > 0 and begins <= until",
        "nothing": "invalid or $.closed",
        "covered": "$.said and not unpaid and not $.nothing",
    }


def _answer() -> dict[str, str]:
    known = f"(said or unpaid ? {n.ASSESSED} : {n.SILENT})"
    return {
        "status": f"invalid ? {n.INVALID} : (closed ? {n.CLOSED} : {known})",
        "rate": f"nothing ? -1 : yuan * {n.FEN}",
        "subsidy": f"nothing ? -1 : subsidised * {n.FEN}",
        "winner": "nothing ? '' : who",
        "payable": f"nothing ? -1 : (yuan - subsidised + (before_july ? 0 : {n.FISCAL})) * {n.FEN}",
        "fiscal": f"nothing ? -1 : (before_july ? {n.FISCAL * n.FEN} : 0)",
        "begins": f"covered ? begins : {n.NO_DAY}",
        "ends": f"covered ? until : {n.NO_DAY}",
    }


if __name__ == "__main__":
    serve(ZenEngine())
