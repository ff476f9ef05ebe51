"""Residents' numbers at rest: unreadable in the database, found by their blind index, whole in Python."""

from __future__ import annotations

from datetime import date

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.journeys.cast import Cast, household, people_the_town
from yingbao.registry.models import Resident
from yingbao.storage.encrypted import blind_index, seal, unseal


@given(st.text())
def test_what_is_sealed_comes_back_and_never_looks_the_same_twice(text: str) -> None:
    sealed = seal(text)
    assert unseal(sealed) == text
    assert sealed != seal(text)


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(seal("500155199001010018"))
    sealed[20] ^= 1
    with pytest.raises(InvalidTag):
        unseal(bytes(sealed))


@given(st.text(), st.text())
def test_the_blind_index_tells_numbers_apart(one: str, other: str) -> None:
    assert (blind_index(one) == blind_index(other)) == (one == other)


@pytest.mark.django_db
def test_the_database_holds_no_number_in_clear() -> None:
    cast: Cast = people_the_town()
    assert cast
    (person,) = household(date(1990, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT certificate_number FROM registry_resident WHERE id = %s", [person.pk])
        (held,) = cursor.fetchone()
    assert person.certificate_number.encode() not in bytes(held)
    assert Resident.objects.get(certificate_index=blind_index(person.certificate_number)) == person
