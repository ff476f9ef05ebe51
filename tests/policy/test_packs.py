"""The packs as data: what of the notices is held although no amount depends on it, and the form of a pack."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policy.small import small_pack, write_pack
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.periods import Period
from yingbao.policy import Person, get_policy, get_vocabulary, list_packs, read_policy
from yingbao.policy.sources import PACKS_DIR

BANAN, PINGJIN = get_policy("banan-2022"), get_policy("liangping-2023")
SAME = (320, 320)
BANAN_TABLE = {
    **dict.fromkeys(("extreme_poverty", "orphan", "de_facto_orphan", "entitled_group", "rural_veteran_60"), SAME),
    "old_demobilised_veteran": (320, 645),
    **dict.fromkeys(("poor_student", "illness_poverty_patient"), (224, 320)),
    "family_planning_reward": (256, 256),
    **dict.fromkeys(("family_planning_special", "only_child_disability", "family_planning_complication"), SAME),
    "dibao": (288, 320),
    "dibao_marginal": (224, 320),
    "disabled_3_4": (160, 160),
    "disabled_1_2": SAME,
    **dict.fromkeys(("returned_to_poverty", "unstable_lifted", "marginal_prone", "sudden_hardship"), (224, 320)),
    "stable_lifted": (100, 100),
}


@pytest.mark.clause("BN-3.3.4")
@pytest.mark.parametrize(("code", "amounts"), BANAN_TABLE.items())
def test_table_of_banan(code: str, amounts: tuple[int, int]) -> None:
    identity = BANAN.identity(code)
    assert (identity.amount_fen(1), identity.amount_fen(2)) == (amounts[0] * 100, amounts[1] * 100)
    assert identity.before is None


@pytest.mark.clause("BN-3.3.4")
def test_merged_cells_say_that_they_were_read_as_merged() -> None:
    merged = {c for c, i in BANAN.identities.items() if any(s.rule == "BN-3.3.4m" for s in i.subsidies)}
    assert merged == {code for code, amounts in BANAN_TABLE.items() if amounts[0] == amounts[1]}
    assert BANAN.explain("BN-3.3.4m").interpretation is not None


@pytest.mark.clause("BN-3.3.3")
def test_foundlings_of_welfare_institutions_are_orphans() -> None:
    assert get_vocabulary().identity_named("孤儿（含弃儿、困境儿童）") == "orphan"
    assert BANAN.identity("orphan").amount_fen(1) == BANAN.identity("extreme_poverty").amount_fen(1) == 32000


@pytest.mark.clause("BN-2.0")
def test_employee_insurance_excludes() -> None:
    assert [(e.code, e.rule) for e in BANAN.file.excluded] == [("employee_insurance", "BN-2.0")]
    assert [(e.code, e.rule) for e in PINGJIN.file.excluded] == [("employee_insurance", "PJ-2")]


@pytest.mark.parametrize(
    ("group", "evidence"),
    [
        pytest.param("BN-2.1", "household_booklet", marks=pytest.mark.clause("BN-2.1")),
        pytest.param("BN-2.2", "residence_permit", marks=pytest.mark.clause("BN-2.2")),
        pytest.param("BN-2.3", "school_register", marks=pytest.mark.clause("BN-2.3")),
        pytest.param("BN-2.4", "birth_certificate", marks=pytest.mark.clause("BN-2.4")),
        pytest.param("BN-2.5", "permanent_residence_card", marks=pytest.mark.clause("BN-2.5")),
        pytest.param("BN-2.6", "residence_permit_hmt", marks=pytest.mark.clause("BN-2.6")),
    ],
)
def test_eligible_groups_of_banan(group: str, evidence: str) -> None:
    [found] = [g for g in BANAN.file.groups if g.id == group]
    assert evidence in found.evidence
    assert BANAN.explain(group).document is not None


@pytest.mark.clause("PJ-2")
def test_eligible_groups_of_pingjin() -> None:
    assert [group.id for group in PINGJIN.file.groups] == [f"PJ-2.{n}" for n in range(1, 8)]
    assert "人才" in PINGJIN.file.groups[5].zh
    assert "台、港、澳" in PINGJIN.file.groups[6].zh


@pytest.mark.clause("PJ-4.1")
def test_online_channels_of_pingjin() -> None:
    online = [channel.code for channel in PINGJIN.file.channels if channel.online]
    assert online == ["wechat", "alipay", "yukuaiban", "unionpay_quickpass", "etax"]
    assert [channel.code for channel in PINGJIN.file.channels if not channel.online] == ["counter"]


def test_channels_of_banan() -> None:
    assert [channel.code for channel in BANAN.file.channels] == ["wechat", "alipay", "pos", "cash"]


@pytest.mark.clause("PJ-7.1")
def test_benefit_levels() -> None:
    levels = {(benefit.name, benefit.unit): benefit.value for benefit in PINGJIN.benefits(1)}
    assert levels == {
        ("inpatient_percent", "percent"): 70,
        ("major_illness_deductible", "yuan/person/year"): 16901,
        ("outpatient_ceiling", "yuan/person/year"): 300,
    }
    assert [b.value for b in PINGJIN.benefits(2) if b.name == "outpatient_ceiling"] == [500]


@pytest.mark.clause("BN-3.2.1")
@pytest.mark.clause("BN-3.2.2")
def test_where_people_enrol() -> None:
    assert {(e.population, e.place, e.window, e.rule) for e in BANAN.file.enrol_at} == {
        ("resident", "town_office", None, "BN-3.2.1"),
        ("resident", "town_office", "late", "BN-3.1.4"),
        ("university_student", "university", None, "BN-3.2.2"),
    }
    assert [e.place for e in PINGJIN.file.enrol_at] == ["town_office", "village"]


def test_deadlines() -> None:
    banan = {deadline.id: deadline for deadline in BANAN.file.deadlines}
    assert banan["low_income_reached"].day == banan["data_entered"].day == date(2022, 2, 28)
    assert banan["declaration"].working_days == 2
    pingjin = {deadline.id: deadline for deadline in PINGJIN.file.deadlines}
    assert pingjin["targets_met"].day == date(2022, 12, 20)
    assert pingjin["weekly_report"].weekday == date(2022, 11, 10).isoweekday() == 4


def test_signatories_are_offices_and_not_names() -> None:
    assert [signatory.role for signatory in BANAN.file.signatories] == ["handler", "leader"]
    assert [signatory.role for signatory in PINGJIN.file.signatories] == ["head", "office_head", "handler"]


@pytest.mark.clause("PJ-5.1.1")
@pytest.mark.clause("PJ-5.1.2")
@pytest.mark.clause("PJ-5.1.3")
def test_who_confirms_and_who_pays_in_pingjin() -> None:
    payers = {(i.confirmed_by, i.paid_by) for i in PINGJIN.identities.values() if i.subsidies}
    assert payers == {
        ("civil_affairs", "medical_assistance"),
        ("veterans", "medical_assistance"),
        ("disabled_federation", "medical_assistance"),
        ("health", "health"),
        ("rural_revitalisation", "rural_revitalisation"),
    }


@pytest.mark.clause("PJ-5.1.2g")
def test_deadlines_of_subsidies_in_pingjin() -> None:
    july = {code for code, identity in PINGJIN.identities.items() if identity.before == date(2023, 7, 1)}
    assert july == {
        *("entitled_group", "old_demobilised_veteran", "disabled_1_2", "family_planning_reward"),
        *("family_planning_special", "only_child_disability", "family_planning_complication"),
    }


@pytest.mark.clause("PJ-6")
def test_periods() -> None:
    assert PINGJIN.centralised == Period(date(2022, 11, 3), date(2022, 12, 21))
    assert PINGJIN.season == Period(date(2022, 11, 3), date(2023, 10, 1))
    assert BANAN.centralised == Period(date(2021, 12, 15), date(2022, 3, 1))
    assert PINGJIN.coverage_year == Period(date(2023, 1, 1), date(2024, 1, 1))


def test_a_pack_knows_where_its_rules_come_from() -> None:
    assert PINGJIN.pack.layers == ("liangping-2023", "chongqing-2023")
    assert PINGJIN.explain("PJ-7.2d").origin == "chongqing-2023"
    assert PINGJIN.explain("PJ-5.1.2").origin == "liangping-2023"


def test_a_base_pack_refuses_to_assess() -> None:
    with pytest.raises(Refused):
        get_policy("chongqing-2023").assess(Person(date(1980, 1, 1)))


def test_hash_changes_with_any_value(tmp_path: Path) -> None:
    content = small_pack()
    before = write_pack(tmp_path, content).hash
    assert write_pack(tmp_path, content).hash == before
    content["rates"][0]["amount"] = 401
    assert write_pack(tmp_path, content).hash != before


@pytest.mark.clause("PJ-7.3b")
def test_a_rule_for_named_years_ends_with_them(tmp_path: Path) -> None:
    content = small_pack()
    content["no_waiting"] = [{"identities": ["dibao"], "years": [2029, 2030], "rule": "X-1"}]
    person = Person(date(1980, 1, 1), identities=frozenset({"dibao"}), paid_on=date(2030, 2, 1))
    assert write_pack(tmp_path, content).assess(person).covered_from == date(2030, 2, 1)
    content["no_waiting"][0]["years"] = [2028, 2029]
    assert write_pack(tmp_path, content).assess(person).covered_from == date(2030, 4, 3)


def test_an_undeclared_gap_is_silent_too(tmp_path: Path) -> None:
    content = small_pack()
    content["windows"][1]["first_day"] = date(2030, 1, 11)
    decision = write_pack(tmp_path, content).assess(Person(date(1980, 1, 1), paid_on=date(2030, 1, 5)))
    assert (decision.status, decision.payable_fen, decision.reasons[-1]) == ("silent", 40000, "window.gap")


def test_newborns_can_be_exempt_from_the_full_cost(tmp_path: Path) -> None:
    content = small_pack()
    days = {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31)}
    content["fiscal"] = {"amount": 600, "unit": "yuan/person/year", **days, "rule": "X-1"}
    band = {"within": 30, "unit": "days", "coverage": {"starts": "birth"}, "rule": "X-1"}
    content["newborn"] = {"populations": ["resident"], "bands": [band], "rule": "X-1"}
    content["full_cost"] = {"first_day": date(2030, 3, 1), "newborns": "exempt", "rule": "X-1"}
    policy = write_pack(tmp_path, content)
    assert policy.assess(Person(date(2030, 3, 1), paid_on=date(2030, 3, 31))).payable_fen == 40000
    assert policy.assess(Person(date(2030, 3, 1), paid_on=date(2030, 4, 1))).payable_fen == 100000
    assert policy.assess(Person(date(2030, 3, 1)), date(2030, 3, 20)).payable_fen == 40000


def test_cover_never_begins_before_birth(tmp_path: Path) -> None:
    content = small_pack()
    content["windows"][0]["last_day"] = date(2030, 2, 28)
    content["windows"][1]["first_day"] = date(2030, 3, 1)
    decision = write_pack(tmp_path, content).assess(Person(date(2030, 1, 20), paid_on=date(2030, 2, 20)))
    assert decision.covered_from == date(2030, 1, 20)


def test_a_percentage_alone_is_worked_out(tmp_path: Path) -> None:
    content = small_pack()
    content["rates"][0]["amount"] = "399.50"
    del content["identities"][0]["subsidies"][0]["amount"]
    person = Person(date(1980, 1, 1), identities=frozenset({"dibao"}))
    assert write_pack(tmp_path, content).assess(person).subsidy_fen == 19975


def change(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    inner: Any = content
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("colour", "red"),
        ("rates.0.amount", 400.5),
        ("rates.0.amount", "400.555"),
        ("rates.0.amount", -1),
        ("rates.0.amount", True),
        ("rates.0.unit", "yuan"),
        ("rates.0.first_day", "2030-01-01"),
        ("rates.0.last_day", date(2029, 1, 1)),
        ("identities.0.subsidies.0.percent", 0.5),
        ("identities.0.subsidies.0.of_tier", None),
        ("windows.0.coverage", {"starts": "some_day"}),
        ("year", "2030"),
    ],
)
def test_the_form_is_strict(path: str, value: object, tmp_path: Path) -> None:
    content = change(small_pack(), path, value)
    with pytest.raises(BadInput) as caught:
        write_pack(tmp_path, content)
    assert path.split(".")[0] in str(caught.value)


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    write_pack(tmp_path, small_pack())
    (tmp_path / "small.yaml").rename(tmp_path / "other.yaml")
    with pytest.raises(BadInput):
        read_policy("other", tmp_path)


def test_packs_that_extend_each_other_in_a_ring_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(yaml.safe_dump({**small_pack(), "pack": "one", "extends": "two"}), "utf-8")
    (tmp_path / "two.yaml").write_text(yaml.safe_dump({**small_pack(), "pack": "two", "extends": "one"}), "utf-8")
    with pytest.raises(BadInput):
        read_policy("one", tmp_path)


def test_an_extending_pack_replaces_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    write_pack(tmp_path, small_pack())
    upper = {key: value for key, value in small_pack().items() if key in ("format", "assessable", "year", "title")}
    window = {**small_pack()["windows"][1], "last_day": date(2030, 3, 31)}
    upper |= {"pack": "town", "extends": "small", "division": "990000000001", "documents": [], "rules": []}
    policy = write_pack(tmp_path, {**upper, "windows": [window]})
    assert policy.season == Period(date(2029, 10, 1), date(2030, 4, 1))
    assert policy.identity("dibao").amount_fen(1) == 20000
    assert policy.explain("X-1").origin == "small"


def test_broken_yaml_and_unknown_names(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [1", "utf-8")
    with pytest.raises(BadInput):
        read_policy("broken", tmp_path)
    with pytest.raises(NotFound):
        get_policy("nowhere-2099")
    with pytest.raises(NotFound):
        get_policy("../packs/banan-2022")
    with pytest.raises(NotFound):
        BANAN.explain("PJ-7.2d")
    with pytest.raises(NotFound):
        BANAN.identity("knight")


def test_every_pack_file_is_listed() -> None:
    files = {path.stem for path in PACKS_DIR.glob("*.yaml")} - {"vocabulary"}
    assert set(list_packs()) == files == {"banan-2022", "chongqing-2022", "chongqing-2023", "liangping-2023"}
