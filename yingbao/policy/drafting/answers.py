"""From an officer's answers to the content of a pack.

Answers have the parts of the form and are shorter: the clause and its sentence stand beside the value (``clause``,
``quote``) and become a rule; units, days and English may be left out; when cover begins is a word (``cover:
next_month``), what an identity brings a table (``amounts: {1: 200, 2: 50%}``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.drafting.clauses import Clauses, in_both
from yingbao.policy.drafting.parts import PARTS, TITLES
from yingbao.policy.form_errors import join_lines, list_mistakes
from yingbao.policy.format import PackFile
from yingbao.policy.linting.people import needed_facts

PER_YEAR = "yuan/person/year"
HEAD = ("name", "place", "year", "division", "extends", "amends", "assessable", "title", "document")
_COVER = re.compile(r"(?P<starts>[a-z_]+)(?:\s+(?P<number>\d+))?")
_PERCENT = re.compile(r"(?P<percent>\d+(?:\.\d+)?)\s*%(?:\s*(?:of|按)?\s*(?P<tier>\d)\s*(?:档)?)?")
_WITHIN = re.compile(r"(?P<within>\d+)\s*(?P<unit>days|months|日|天|个月|月)")
_COUNTS = {"after_days": "days", "after_full_days": "days", "after_months": "months"}


def make_content(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a pack file. Raises BadInput where the answers lack the head or do not fit the form."""
    unknown = [key for key in answers if key not in HEAD and key not in PARTS]
    missing = [key for key in ("name", "place", "year", "division") if answers.get(key) in (None, "")]
    if unknown or missing:
        raise BadInput(
            say(N_("答卷不完整或有不认识的部分")),
            fact=say(N_("缺少：{missing}；不认识：{unknown}"), missing=_list(missing), unknown=_list(unknown)),
            todo=say(N_("可以回答的部分：{known}"), known=_list([*HEAD, *PARTS])),
        )
    try:
        return _Drafter(answers).content()
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadInput(say(N_("答卷读不懂：{why}"), why=str(error))) from error


def _validate(content: Mapping[str, Any]) -> PackFile:
    """Return the content as a file. Raises BadInput naming every place that does not fit the form."""
    try:
        return PackFile.model_validate(_tuples(content))
    except ValidationError as error:
        mistakes = list_mistakes(error, content)
        what = say(N_("答卷有 {count} 处不合格式："), count=len(mistakes))
        raise BadInput(what, fact=join_lines(mistakes)) from error


def _list(keys: list[str]) -> str:
    return "、".join(keys) or "-"


