"""Policies over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.journeys.cast import people_the_town
from yingbao.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    people_the_town()
    client = Client()
    client.force_login(User.objects.get(username="auditor"))
    return client


def test_a_stranger_gets_nothing() -> None:
    assert Client().get("/api/policies").status_code == 401


def test_packs_and_rules_are_listed_with_their_words(client: Client) -> None:
    assert "liangping-2023" in [policy["name"] for policy in client.get("/api/policies").json()]
    rule = client.get("/api/policies/liangping-2023/rules/PJ-7.2d").json()
    assert "90" in rule["text_zh"] and "90" in rule["text_en"]


def test_one_person_is_assessed_as_in_a_file(client: Client) -> None:
    person = {"birth_date": "1950-01-01", "tier": 1, "identities": ["dibao"], "paid_on": "2022-12-01"}
    answer = client.post("/api/policies/liangping-2023/assess", person, content_type="application/json").json()
    assert (answer["payable_fen"], answer["subsidy_identity"], answer["covered_from"]) == (3500, "dibao", "2023-01-01")
    unknown = person | {"identities": ["nobody"]}
    answer = client.post("/api/policies/liangping-2023/assess", unknown, content_type="application/json").json()
    assert (answer["status"], answer["payable_fen"]) == ("invalid", None)


def test_what_is_not_there_is_said_in_both_languages(client: Client) -> None:
    answer = client.get("/api/policies/nowhere-2023/rules/X")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found" and answer.json()["zh"]
