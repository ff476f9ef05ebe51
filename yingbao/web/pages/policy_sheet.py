"""The fact sheet of a pack as a page anybody may read and print (PJ-8.3.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from yingbao.kernel.messages import Message, say
from yingbao.policy import Policy, Rule, get_policy
from yingbao.policy.factsheet import Example, FactSheet, Section, Table, make_sheet
from yingbao.policy.wording import STATUSES
from yingbao.web.policies import speak

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})")
CHIPS = {"assessed": "good", "silent": "warn", "closed": "bad", "invalid": "bad"}
MOST_KEPT = 16  # sheets; to make one takes some tenths of a second


@require_safe
def policy_sheet(request: HttpRequest, name: str) -> HttpResponse:
    """Show everything a pack says, with examples the engine has assessed."""
    policy = get_policy(name)
    sheet = _keep_sheet(policy)
    several = len(sheet.layers) > 1
    context = {
        "policy": policy,
        "sheet": sheet,
        "title": speak(sheet.title),
        "sections": [_section(section, several=several) for section in sheet.sections],
        "chapters": [
            {
                "code": chapter.code,
                "title": speak(chapter.title),
                "examples": [_example(example) for example in chapter.examples],
            }
            for chapter in sheet.chapters
        ],
        "several": several,
    }
    return render(request, "web/policy_sheet.html", context)


@lru_cache(maxsize=MOST_KEPT)
def _keep_sheet(policy: Policy) -> FactSheet:
    return make_sheet(policy)


def _speak_whole(message: Message) -> SafeString:
    """Return a text as HTML in which no day is broken over two lines."""
    pieces = _DAY.split(speak(message))
    return format_html_join("", "{}", ((_day(piece) if place % 2 else piece,) for place, piece in enumerate(pieces)))


def _day(text: str) -> SafeString:
    return format_html('<span class="tight">{}</span>', text)


def _section(section: Section, *, several: bool) -> dict[str, Any]:
    return {
        "code": section.code,
        "title": speak(section.title),
        "points": [
            {"text": _speak_whole(point.text), "rules": _ids(point.rules), "origin": point.origin if several else ""}
            for point in section.points
        ],
        "tables": [_table(table, several=several) for table in section.tables],
    }


def _table(table: Table, *, several: bool) -> dict[str, Any]:
    """Return a table with each cell beside the label of its column, which narrow screens show before it."""
    heads = [(speak(head.label), head.number) for head in table.heads]
    return {
        "caption": speak(table.caption) if table.caption else "",
        "heads": heads,
        "cited": any(row.rules for row in table.rows),
        "origins": several and any(row.origin for row in table.rows),
        "rows": [
            {
                "cells": [(_speak_whole(cell), *head) for cell, head in zip(row.cells, heads, strict=True)],
                "rules": _ids(row.rules),
                "origin": row.origin,
            }
            for row in table.rows
        ],
    }


def _ids(rules: Sequence[Rule]) -> list[str]:
    return [rule.id for rule in rules]


def _example(example: Example) -> dict[str, Any]:
    decision = example.decision
    return {
        "title": _speak_whole(example.title),
        "facts": _speak_whole(example.facts),
        "status": speak(say(STATUSES[decision.status])),
        "chip": CHIPS[decision.status],
        "decision": decision,
        "subsidy": speak(example.subsidy),
        "others": "" if speak(example.others) == "–" else speak(example.others),
        "rules": _ids(example.rules),
    }
