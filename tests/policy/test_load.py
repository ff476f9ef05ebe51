"""Packs that extend packs: what is merged, left out for the year, dropped, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policy.small import PER_YEAR, small_pack
from yingbao.kernel.errors import BadInput
from yingbao.policy import Pack, load_pack
from yingbao.policy.format import PackFile
from yingbao.policy.merging import duplicates, for_year
from yingbao.policy.sources import read_yaml

YEAR = {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31)}


def write(folder: Path, content: Mapping[str, Any]) -> None:
    (folder / f"{content['pack']}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def layer(name: str, below: str | None, **values: Any) -> dict[str, Any]:
    """A pack that says only what is given."""
    base = {key: small_pack()[key] for key in ("format", "assessable", "year", "division", "title")}
    link = {"extends": below} if below else {}
    return base | {"pack": name, "documents": [], "rules": []} | link | values


def rate(amount: int, **more: Any) -> dict[str, Any]:
    return {"population": "resident", "tier": 1, "amount": amount, "unit": PER_YEAR, **YEAR, "rule": "X-1"} | more


def load(folder: Path, *layers: Mapping[str, Any]) -> Pack:
    """Write packs, the lowest first, and load the last."""
    for content in layers:
        write(folder, content)
    return load_pack(str(layers[-1]["pack"]), folder)


def read_file(folder: Path, content: Mapping[str, Any]) -> PackFile:
    write(folder, content)
    return PackFile.model_validate(read_yaml(str(content["pack"]), folder))


def ids(items: Sequence[Any], name: str = "id") -> list[Any]:
    return [getattr(item, name) for item in items]


# ---------------------------------------------------------------- five levels


def test_nation_province_city_district_and_town_each_add_what_is_theirs(tmp_path: Path) -> None:
    pack = load(
        tmp_path,
        small_pack() | {"pack": "nation", "assessable": False},
        layer("province", "nation", fiscal={"amount": 700, "unit": PER_YEAR, **YEAR, "rule": "X-1"}),
        layer("city", "province", rates=[rate(420)]),
        layer("district", "city", identities=[small_pack()["identities"][0] | {"paid_by": "civil_affairs"}]),
        layer("town", "district", deadlines=[{"id": "d", "day": date(2029, 12, 1), "zh": "截止", "en": "End"}]),
    )
    assert pack.layers == ("town", "district", "city", "province", "nation")
    assert {place: pack.origins[place] for place in ("windows.main", "fiscal", "rates.resident.1", "deadlines.d")} == {
        "windows.main": "nation",
        "fiscal": "province",
        "rates.resident.1": "city",
        "deadlines.d": "town",
    }
    assert pack.origins["identities.dibao"] == pack.origins["identities.dibao.subsidies.1"] == "district"
    assert pack.file.rates[0].amount == 42000


def test_every_value_has_an_origin_and_every_origin_is_a_layer() -> None:
    pack = load_pack("liangping-2023")
    assert set(pack.origins.values()) == set(pack.layers)
    assert pack.origins["identities.dibao.subsidies.2"] == "liangping-2023"
    assert pack.origins["full_cost"] == pack.origins["newborn.bands.1"] == "chongqing-2023"
    assert {pack.origins[f"rules.{rule.id}"] == rule.origin for rule in pack.rules.values()} == {True}


def test_a_circle_of_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="成环"):
        load(tmp_path, layer("one", "two"), layer("two", "one"))


# ---------------------------------------------------------------- lists


def test_words_are_merged_by_code(tmp_path: Path) -> None:
    named = {"zh": "甲", "en": "A"}
    city = small_pack() | {"pack": "city", "words": {"identities": [{"code": "miner", **named}], "departments": []}}
    town = layer("town", "city", words={"identities": [{"code": "miner", "zh": "矿工", "en": "Miner"}]})
    town["words"]["populations"] = [{"code": "pupil", "zh": "学生", "en": "Pupil"}]
    pack = load(tmp_path, city, town)
    assert [(word.code, word.zh) for word in pack.file.words.identities] == [("miner", "矿工")]
    assert "pupil" in pack.vocabulary.populations and "miner" in pack.vocabulary.identities
    assert pack.origins["words.identities.miner"] == "town"


def test_a_districts_conditional_rate_goes_before_the_citys_for_everybody(tmp_path: Path) -> None:
    old = rate(300, when={"age_from": 60})
    pupil = rate(200, population="university_student")
    pack = load(tmp_path, small_pack() | {"pack": "city"}, layer("district", "city", rates=[pupil, old]))
    assert [(r.population, r.amount, r.when is None) for r in pack.file.rates] == [
        ("resident", 30000, False),
        ("resident", 40000, True),
        ("university_student", 20000, True),
    ]
    assert pack.origins["rates.resident.1"] == "district" and pack.origins["rates.resident.1.2"] == "city"


def test_lists_without_ids_are_replaced_as_a_whole(tmp_path: Path) -> None:
    groups = [{"identities": ["dibao"], "rule": "X-1"}, {"identities": ["orphan"], "rule": "X-1"}]
    city = small_pack() | {"pack": "city", "no_waiting": groups}
    assert len(load(tmp_path, city, layer("silent", "city")).file.no_waiting) == 2
    pack = load(tmp_path, city, layer("district", "city", no_waiting=groups[1:]))
    assert [group.identities for group in pack.file.no_waiting] == [("orphan",)]
    assert pack.origins["no_waiting.1"] == "district"


# ---------------------------------------------------------------- years


def test_what_holds_in_named_years_is_left_out_in_others(tmp_path: Path) -> None:
    content = small_pack()
    content["rates"] = [rate(380, years=[2029]), rate(400, years=[2030, 2031])]
    content["identities"][0]["subsidies"] = [
        {"tier": 1, "amount": 100, "unit": PER_YEAR, "rule": "X-1", "years": [2029]},
        {"tier": 1, "amount": 120, "unit": PER_YEAR, "rule": "X-1", "years": [2030]},
    ]
    content["identities"].append({"code": "orphan", "subsidies": [], "years": [2029]})
    content["waiting"] = {
        "months": 3,
        "per_missed_year": 1,
        "unit": "months",
        "counted_from": "clearing",
        "years": [2031],
    }
    file = load(tmp_path, content).file
    assert [r.amount for r in file.rates] == [40000]
    assert [(i.code, [s.amount for s in i.subsidies]) for i in file.identities] == [("dibao", [12000])]
    assert file.waiting is None


def test_a_base_of_several_years_is_read_by_the_year_of_the_pack_that_extends_it(tmp_path: Path) -> None:
    city = small_pack() | {"pack": "city", "assessable": False, "rates": [rate(380, years=[2029]), rate(400)]}
    write(tmp_path, city)
    assert [r.amount for r in load(tmp_path, layer("d-2029", "city", year=2029)).file.rates] == [38000, 40000]
    assert [r.amount for r in load(tmp_path, layer("d-2030", "city")).file.rates] == [40000]


def test_an_entry_for_another_year_does_not_hide_the_one_it_would_replace(tmp_path: Path) -> None:
    window = small_pack()["windows"][1] | {"last_day": date(2030, 9, 30), "years": [2031]}
    pack = load(tmp_path, small_pack() | {"pack": "city"}, layer("district", "city", windows=[window]))
    assert [w.last_day for w in pack.file.windows if w.id == "late"] == [date(2030, 6, 30)]
    assert pack.origins["windows.late"] == "city"


# ---------------------------------------------------------------- drop


@pytest.mark.parametrize("place", ["windows.late", "identities.dibao", "full_cost", "identities.dibao.subsidies.1"])
def test_dropped_entries_are_gone(tmp_path: Path, place: str) -> None:
    cost = {"first_day": date(2030, 3, 1), "newborns": "exempt", "rule": "X-1"}
    city = small_pack() | {"pack": "city", "full_cost": cost}
    before = load(tmp_path, city)
    after = load(tmp_path, layer("district", "city", drop=[place]))
    gone = before.origins.keys() - after.origins.keys()
    assert gone == {where for where in before.origins if where == place or where.startswith(f"{place}.")}


def test_a_whole_list_may_be_dropped(tmp_path: Path) -> None:
    city = small_pack() | {"pack": "city", "no_waiting": [{"identities": ["dibao"], "rule": "X-1"}]}
    assert load(tmp_path, city, layer("district", "city", drop=["no_waiting"])).file.no_waiting == ()


def test_inherited_identities_are_ranked_anew_by_dropping_and_listing_them(tmp_path: Path) -> None:
    dibao = small_pack()["identities"][0]
    city = small_pack() | {"pack": "city", "identities": [dibao, dibao | {"code": "orphan"}]}
    write(tmp_path, city)
    own = [dibao | {"code": "orphan"}, dibao]
    assert ids(load(tmp_path, layer("same", "city", identities=own)).file.identities, "code") == ["dibao", "orphan"]
    anew = layer("anew", "city", identities=own, drop=["identities.dibao", "identities.orphan"])
    assert ids(load(tmp_path, anew).file.identities, "code") == ["orphan", "dibao"]


@pytest.mark.parametrize(
    "place",
    [
        "windows.lat",
        "full_cost",
        "identities.orphan",
        "identities.dibao.until",
        "words",
        "year",
        "windows.late.coverage",
    ],
)
def test_dropping_what_is_not_there_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(BadInput, match=f"“district”要去掉的“{place}”"):
        load(tmp_path, small_pack() | {"pack": "city"}, layer("district", "city", drop=[place]))


def test_a_pack_that_inherits_nothing_has_nothing_to_drop(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"windows\.late"):
        load(tmp_path, small_pack() | {"drop": ["windows.late"]})


# ---------------------------------------------------------------- duplicates


def test_entries_that_cannot_both_be_meant_are_found(tmp_path: Path) -> None:
    content = small_pack()
    content["windows"].append(content["windows"][0])
    content["identities"][0]["subsidies"] *= 2
    content["rules"].append(content["rules"][0])
    content["words"] = {"departments": [{"code": "a", "zh": "甲", "en": "A"}] * 2}
    found = duplicates(read_file(tmp_path, content))
    assert found == [
        "words.departments.a.2",
        "rules.X-1.2",
        "windows.main.2",
        "identities.dibao.subsidies.1.2",
    ]


def test_entries_of_different_years_or_conditions_are_no_duplicates(tmp_path: Path) -> None:
    content = small_pack()
    content["rates"] = [rate(1, years=[2029]), rate(2, years=[2030]), rate(3, when={"age_from": 60})]
    file = read_file(tmp_path, content)
    assert duplicates(file) == []
    assert duplicates(for_year(file, 2030)) == []


def test_a_duplicate_survives_merging_for_lint_to_see(tmp_path: Path) -> None:
    late = small_pack()["windows"][1]
    pack = load(tmp_path, small_pack() | {"pack": "city"}, layer("district", "city", windows=[late, late]))
    assert ids(pack.file.windows) == ["main", "late", "late"]
    assert [duplicates(file) for file in pack.files] == [["windows.late.2"], []]
