"""About one resident in eight has an identity, and everybody could really have the one they have."""

from __future__ import annotations

from collections import Counter

from yingbao.demo.identities import CIVIL_AFFAIRS, QUOTAS, REVITALISATION
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.kernel.certificates import Form
from yingbao.kernel.periods import full_years


def ages_of(town: Town, code: str) -> list[int]:
    """Return the ages of everyone with an identity."""
    return [full_years(town.residents[m.person].born_on, SEASON_BEGIN) for m in town.marks if m.code == code]


def test_about_one_in_eight_has_an_identity_and_some_have_two_or_three(pingjin: Town) -> None:
    held = Counter(len(codes) for codes in pingjin.codes_by_person().values())
    assert 0.11 <= held.total() / len(pingjin.residents) <= 0.14
    assert held[2] > 300
    assert held[3] > 10


def test_every_identity_is_about_as_frequent_as_planned(pingjin: Town) -> None:
    found = Counter(mark.code for mark in pingjin.marks)
    assert found.keys() == QUOTAS.keys()
    assert all(QUOTAS[code] <= found[code] <= QUOTAS[code] + 9 for code in QUOTAS)


def test_ages_fit_the_identities(pingjin: Town) -> None:
    assert max(ages_of(pingjin, "orphan")) < 18
    assert min(ages_of(pingjin, "extreme_poverty")) >= 60
    assert min(ages_of(pingjin, "family_planning_reward")) >= 60
    assert min(ages_of(pingjin, "old_demobilised_veteran")) >= 86
    assert min(ages_of(pingjin, "entitled_group")) >= 45


def test_dibao_and_lifted_poverty_go_by_household(pingjin: Town) -> None:
    for code, whole_share in (("dibao", 0.7), ("stable_lifted", 1.0)):
        holders = {m.person for m in pingjin.marks if m.code == code}
        homes = [pingjin.households[h] for h in {pingjin.residents[p].household for p in holders}]
        whole = sum(set(range(h.first, h.first + h.size)) <= holders for h in homes)
        assert whole / len(homes) >= whole_share - 0.02, code


def test_one_department_does_not_give_two_identities_that_exclude_each_other(pingjin: Town) -> None:
    for codes in pingjin.codes_by_person().values():
        assert len(codes & set(CIVIL_AFFAIRS)) <= 1
        assert len(codes & set(REVITALISATION)) <= 1


def test_severe_disability_has_a_certificate_of_grade_one_or_two(pingjin: Town) -> None:
    for mark in pingjin.marks:
        if mark.code == "disabled_1_2":
            assert mark.disability[0] in "1234567" and mark.disability[1] in "12"
        else:
            assert mark.disability == ""


def test_only_people_with_an_id_number_are_marked(pingjin: Town) -> None:
    assert {pingjin.residents[m.person].form for m in pingjin.marks} == {Form.ID_CARD}
