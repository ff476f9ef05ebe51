"""The officers' manual of packs: its examples are true to the form, and it names all there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.policy.broken import BROKEN
from tests.policy.test_schema import as_editor
from yingbao.policy.drafting.answers import make_content
from yingbao.policy.entries import When
from yingbao.policy.format import PackFile
from yingbao.policy.linting.advice import ADVICE
from yingbao.policy.schema import make_schema

PAGE = (Path(__file__).parents[2] / "docs" / "manual" / "policy-packs.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
LEVELS = {"error": "错误", "warning": "警告", "info": "提示"}


def refused(content: Any, schema: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(content)]


def part_schema(name: str) -> dict[str, Any]:
    whole = make_schema()
    return {**whole["properties"][name], "$defs": whole["$defs"]}


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_fit_the_form(example: str) -> None:
    content = as_editor(example)
    if "name" in content:
        assert make_content(yaml.safe_load(example))["pack"] == content["name"]
    elif "when" in content:
        assert set(content["when"]) == set(When.model_fields)
        assert refused(content["when"], {"$ref": "#/$defs/When", "$defs": make_schema()["$defs"]}) == []
    else:
        for part, value in content.items():
            assert refused(value, part_schema(part)) == [], part


def test_every_part_of_a_pack_is_told() -> None:
    assert [name for name in PackFile.model_fields if not re.search(rf"\b{name}\b", PAGE)] == []


def test_every_way_cover_begins_is_told() -> None:
    ways = {
        one["properties"]["starts"]["const"] for one in make_schema()["$defs"].values() if "starts" in one["properties"]
    }
    assert {way for way in ways if f"`{way}`" not in PAGE} == {"birth"}  # shown in the example of newborns
    assert "starts: birth" in PAGE


def test_every_finding_is_told_with_its_severity_and_what_to_do() -> None:
    for code, advice in ADVICE.items():
        severities = {severity for found, severity, _, _ in BROKEN if found == code} or {"warning"}
        [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{code}` |")]
        _, _, levels, sentence, _ = (cell.strip() for cell in row.split("|"))
        assert set(levels.split("、")) == {LEVELS[severity] for severity in severities}
        assert sentence == advice
