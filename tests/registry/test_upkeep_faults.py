"""Faults that random upkeep of the register has found, each shrunk to the few steps that showed it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pytest

from tests.imports.cast import (
    DISTRICT,
    NOVEMBER,
    NOW,
    OTHER_TOWN,
    POLICY,
    Cast,
    Cells,
    book,
    bring_in,
    entry,
    family,
    new_key,
    number,
    send_list,
)
from tests.registry.editing_cast import CHILD, FATHER, MOTHER, settle, settle_family, who
from tests.registry.test_deciding import ROW, decide, file_of
from yingbao.accounts.actors import Actor
from yingbao.accounts.requests import fingerprint
from yingbao.registry.facts import of_residents
from yingbao.registry.models import Identity, MatchQuestion, Resident
from yingbao.registry.recognising import questions
from yingbao.sheets.layouts import DEATHS, ELSEWHERE
from yingbao.storage.fields import Json
from yingbao.usecases.change_certificate import change_certificate
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_deaths import accept_deaths, check_deaths
from yingbao.usecases.import_elsewhere import accept_elsewhere, check_elsewhere
from yingbao.usecases.merge_residents import merge_residents
from yingbao.usecases.record_leaving import Leaving, record_death, restore_resident
from yingbao.usecases.verify import verify
from yingbao.usecases.withdraw_roster import withdraw_roster

DIED = date(2022, 11, 5)


@pytest.fixture
def town(cast: Cast) -> Cast:
    settle_family(cast)
    return cast


def broken(cast: Cast) -> list[str]:
    return [check.name for check in verify(cast.bureau, year=2023) if not check.holds]


def merge(actor: Actor, keep: Resident, drop: Resident) -> Json:
    return merge_residents(
        actor, keep_id=keep.pk, drop_id=drop.pk, versions={}, reason="同一人", on=NOW.date(), key=new_key(), at=NOW
    )


def die(actor: Actor, name: str, on: date = DIED, **relations: str) -> Json:
    told = {who(other).pk: text for other, text in relations.items()}
    leaving = Leaving(who(name).pk, who(name).version, on, relations=told)
    return record_death(actor, leaving, year=2023, key=new_key(), at=NOW)


def restore(actor: Actor, name: str, relation: str) -> Json:
    return restore_resident(
        actor,
        resident_id=who(name).pk,
        version=who(name).version,
        relation=relation,
        reason="登记错误",
        year=2023,
        key=new_key(),
        at=NOW,
    )


def send_deaths(actor: Actor, *rows: Cells) -> int:
    upload = Upload(name="死亡.xlsx", content=book(DEATHS, rows))
    file_id = check_deaths(actor, upload=upload, month=NOVEMBER, policy_name=POLICY, key=new_key(), at=NOW)["file_id"]
    accept_deaths(actor, file_id=file_id, key=new_key(), at=NOW)
    return int(file_id)


def send_elsewhere(actor: Actor, *rows: Cells) -> int:
    upload = Upload(name="名单.xlsx", content=book(ELSEWHERE, rows))
    file_id = check_elsewhere(
        actor, upload=upload, about="employee", month=NOVEMBER, is_full=False, policy_name=POLICY, key=new_key(), at=NOW
    )["file_id"]
    accept_elsewhere(actor, file_id=file_id, key=new_key(), at=NOW)
    return int(file_id)


def held(name: str, on: date) -> frozenset[str]:
    pk = who(name).pk
    return of_residents([pk], on=on)[pk].identities


def test_the_kept_record_may_take_the_number_of_the_one_merged_into_it(town: Cast) -> None:
    settle("H2", (FATHER + "二", "19800501", 3))
    keep, drop = who(FATHER), who(FATHER + "二")
    merge(town.town_clerk, keep, drop)
    change_certificate(
        town.town_clerk,
        resident_id=keep.pk,
        version=who(FATHER).version,
        number=number("19800501", 3),
        birth_on=None,
        sex="",
        reason="号码登记错误",
        key=new_key(),
        at=NOW,
    )
    assert who(FATHER).certificate_number == number("19800501", 3)


def test_a_death_list_leaves_every_household_a_head(town: Cast) -> None:
    send_deaths(town.town_clerk, {"name": FATHER, "cert_number": number("19800501", 1), "died_on": DIED})
    assert broken(town) == []


def test_whom_a_death_list_made_dead_wrongly_gets_identities_back_when_restored_by_hand(town: Cast) -> None:
    send_list(town.civil_affairs, [entry(CHILD, number("20120703", 4))], town.bureau)
    send_deaths(town.town_clerk, {"name": CHILD, "cert_number": number("20120703", 4), "died_on": DIED})
    restore(town.town_clerk, CHILD, "child")
    assert held(CHILD, date(2023, 1, 1)) == {"dibao"}


def test_a_roster_taken_back_gives_the_dead_no_identity(town: Cast) -> None:
    send_list(town.civil_affairs, [entry(CHILD, number("20120703", 4))], town.bureau)
    gone = send_list(town.civil_affairs, [entry(CHILD, number("20120703", 4), change="减少")], town.bureau)
    die(town.town_clerk, CHILD)
    withdraw_roster(town.bureau, file_id=gone["file_id"], key=new_key(), at=NOW)
    assert held(CHILD, date(2022, 12, 1)) == frozenset()


def test_a_death_recorded_wrongly_gives_back_the_end_a_list_had_told(town: Cast) -> None:
    send_list(town.civil_affairs, [entry(CHILD, number("20120703", 4))], town.bureau)
    send_list(town.civil_affairs, [entry(CHILD, number("20120703", 4), change="减少")], town.bureau)
    assert held(CHILD, date(2022, 11, 30)) == {"dibao"}
    die(town.town_clerk, CHILD)
    restore(town.town_clerk, CHILD, "child")
    assert held(CHILD, date(2022, 11, 30)) == {"dibao"}


def test_a_flag_of_a_register_file_does_not_run_beside_a_span_with_a_later_end(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    send_elsewhere(cast.town_clerk, {"name": CHILD, "cert_number": number("20120703", 4), "end_on": date(2023, 3, 31)})
    rows = family()
    rows[2]["employee_insured"] = "是"
    bring_in(cast.town_clerk, rows)
    assert broken(cast) == []


def test_the_dead_get_no_open_identity_from_a_record_merged_into_theirs(town: Cast) -> None:
    settle("H2", (CHILD + "二", "20120703", 6))
    send_list(town.civil_affairs, [entry(CHILD + "二", number("20120703", 6))], town.bureau)
    die(town.town_clerk, CHILD)
    merge(town.town_clerk, who(CHILD), who(CHILD + "二"))
    assert held(CHILD, date(2022, 12, 1)) == frozenset()


def test_days_of_the_dropped_record_are_days_of_the_person(town: Cast) -> None:
    """A pack may ask who somebody was on a fixed day that has gone by."""
    settle("H2", (CHILD + "二", "20120703", 6))
    Identity.objects.create(
        resident=who(CHILD + "二"),
        code="dibao",
        department="civil_affairs",
        begin_on=date(2022, 1, 1),
        end_on=date(2022, 9, 1),
        file_id=send_list(town.civil_affairs, [entry(MOTHER, number("19820602", 2))], town.bureau)["file_id"],
    )
    merge(town.town_clerk, who(CHILD), who(CHILD + "二"))
    assert held(CHILD, date(2022, 8, 31)) == {"dibao"}


def test_a_household_emptied_by_a_file_is_dissolved(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    old = who(CHILD).household
    rows = [row | {"household_no": "H9"} for row in family()]
    bring_in(cast.town_clerk, rows)
    old.refresh_from_db()
    assert (who(CHILD).household.number, old.state) == ("H9", "dissolved")


def test_an_answer_about_somebody_of_another_town_shows_nobody(town: Cast) -> None:
    theirs = file_of(town.outsider, OTHER_TOWN, ROW)
    ours = file_of(town.bureau, DISTRICT, ROW)
    decide(town.bureau, MatchQuestion.objects.get(file=ours), who(FATHER).pk)
    (asked,) = questions.shown(town.outsider, questions.answered(town.outsider))
    assert (asked.question.file_id, asked.question.resident) == (theirs.pk, None)


def test_what_was_asked_is_not_kept_as_a_hash_that_anybody_can_make(settings: Any) -> None:
    asked = {"sent": {"phone": "10020000009"}}
    plain = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    first = fingerprint(asked)
    settings.SECRET_KEY = "another site's"
    assert len({plain, first, fingerprint(asked)}) == 3
