"""The JSON Schema that ships with the packs: made from the form, true to it, and of use to an editor."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from tests.policy.small import small_pack
from yingbao.cli.main import app
from yingbao.policy import list_packs
from yingbao.policy.describing import CLASSES
from yingbao.policy.schema import FILE_NAME, list_classes, make_schema, write_text
from yingbao.policy.sources import PACKS_DIR

CONSTRUCTS = Path(__file__).parent / "constructs"


class _JsonLoader(yaml.SafeLoader):
    """Reads YAML as an editor does: a day stays the text it is written as."""


_JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_editor(text: str) -> Any:
    return yaml.load(text, Loader=_JsonLoader)


def mistakes(content: Any) -> list[str]:
    shipped = json.loads((PACKS_DIR / FILE_NAME).read_text("utf-8"))
    return [error.json_path for error in Draft202012Validator(shipped).iter_errors(content)]


def small() -> dict[str, Any]:
    content: dict[str, Any] = as_editor(yaml.safe_dump(small_pack(), allow_unicode=True))
    return content


def test_the_schema_is_one_and_the_shipped_file_is_what_the_form_makes() -> None:
    Draft202012Validator.check_schema(make_schema())
    assert (PACKS_DIR / FILE_NAME).read_text("utf-8") == write_text()


@pytest.mark.parametrize("path", [*(PACKS_DIR / f"{name}.yaml" for name in list_packs()), *CONSTRUCTS.glob("*.yaml")])
def test_packs_follow_the_schema(path: Path) -> None:
    assert mistakes(as_editor(path.read_text("utf-8"))) == []


def test_every_part_and_field_is_described_in_both_languages() -> None:
    assert set(CLASSES) == list_classes()
    schema = make_schema()
    for name, part in {**schema["$defs"], "PackFile": schema}.items():
        assert "\n" in part["description"], name
        for field, value in part["properties"].items():
            assert " / " in value["description"], f"{name}.{field}"


def test_codes_are_offered_and_others_are_taken() -> None:
    code = make_schema()["$defs"]["PackIdentity"]["properties"]["code"]
    assert "dibao" in code["anyOf"][0]["enum"]
    pack = small()
    pack["identities"][0]["code"] = "knight_of_the_county"
    assert mistakes(pack) == []


def change(path: str, value: Any) -> dict[str, Any]:
    pack = copy.deepcopy(small())
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = pack
    for step in steps:
        place = place[step]
    place[last] = value
    return pack


@pytest.mark.parametrize(
    ("path", "value", "refused"),
    [
        ("rates.0.amount", 400, False),
        ("rates.0.amount", "157.50", False),
        ("rates.0.amount", 157.5, True),
        ("rates.0.amount", -1, True),
        ("rates.0.amount", "157.505", True),
        ("rates.0.tier", 10, True),
        ("rates.0.amonut", 400, True),
        ("rates.0.when", {}, True),
        ("rates.0.when", {"age_to": 17}, False),
        ("windows.0.coverage", {"starts": "some_day"}, True),
        ("windows.0.coverage", {"starts": "fixed_day"}, True),
        ("windows.0.coverage", {"starts": "after_months", "months": 3}, False),
        ("several.choose", "lowest", True),
        ("identities.0.subsidies.0.of_tier", "own", False),
        ("identities.0.subsidies.0", {"tier": 1, "unit": "yuan/person/year"}, True),
        ("identities.0.subsidies.0", {"tier": 1, "unit": "yuan/person/year", "percent": "12.5"}, True),
        ("year", "2030", True),
    ],
)
def test_a_mistake_is_refused_where_it_stands(path: str, value: Any, refused: bool) -> None:
    found = mistakes(change(path, value))
    assert bool(found) == refused
    first = path.split(".")[0]
    assert all(place.startswith(f"$.{first}") for place in found)


def test_the_command_writes_it(tmp_path: Path) -> None:
    out = tmp_path / "schema.json"
    assert CliRunner().invoke(app, ["policy", "schema", "--out", str(out)]).exit_code == 0
    assert out.read_text("utf-8") == write_text()
    assert CliRunner().invoke(app, ["policy", "schema"]).output == write_text()
