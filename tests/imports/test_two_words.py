"""Check, then accept or discard: who may, once only, all or nothing, and what stays on disk in between."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.imports.cast import (
    NOW,
    POLICY,
    Cast,
    accept,
    book,
    bring_in,
    check,
    family,
    new_key,
    number,
    people_the_district,
    person,
    register_upload,
    told,
)
from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.registry import operations, problems, queries, uploads
from yingbao.registry.kinds import FileKind
from yingbao.registry.models import Household, ImportedFile, Resident
from yingbao.sheets import read_table
from yingbao.sheets.layouts import REGISTER
from yingbao.usecases import files_in
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_register import accept_register, check_register, discard_register

# --- who ------------------------------------------------------------------------------------------------------------


def test_a_village_agent_may_neither_check_nor_accept(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        check(cast.village_agent, family())
    checked = check(cast.town_clerk, family())
    with pytest.raises(Forbidden):
        accept(cast.village_agent, checked["file_id"])
    with pytest.raises(Forbidden):
        discard_register(cast.village_agent, file_id=checked["file_id"], key=new_key(), at=NOW)


def test_an_outsider_finds_no_such_file(cast: Cast) -> None:
    checked = check(cast.town_clerk, [person("柏大树", "19800501") | {"sex": "女"}])
    file_id = checked["file_id"]
    looks: list[Callable[[], object]] = [
        lambda: accept(cast.outsider, file_id),
        lambda: discard_register(cast.outsider, file_id=file_id, key=new_key(), at=NOW),
        lambda: queries.file(cast.outsider, file_id, FileKind.REGISTER),
        lambda: files_in.read_rejects(cast.outsider, file_id=file_id, kind=FileKind.REGISTER),
    ]
    for look in looks:
        with pytest.raises(NotFound):
            look()
    assert list(queries.files(cast.outsider, FileKind.REGISTER)) == []
    assert [file.pk for file in queries.files(cast.second_clerk, FileKind.REGISTER)] == [checked["file_id"]]


def test_an_outsiders_file_brings_nobody_into_another_town(cast: Cast) -> None:
    assert bring_in(cast.outsider, family())["residents"] == 0


# --- once -----------------------------------------------------------------------------------------------------------


def test_a_file_is_accepted_once_and_a_second_word_names_the_day(cast: Cast) -> None:
    upload = register_upload(family())
    first = check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=new_key(), at=NOW)
    second = check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=new_key(), at=NOW)
    accept(cast.town_clerk, first["file_id"])
    agains: list[Callable[[], object]] = [
        lambda: accept(cast.town_clerk, first["file_id"]),
        lambda: accept(cast.town_clerk, second["file_id"]),
        lambda: check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=new_key(), at=NOW),
    ]
    for again in agains:
        with pytest.raises(Refused, match="这份文件已于 2022-11-08 导入"):
            again()
    assert Resident.objects.count() == 3


def test_a_repeated_acceptance_repeats_its_answer(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    checked, key = check(cast.town_clerk, family()), new_key()
    with django_capture_on_commit_callbacks(execute=True):
        first = accept_register(cast.town_clerk, file_id=checked["file_id"], key=key, at=NOW)
    assert accept_register(cast.town_clerk, file_id=checked["file_id"], key=key, at=NOW) == first
    assert Resident.objects.count() == 3
    other = check(cast.town_clerk, family()[:1])
    with pytest.raises(Conflict):
        accept_register(cast.town_clerk, file_id=other["file_id"], key=key, at=NOW)


def test_a_discarded_file_cannot_come_in(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    checked = check(cast.town_clerk, family())
    with django_capture_on_commit_callbacks(execute=True):
        discard_register(cast.town_clerk, file_id=checked["file_id"], key=new_key(), at=NOW)
    with pytest.raises(Refused, match="已被放弃"):
        accept(cast.town_clerk, checked["file_id"])
    assert _kept() == []


# --- all or nothing -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_acceptance_that_dies_half_way_leaves_nothing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = people_the_district()
    checked, key = check(cast.town_clerk, family()), new_key()
    with monkeypatch.context() as patch:
        patch.setattr(operations, "_add_elsewhere", _die)
        with pytest.raises(KeyboardInterrupt):
            accept_register(cast.town_clerk, file_id=checked["file_id"], key=key, at=NOW)
    assert (Household.objects.count(), Resident.objects.count()) == (0, 0)
    assert ImportedFile.objects.get().state == "checked"
    assert accept_register(cast.town_clerk, file_id=checked["file_id"], key=key, at=NOW)["residents"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_check_that_dies_leaves_neither_record_nor_bytes(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = people_the_district()
    monkeypatch.setattr(uploads, "keep_rejects", _die)
    with pytest.raises(KeyboardInterrupt):
        check(cast.town_clerk, [person("柏大树", "19800501") | {"sex": "女"}])
    assert ImportedFile.objects.count() == 0
    assert _kept() == []


def _die(*_: object) -> None:
    raise KeyboardInterrupt


# --- on disk --------------------------------------------------------------------------------------------------------


def test_an_upload_is_sealed_for_the_systems_eyes_only_and_deleted_when_decided(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    rows = [*family(), person("古木", "19700101", household_no="H2", sex="女")]
    upload = register_upload(rows)
    checked = check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=new_key(), at=NOW)
    assert [path.name for path in _kept()] == ["problems.sealed", "rejects.sealed", "upload.sealed"]
    for path in _kept():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert not any(plain in path.read_bytes() for plain in (b"PK\x03\x04", "性别".encode(), b"birth_on"))
    with django_capture_on_commit_callbacks(execute=True):
        accept(cast.town_clerk, checked["file_id"])
    assert [path.name for path in _kept()] == ["problems.sealed", "rejects.sealed"]


def test_a_file_whose_bytes_are_gone_must_be_sent_again(cast: Cast) -> None:
    checked = check(cast.town_clerk, family())
    for path in _kept():
        path.unlink()
    with pytest.raises(Refused, match="请重新上传"):
        accept(cast.town_clerk, checked["file_id"])


def _kept() -> list[Path]:
    return sorted(path for path in Path(settings.YINGBAO_UPLOADS).rglob("*") if path.is_file())


def test_the_rejects_hold_the_rejected_rows_with_reasons_and_come_in_once_mended(cast: Cast) -> None:
    rows = [*family(), person("古木", "19700101", household_no="H2", sex="女")]
    checked = check(cast.town_clerk, rows)
    accept(cast.town_clerk, checked["file_id"])
    workbook = files_in.read_rejects(cast.town_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER)
    assert workbook is not None
    table = read_table(workbook, name="rejects.xlsx", layout=REGISTER)
    assert [row.text("name") for row in table] == ["古木"]
    assert "与证件号码中的性别不一致" in str(list(table.raw_rows()))
    mended = [{**row.values, "sex": "男"} for row in table]
    upload = Upload(name="mended.xlsx", content=book(REGISTER, mended))
    again = check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=new_key(), at=NOW)
    assert accept(cast.town_clerk, again["file_id"])["residents"] == 1


def test_a_row_that_went_wrong_between_the_words_joins_the_rejects(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    checked = check(cast.town_clerk, family())
    bring_in(cast.second_clerk, [family()[0] | {"name": "柏小树"}])
    with django_capture_on_commit_callbacks(execute=True):
        accepted = accept(cast.town_clerk, checked["file_id"])
    assert (accepted["bad_rows"], accepted["residents"]) == (1, 2)
    workbook = files_in.read_rejects(cast.town_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER)
    assert workbook is not None
    assert [row.text("name") for row in read_table(workbook, name="rejects.xlsx", layout=REGISTER)] == ["柏大树"]
    (problem,) = files_in.read_problems(cast.town_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER)
    assert (problem.column, problem.value) == ("姓名", "柏大树")


def test_without_rejects_there_is_no_rejects_file(cast: Cast) -> None:
    checked = check(cast.town_clerk, family())
    assert files_in.read_rejects(cast.town_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER) is None


def test_the_database_keeps_reasons_and_never_a_cell(cast: Cast) -> None:
    checked = check(cast.town_clerk, [person("柏大树", "19800501", sex="女", phone="不是电话", village="北村")])
    held = str(ImportedFile.objects.get(pk=checked["file_id"]).problems)
    assert len(told(checked["file_id"])) >= 2
    assert not any(cell in held for cell in ("柏大树", "19800501", "不是电话", "北村"))


def test_whoever_may_see_the_file_is_told_row_column_value_and_reason(cast: Cast) -> None:
    twice = person("古木", "19700101", household_no="H2")
    rows = [*family(), person("古林", "19720101", 1, household_no="H3", sex="女"), twice, twice | {"village": "西社区"}]
    checked = check(cast.town_clerk, rows)
    found = files_in.read_problems(cast.second_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER)
    assert [(problem.row, problem.column, problem.value, str(problem.reason)) for problem in found] == [
        (6, "性别", "女", "与证件号码中的性别不一致"),
        (8, "证件号码", number("19700101"), "与第 7 行的证件号码相同，同一人只能登记一次"),
    ]
    with pytest.raises(NotFound):
        files_in.read_problems(cast.outsider, file_id=checked["file_id"], kind=FileKind.REGISTER)


def test_a_file_with_thousands_of_problems_keeps_the_first_and_says_how_many_more(cast: Cast) -> None:
    rows = [person("柏大树", "19800501", household_no=f"H{n}", village="北村") for n in range(2100)]
    checked = check(cast.town_clerk, rows)
    file = queries.file(cast.town_clerk, checked["file_id"], FileKind.REGISTER)
    found = queries.problems_of(file)
    assert checked["bad_rows"] == 2100
    assert (len(found), found[-1].row) == (2001, 0)
    assert str(found[-1].reason).startswith("另有 ")
    in_full = files_in.read_problems(cast.town_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER)
    assert {problem.row for problem in in_full} == set(range(3, 2103))


def test_past_the_most_that_is_told_everything_is_counted_and_rejected(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems.Problems.__init__, "__defaults__", (3,))
    rows = [person("柏大树", "19800501", household_no=f"H{n}", village="北村") for n in range(8)]
    checked = check(cast.town_clerk, rows)
    assert (checked["bad_rows"], checked["problems"]) == (
        8,
        15,
    )  # a wrong village each, a repeated number but for the first
    kind = FileKind.REGISTER
    found = files_in.read_problems(cast.town_clerk, file_id=checked["file_id"], kind=kind)
    assert [problem.row for problem in found if problem.fatal] == [3, 4, 5]
    assert "12 处" in str(found[0].reason)
    rejects = files_in.read_rejects(cast.town_clerk, file_id=checked["file_id"], kind=kind)
    assert rejects is not None
    assert len(list(read_table(rejects, name="r.xlsx", layout=REGISTER))) == 8


def test_a_check_sweeps_away_what_a_killed_one_left_a_day_ago(cast: Cast) -> None:
    kept = check(cast.town_clerk, [person("柏大树", "19800501", village="北村")])["file_id"]
    folder = Path(settings.YINGBAO_UPLOADS) / "imports"
    for name, hours in (("987001", 25), ("987002", 23), (str(kept), 25)):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "upload.sealed").touch()
        os.utime(folder / name, times=(NOW.timestamp() - hours * 3600,) * 2)
    check(cast.town_clerk, family())
    assert not (folder / "987001").exists()
    assert (folder / "987002").exists() and (folder / str(kept)).exists()


# --- files that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.xlsx", b""),
        ("半截.xlsx", register_upload(family()).content[:-200]),
        ("图片.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        ("程序.xlsx", b"MZ" + bytes(64)),
        ("名单.csv", "姓名,电话\n柏大树,1\n".encode()),
        ("乱码.csv", os.urandom(400)),
    ],
)
def test_a_file_that_is_no_register_ends_in_a_sentence_and_leaves_nothing(
    cast: Cast, name: str, content: bytes
) -> None:
    with pytest.raises(BadInput) as caught:
        _check(cast.town_clerk, Upload(name=name, content=content))
    assert caught.value.todo is not None
    assert ImportedFile.objects.count() == 0
    assert _kept() == []


def test_a_formula_stays_text_from_file_to_rejects(cast: Cast) -> None:
    rows = [*family(), person("古木", "19700101", household_no="H2", sex="女", address='=HYPERLINK("x")')]
    checked = check(cast.town_clerk, rows)
    workbook = files_in.read_rejects(cast.town_clerk, file_id=checked["file_id"], kind=FileKind.REGISTER)
    assert workbook is not None
    (row,) = read_table(workbook, name="rejects.xlsx", layout=REGISTER)
    assert row.text("address") == '=HYPERLINK("x")'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_in_either_encoding_comes_in(cast: Cast, encoding: str) -> None:
    header = "户号,与户主关系,姓名,证件号码,村（居）\n"
    rows = "".join(f"{r['household_no']},{r['relation']},{r['name']},{r['cert_number']},东村\n" for r in family())
    checked = _check(cast.town_clerk, Upload(name="台账.csv", content=(header + rows).encode(encoding)))
    assert accept(cast.town_clerk, int(str(checked["file_id"])))["residents"] == 3


def _check(actor: Actor, upload: Upload) -> dict[str, object]:
    return check_register(actor, upload=upload, policy_name=POLICY, key=new_key(), at=NOW)
