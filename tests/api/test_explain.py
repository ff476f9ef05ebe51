"""One person's decision explained over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.journeys.cast import people_the_town
from yingbao.accounts.models import User
from yingbao.policy import get_policy

pytestmark = pytest.mark.django_db
ADDRESS = "/api/policies/liangping-2023/explain"
DIBAO = {"birth_date": "1950-01-01", "tier": 1, "identities": ["dibao", "disabled_1_2"], "paid_on": "2023-07-05"}


@pytest.fixture
def client() -> Client:
    people_the_town()
    client = Client()
    client.force_login(User.objects.get(username="auditor"))
    return client


def post(client: Client, person: dict[str, Any], status: int = 200) -> Any:
    response = client.post(ADDRESS, person, content_type="application/json")
    assert response.status_code == status
    return response.json()


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node["children"]:
        yield from walk(child)


def test_a_stranger_gets_nothing() -> None:
    assert Client().post(ADDRESS, DIBAO, content_type="application/json").status_code == 401
    assert Client().get(ADDRESS, {"birth_date": "1950-01-01"}).status_code == 401


def test_the_tree_says_what_won_and_why_in_both_languages(client: Client) -> None:
    answer = post(client, DIBAO)
    assert (answer["policy"], answer["hash"]) == ("liangping-2023", get_policy("liangping-2023").hash)
    assert answer["decision"]["payable_fen"] == 64500
    nodes = list(walk(answer["tree"]))
    identities = {node["code"]: node for node in nodes if node["part"] == "identity"}
    assert (identities["dibao"]["state"], identities["dibao"]["amount_fen"]) == ("won", 31500)
    late = identities["disabled_1_2"]
    assert late["state"] == "lost" and "已过期" in late["detail"]["zh"] and "too late" in late["detail"]["en"]
    assert [rule["id"] for rule in late["rules"]] == ["PJ-5.1.2g"]
    assert late["rules"][0]["interpretation"]["en"] and late["rules"][0]["clause"]
    (payable,) = [node for node in nodes if node["part"] == "payable"]
    assert sum(term["amount_fen"] for term in payable["children"]) == payable["amount_fen"] == 64500


def test_facts_may_stand_in_the_query_string(client: Client) -> None:
    query = urlencode(DIBAO, doseq=True)
    assert client.get(f"{ADDRESS}?{query}").json() == post(client, DIBAO)


def test_bad_facts_are_explained_and_no_error(client: Client) -> None:
    answer = post(client, DIBAO | {"tier": 7})
    assert answer["decision"]["status"] == "invalid"
    facts = {node["code"]: node["state"] for node in walk(answer["tree"]) if node["part"] == "fact"}
    assert facts["tier"] == "problem"


def test_a_pack_that_is_not_there_and_one_that_cannot_answer(client: Client) -> None:
    address = "/api/policies/nowhere-2023/explain"
    assert client.post(address, DIBAO, content_type="application/json").status_code == 404
    base = client.post("/api/policies/chongqing-2023/explain", DIBAO, content_type="application/json")
    assert (base.status_code, base.json()["code"]) == (400, "refused")


def test_the_schema_tells_what_comes_out(client: Client) -> None:
    schema = client.get("/api/openapi.json").json()
    node = schema["components"]["schemas"]["NodeOut"]
    assert set(node["properties"]) >= {"part", "state", "label", "detail", "amount_fen", "rules", "children"}
    assert "won" in str(node["properties"]["state"])
    assert "disability_grade" in schema["components"]["schemas"]["PersonIn"]["properties"]
