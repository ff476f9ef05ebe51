"""A new key for residents' data: nothing is lost on the way, nothing stays under the old one, all are still found."""

from __future__ import annotations

import json
import os
import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, models, transaction
from pytest_django.fixtures import Settings

from tests.journeys.cast import Cast, at, household, people_the_town
from yingbao.kernel.errors import Refused
from yingbao.registry import uploads
from yingbao.registry.editing import history
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action
from yingbao.registry.models import FormerCertificate, MatchMemory, MatchQuestion, RecordChange, Resident
from yingbao.registry.recognising.proposing import Written
from yingbao.registry.rekeying import INDEXED
from yingbao.storage import rotation, secrets
from yingbao.storage.encrypted import SealedTextField, UnknownKey, blind_index, seal, unseal
from yingbao.storage.keys import DataKey, Keys
from yingbao.usecases import rotate_keys

DAY = date(2022, 12, 1)
PHONE = "10055550001"
PEOPLE = 6
NEW = DataKey(2, b"n" * 32)
WRITTEN = Written(7, "500155199001010018", "王某某")


@pytest.fixture
def people(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[Resident]:
    """Six people with phones, a changed phone in their history, a former number, a file; batches of two."""
    monkeypatch.setattr(rotation, "BATCH", 2)
    cast = people_the_town()
    found = household(*[date(1990, 1, day) for day in range(1, PEOPLE + 1)])
    why = Why(cast.town_clerk, Action.EDITED, at(DAY))
    with transaction.atomic():
        for person in found:
            history.change(person, {"phone": PHONE}, why=why)
    FormerCertificate.objects.create(
        resident=found[0], kind="99", number="OLD-1", index=blind_index("OLD-1"), replaced_on=DAY
    )
    uploads.keep(1, uploads.Upload(name="a.csv", content=b"rows"))
    remember(cast, found[0])
    return found


def remember(cast: Cast, person: Resident) -> None:
    """Keep a question and two remembered answers, one of which no question tells of."""
    written = json.dumps({"name": WRITTEN.name, "number": WRITTEN.number, "town": "", "village": ""})
    MatchQuestion.objects.create(file=cast.roster, row=7, key=WRITTEN.key, written=written)
    common: dict[str, Any] = {"reason": "同一人", "decided_by_id": cast.bureau.user_id, "decided_at": at(DAY)}
    MatchMemory.objects.create(key=WRITTEN.key, resident=person, **common)
    MatchMemory.objects.create(key=b"0" * 16, resident=None, **common)


def give_new_key(settings: Settings) -> Keys:
    """Do to this process what ``--new`` and a restart do."""
    before: Keys = site.YINGBAO_KEYS
    settings.YINGBAO_KEYS = Keys(NEW, before.index, before.current)
    return before


def raw(model: type[models.Model], column: str) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {connection.ops.quote_name(column)} FROM {model._meta.db_table} ORDER BY id")
        return [bytes(row[0]) for row in cursor.fetchall() if row[0] is not None]


def nothing(name: str, count: int) -> None:
    """Tell of no progress."""


def test_both_keys_open_and_the_new_one_seals(settings: Settings) -> None:
    old = seal("500155199001010018")
    give_new_key(settings)
    assert old[0] == 1 and unseal(old) == "500155199001010018"
    assert seal("x")[0] == 2 and unseal(seal("x")) == "x"


def test_a_value_under_a_key_that_is_gone_says_so(settings: Settings) -> None:
    old = seal("x")
    settings.YINGBAO_KEYS = Keys(NEW, b"i" * 16)
    with pytest.raises(UnknownKey, match="key 1"):
        unseal(old)


def test_everything_sealed_comes_under_the_new_key_and_reads_as_before(
    people: list[Resident], settings: Settings
) -> None:
    before = give_new_key(settings)
    assert rotation.count_left()["registry_resident"] == PEOPLE
    rotate_keys.reseal(nothing)
    assert rotation.count_left() == {}
    settings.YINGBAO_KEYS = Keys(NEW, before.index)  # the old key is gone
    for person in people:
        held = Resident.objects.get(certificate_index=blind_index(person.certificate_number))
        assert (held.pk, held.certificate_number, held.phone) == (person.pk, person.certificate_number, PHONE)
    assert {row.after for row in RecordChange.objects.all()} == {json.dumps({"phone": PHONE})}
    assert uploads.find(1) == uploads.Upload(name="a.csv", content=b"rows")
    assert FormerCertificate.objects.get().number == "OLD-1"


def test_history_is_append_only_again_after_it(people: list[Resident], settings: Settings) -> None:
    give_new_key(settings)
    rotate_keys.reseal(nothing)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RecordChange.objects.update(reason="x")


def test_a_batch_that_fails_leaves_history_append_only(
    people: list[Resident], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_new_key(settings)
    monkeypatch.setattr(rotation, "put_rows", _fail)
    with pytest.raises(DatabaseError, match="no room"):
        rotation._reseal_batch(rotation.Table(RecordChange), b"\x02", None)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RecordChange.objects.update(reason="x")
    assert {value[0] for value in raw(RecordChange, "after")} == {1}


def _fail(*_args: object) -> None:
    raise DatabaseError("no room")


@pytest.mark.parametrize("batches", [1, 4])
def test_killed_half_way_it_goes_on_where_it_stopped(people: list[Resident], settings: Settings, batches: int) -> None:
    give_new_key(settings)
    assert kill_after(batches) == signal.SIGKILL
    left = rotation.count_left()
    assert 0 < sum(left.values()) < PEOPLE * 2 + 3
    assert {one.phone for one in Resident.objects.all()} == {PHONE}  # half under one key, half under the other
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RecordChange.objects.update(reason="x")
    rotate_keys.reseal(nothing)
    assert rotation.count_left() == {}
    assert {one.phone for one in Resident.objects.all()} == {PHONE}


def kill_after(batches: int) -> int:
    """Run the rotation in a process of its own that kills itself inside the batch after ``batches``; its signal."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        seen, put = [0], rotation.put_rows

        def count(*arguments: Any) -> None:
            put(*arguments)
            seen[0] += 1
            if seen[0] > batches:
                os.kill(os.getpid(), signal.SIGKILL)

        rotation.put_rows = count  # type: ignore[assignment]
        try:
            rotate_keys.reseal(nothing)
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_a_row_changed_meanwhile_keeps_its_change(people: list[Resident], settings: Settings) -> None:
    give_new_key(settings)
    Resident.objects.filter(pk=people[0].pk).update(phone="10055550002")
    rotate_keys.reseal(nothing)
    assert Resident.objects.get(pk=people[0].pk).phone == "10055550002"


def test_statements_grow_with_batches_not_with_rows(
    people: list[Resident], settings: Settings, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    give_new_key(settings)
    monkeypatch.setattr(rotation, "BATCH", 1000)
    with django_assert_max_num_queries(8 * len(rotation.sealed_tables())):
        rotation.reseal_tables(nothing)


def test_every_sealed_column_and_every_index_is_known() -> None:
    """A new binary column of 16 bytes must be told to ``rekeying``, or it would find nobody after new indexes."""
    known = {(model, index) for model, (_number, index) in INDEXED.items()}
    known |= {(MatchMemory, "key"), (MatchQuestion, "key")}
    found = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and not isinstance(field, SealedTextField)
    }
    assert found == known
    sealed = {table.model.__name__ for table in rotation.sealed_tables()}
    assert {"Resident", "RecordChange", "EligibilityReview", "MatchQuestion", "StagedPerson"} <= sealed


# --- secrets.env ----------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose secrets are in its file, not in the environment."""
    for name in ("YINGBAO_DATA_KEY", "YINGBAO_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    secrets.make_secrets(tmp_path)
    return tmp_path


def test_a_new_key_is_added_and_the_one_before_kept(home: Path) -> None:
    before = secrets.read_keys(home)
    secrets.begin_rotation(home)
    after = secrets.read_keys(home)
    assert after.old == before.current and after.current.number == 2
    assert after.current.secret != before.current.secret
    assert after.index == before.index  # people are found as before
    assert (home / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert secrets.read_file(home)["YINGBAO_SECRET_KEY"]


def test_one_change_of_keys_at_a_time(home: Path) -> None:
    secrets.begin_rotation(home)
    with pytest.raises(Refused, match="还没有完成"):
        secrets.begin_rotation(home)
    secrets.finish_rotation(home)
    assert secrets.read_keys(home).old is None
    assert secrets.begin_rotation(home).number == 3


def test_after_key_255_comes_key_1(home: Path) -> None:
    held = secrets.read_file(home)
    secrets.write_file(home, held | {"YINGBAO_DATA_KEY": DataKey(255, b"x" * 32).text})
    assert secrets.begin_rotation(home).number == 1


def test_keys_of_the_environment_are_not_ours_to_change(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINGBAO_DATA_KEY", "11" * 32)
    with pytest.raises(Refused, match="不在"):
        secrets.begin_rotation(home)


def test_a_key_that_cannot_be_read_is_not_repeated(home: Path) -> None:
    secrets.write_file(home, secrets.read_file(home) | {"YINGBAO_DATA_KEY": "2:not-hex"})
    with pytest.raises(ImproperlyConfigured) as caught:
        secrets.read_keys(home)
    assert "not-hex" not in str(caught.value)


def test_the_old_key_stays_while_anything_needs_it(people: list[Resident], settings: Settings, home: Path) -> None:
    secrets.begin_rotation(home)
    give_new_key(settings)
    with pytest.raises(Refused, match=f"registry_resident {PEOPLE}"):
        rotate_keys.finish(home)
    assert secrets.read_keys(home).old
    rotate_keys.reseal(nothing)
    rotate_keys.finish(home)
    assert secrets.read_keys(home).old is None


# --- blind indexes --------------------------------------------------------------------------------------------------


def test_new_indexes_find_the_same_people(people: list[Resident], settings: Settings, home: Path) -> None:
    number = people[0].certificate_number
    before = raw(Resident, "certificate_index")
    assert rotate_keys.renew_indexes(home, nothing) > PEOPLE
    settings.YINGBAO_KEYS = Keys(site.YINGBAO_KEYS.current, secrets.read_keys(home).index)
    assert not set(before) & set(raw(Resident, "certificate_index"))
    assert Resident.objects.get(certificate_index=blind_index(number)).pk == people[0].pk
    assert FormerCertificate.objects.get(index=blind_index("OLD-1")).resident_id == people[0].pk
    assert MatchMemory.objects.get().key == WRITTEN.key == MatchQuestion.objects.get().key


def test_killed_before_the_file_is_written_the_site_waits(
    people: list[Resident], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "finish_indexes", _stop)
    with pytest.raises(KeyboardInterrupt):
        rotate_keys.renew_indexes(home, nothing)
    monkeypatch.undo()
    monkeypatch.delenv("YINGBAO_DATA_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match="--index-too"):
        secrets.read_keys(home)
    held = raw(Resident, "certificate_index")
    assert rotate_keys.renew_indexes(home, nothing) == 0
    assert raw(Resident, "certificate_index") == held
    assert secrets.read_keys(home).index


def _stop(_home: Path) -> None:
    raise KeyboardInterrupt


def test_nobody_else_may_be_connected(people: list[Resident], home: Path) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM registry_resident")
            cursor.fetchone()
        with pytest.raises(Refused, match="还连着数据库"):
            rotate_keys.renew_indexes(home, nothing)
    finally:
        other.close()
    assert "YINGBAO_INDEX_KEY_NEXT" not in secrets.read_file(home)