class _Drafter:
    """One set of answers on its way to a pack."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self._year = answers["year"]
        self._document = answers.get("document")
        self._clauses = Clauses(self._document.get("id", "DOC") if self._document else None)
        self._special: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "rates": self._rate,
            "fiscal": self._fiscal,
            "newborn": self._newborn,
            "students": self._students,
            "windows": self._window,
            "waiting": self._waiting,
            "incentive": lambda entry: {"unit": PER_YEAR, **entry},
            "addons": lambda entry: {"unit": PER_YEAR, **_named(entry)},
            "identities": self._identity,
            "groups": lambda entry: {"evidence": [], **_named(entry)},
        }

    def content(self) -> dict[str, Any]:
        """Return the whole content, checked against the form."""
        parts = {name: self._part(name) for name in PARTS if self._answers.get(name) not in (None, [], {})}
        content = {**self._head(), "rules": self._clauses.rules, **parts}
        file = _validate(content)
        if "facts" not in content and (facts := list(_declare(file))):
            content["facts"] = facts
            _validate(content)
        return content

    def _head(self) -> dict[str, Any]:
        answers, place = self._answers, in_both(self._answers["place"])
        zh = f"{place['zh']}{self._year}年度城乡居民医保"
        english = f"{place['en']}, resident medical insurance {self._year}" if place["en"] else ""
        head: dict[str, Any] = {"format": 1, "pack": answers["name"]}
        if answers.get("extends"):
            head["extends"] = answers["extends"]
        if answers.get("amends"):
            amends = dict(answers["amends"])
            head["amends"] = _with_rule(amends, self._clauses.take(amends, TITLES["amends"]))
        head |= {"assessable": answers.get("assessable", True), "year": self._year}
        head |= {
            "division": str(answers["division"]),
            "title": in_both(answers.get("title") or {"zh": zh, "en": english}),
        }
        head["documents"] = [_document(self._document)] if self._document else []
        return head

    def _part(self, name: str) -> Any:
        answer = self._answers[name]
        if PARTS[name].many:
            shared = {}
            if isinstance(answer, Mapping) and "entries" in answer:
                shared = {key: value for key, value in answer.items() if key != "entries"}
                answer = answer["entries"]
            entries = answer if isinstance(answer, list | tuple) else [answer]
            return [self._entry(name, {**shared, **entry}) for entry in entries]
        return self._entry(name, dict(answer))

    def _entry(self, name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        entry = {key: value for key, value in answer.items() if value is not None}
        rule = self._clauses.take(entry, TITLES[name])
        if rule is not None:
            entry["rule"] = rule
        special = self._special.get(name)
        made: dict[str, Any] = _deep_named(special(entry) if special else entry)
        return made

    def _days(self, population: str | None = None) -> dict[str, date]:
        students = self._answers.get("students") or {}
        if population is not None and population == students.get("population", "university_student") and students:
            return {"first_day": students["first_day"], "last_day": students["last_day"]}
        year = self._answers.get("coverage_year") or {}
        first = year.get("first_day", date(self._year, 1, 1))
        return {"first_day": first, "last_day": year.get("last_day", date(self._year, 12, 31))}

    def _rate(self, entry: dict[str, Any]) -> dict[str, Any]:
        filled = {"population": "resident", "tier": 1, **entry}
        return {**filled, "unit": PER_YEAR, **self._days(filled["population"]), **_only(entry, "first_day", "last_day")}

    def _fiscal(self, entry: dict[str, Any]) -> dict[str, Any]:
        return {"unit": PER_YEAR, **self._days(), **entry}

    def _window(self, entry: dict[str, Any]) -> dict[str, Any]:
        made = _covered(entry)
        return {"id": "centralised" if entry.get("centralised") else f"from-{entry['first_day']}", **made}

    def _newborn(self, entry: dict[str, Any]) -> dict[str, Any]:
        bands = entry.pop("bands", None) or [
            {key: entry.pop(key) for key in ("within", "cover", "amount") if key in entry}
        ]
        return {"populations": ["resident"], **entry, "bands": [_band(dict(band)) for band in bands]}

    def _students(self, entry: dict[str, Any]) -> dict[str, Any]:
        if isinstance(entry.get("graduates"), date):
            entry["graduates"] = {"last_day": entry["graduates"]}
        filled = {"population": "university_student", "unit": "days", **entry}
        return {"term_start": entry["first_day"], **filled}

    def _waiting(self, entry: dict[str, Any]) -> dict[str, Any]:
        if isinstance(entry.get("repair"), int):
            entry["repair"] = {"months": entry["repair"]}
        return {"unit": "months", "per_missed_year": 0, **entry}

    def _identity(self, entry: dict[str, Any]) -> dict[str, Any]:
        rule = entry.pop("rule", None)
        table = entry.pop("amounts", {})
        given = [*({"tier": tier, **_amount(amount)} for tier, amount in table.items()), *entry.get("subsidies", ())]
        entry["subsidies"] = [_with_rule({**subsidy, "unit": PER_YEAR}, rule) for subsidy in given]
        for key, field in (("until", "before"), ("only_tier", "tier")):
            if key in entry:
                end = entry[key] if isinstance(entry[key], Mapping) else {field: entry[key]}
                entry[key] = _with_rule(dict(end), rule)
        return entry


def _document(answer: Mapping[str, Any]) -> dict[str, Any]:
    texts = {field: in_both(answer[field]) for field in ("title", "issuer")}
    return {
        "id": answer.get("id", "DOC"),
        "title": texts["title"],
        "number": answer.get("number"),
        "issuer": texts["issuer"],
        "issued_on": answer["issued_on"],
        "file": answer.get("file", ""),
    }


def _with_rule(entry: dict[str, Any], rule: str | None) -> dict[str, Any]:
    return entry if rule is None or "rule" in entry else {**entry, "rule": rule}


def _only(entry: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: entry[key] for key in keys if key in entry}


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    return {"en": "", **entry} if "zh" in entry else entry


def _deep_named(value: Any) -> Any:
    """Give every name in Chinese its place for English."""
    if isinstance(value, Mapping):
        filled = {key: _deep_named(item) for key, item in value.items()}
        if "zh" in filled and "en" not in filled:
            filled["en"] = ""
        return filled
    return [_deep_named(item) for item in value] if isinstance(value, list | tuple) else value


def _covered(entry: dict[str, Any]) -> dict[str, Any]:
    cover = entry.pop("cover", None)
    return entry if cover is None else {**entry, "coverage": read_cover(cover)}


def read_cover(cover: Any) -> Any:
    """Return when cover begins, from a day, a word, or a word and a number: ``after_full_days 90``."""
    if isinstance(cover, date):
        return {"starts": "fixed_day", "day": cover}
    found = _COVER.fullmatch(cover.strip()) if isinstance(cover, str) else None
    if found is None:
        return cover
    starts, number = found["starts"], found["number"]
    return {"starts": starts, **({_COUNTS[starts]: int(number)} if number and starts in _COUNTS else {})}


def _band(band: dict[str, Any]) -> dict[str, Any]:
    found = _WITHIN.fullmatch(str(band.get("within", "")).strip())
    if found is not None:
        band["within"] = int(found["within"])
        band["unit"] = "months" if "月" in found["unit"] or found["unit"] == "months" else "days"
    return _covered({"unit": "days", **band} if found is None else band)


def _amount(amount: Any) -> dict[str, Any]:
    """Return what a table says of a tier: ``200``, ``'157.50'``, ``50%`` (of the own rate) or ``90% of 1``."""
    found = _PERCENT.fullmatch(amount.strip()) if isinstance(amount, str) else None
    if found is None:
        return {"amount": amount}
    percent = found["percent"]
    tier: int | str = int(found["tier"]) if found["tier"] else "own"
    return {"percent": int(percent) if percent.isdigit() else percent, "of_tier": tier}


def _tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


def _declare(file: PackFile) -> Iterator[dict[str, Any]]:
    """Yield the facts to declare; one that only concerns holders of an identity is asked of those."""
    whose: dict[str, set[str] | None] = {}
    for fact, place in needed_facts(file):
        owner = next((one.code for one in file.identities if place.startswith(f"identities.{one.code}.")), None)
        held = None if owner is None else {owner}
        before = whose.get(fact, set())
        whose[fact] = None if held is None or before is None else before | held
    for fact, codes in whose.items():
        yield {"fact": fact, **({"identities": sorted(codes)} if codes else {})}
