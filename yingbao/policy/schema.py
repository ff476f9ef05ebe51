"""The JSON Schema of a pack (draft 2020-12), so that an editor completes and checks while an officer writes.

Made from the form itself (``PackFile``) and the common words. Codes are suggestions and no restriction: a place may
have words of its own. What only several entries together show is for ``lint``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from yingbao.policy.describing import CLASSES, FIELDS
from yingbao.policy.format import PackFile
from yingbao.policy.vocabulary import get_vocabulary

FILE_NAME = "pack.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_YUAN: JsonSchemaValue = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d{1,2})?$"}]
}
_PERCENT: JsonSchemaValue = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d+)?$"}]
}
# What the form checks across the fields of one entry.
_TOGETHER: dict[str, dict[str, Any]] = {
    "Subsidy": {
        "dependentRequired": {"percent": ["of_tier"], "of_tier": ["percent"]},
        "anyOf": [{"required": ["amount"]}, {"required": ["percent"]}],
    },
    "Share": {"oneOf": [{"required": ["amount"]}, {"required": ["percent"]}]},
    "NoWaiting": {"anyOf": [{"required": ["identities"]}, {"required": ["who"]}]},
    "When": {"minProperties": 1},
    "PackFile": {"not": {"required": ["extends", "amends"]}},
}
# Where a code stands: class and field → which words to offer.
_WORDS = {
    ("PackIdentity", "code"): "identities",
    ("PackIdentity", "confirmed_by"): "departments",
    ("PackIdentity", "paid_by"): "departments",
    ("When", "identities"): "identities",
    ("When", "without"): "identities",
    ("When", "populations"): "populations",
    ("NoWaiting", "identities"): "identities",
    ("Fact", "identities"): "identities",
    ("Rate", "population"): "populations",
    ("Newborn", "populations"): "populations",
    ("Students", "population"): "populations",
    ("EnrolAt", "population"): "populations",
}


class _Schema(GenerateJsonSchema):
    """Amounts and percentages as they are written, in yuan, and not as they are held."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        """Return what may be written where a reader of its own comes first."""
        reader = getattr(schema["function"]["function"], "__name__", "")
        known = {"_read_yuan": _YUAN, "_read_percent": _PERCENT}
        return dict(known[reader]) if reader in known else super().function_before_schema(schema)


def make_schema() -> dict[str, Any]:
    """Return the schema of a pack file."""
    made = PackFile.model_json_schema(schema_generator=_Schema, mode="validation")
    definitions: dict[str, Any] = made.pop("$defs")
    for name, definition in {**definitions, "PackFile": made}.items():
        _strip(definition)
        _describe(name, definition)
        _suggest(name, definition)
        definition.update(_TOGETHER.get(name, {}))
    title = "应保政策包 / yingbao policy pack"
    return {"$schema": DIALECT, **made, "title": title, "$defs": dict(sorted(definitions.items()))}


def write_text() -> str:
    """Return the schema as the text of the file that ships."""
    return json.dumps(make_schema(), ensure_ascii=False, indent=1) + "\n"


def list_classes() -> set[str]:
    """Return the names of all parts a pack is made of."""
    return set(PackFile.model_json_schema(schema_generator=_Schema)["$defs"]) | {"PackFile"}


def _strip(value: Any) -> None:
    """Take out pydantic's own ``ge``, which no validator knows: amounts say it in each of their two forms."""
    if isinstance(value, dict) and "anyOf" in value:
        value.pop("ge", None)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _strip(inner)


def _describe(name: str, definition: dict[str, Any]) -> None:
    zh = CLASSES[name]
    en = " ".join(re.sub(r"``", "", definition.get("description", "")).split())
    definition["description"] = f"{zh}\n{en}" if en else zh
    for field, value in definition.get("properties", {}).items():
        value.pop("title", None)
        text = FIELDS.get(f"{name}.{field}") or FIELDS.get(field)
        if text is not None:
            value["description"] = text
    definition.pop("title", None)


def _suggest(name: str, definition: dict[str, Any]) -> None:
    for field, value in definition.get("properties", {}).items():
        kind = _WORDS.get((name, field))
        if kind is not None:
            for place in list(_strings(value)):
                place.update({"anyOf": [{"enum": _codes(kind)}, {"type": "string"}]})
                place.pop("type")


def _codes(kind: str) -> list[str]:
    words: Mapping[str, Any] = getattr(get_vocabulary(), kind)
    return list(words)


def _strings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every place within a field's schema that takes a text."""
    if isinstance(value, dict):
        if value.get("type") == "string":
            yield value
        for inner in list(value.values()):
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
