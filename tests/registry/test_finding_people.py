"""Finding people within filters, page after page: nobody twice, nobody missed, nothing of a person in a query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import EAST, FAR, NOW, TOWN, WEST, Cast, bring_in, number, person
from yingbao.accounts.actors import Actor
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.periods import DAY
from yingbao.registry.finding import listing
from yingbao.registry.finding.listing import Filter, Page, Search, read_filter
from yingbao.registry.models import CoveredElsewhere, FormerCertificate, Household, Identity, ImportedFile, Resident
from yingbao.storage.encrypted import blind_index

TODAY = NOW.date()
SURNAMES = "冬春夏秋"


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with 130 people in 东村 and 西社区, three to a household, and one far away."""
    people = [
        person(
            SURNAMES[n % 4] + "一二三四五六七八九十"[n % 10],
            f"{1950 + n % 50}0101",
            n // 50 + 11,
            household_no=f"P{n // 3}",
            relation="户主" if n % 3 == 0 else "其他",
            village="东村" if n // 3 % 2 else "西社区",
        )
        for n in range(130)
    ]
    bring_in(cast.town_clerk, people)
    bring_in(cast.outsider, [person("冬外乡", "19600101", village="远村", household_no="F1")])
    return cast


def looked_for(text: str = "", **fields: object) -> Search:
    """Return a search within a filter."""
    return Search(text, Filter(**fields), TODAY, Enrolment.objects.filter(year=2023))  # type: ignore[arg-type]


def names(actor: Actor, text: str = "", **fields: object) -> list[str]:
    """Return the names of the first page."""
    return [one.name for one in listing.search(actor, looked_for(text, **fields)).residents]


def walk(actor: Actor, wanted: Search) -> list[Page]:
    """Return every page there is, following on from each one's last row."""
    pages = [listing.search(actor, wanted)]
    while pages[-1].has_next:
        pages.append(listing.search(actor, wanted, after=pages[-1].residents[-1].pk))
    return pages


def ids(page: Page) -> list[int]:
    """Return the ids of a page."""
    return [one.pk for one in page.residents]


@pytest.mark.parametrize("text", ["", "冬"])
def test_pages_lead_on_and_back_without_gap_or_repeat(town: Cast, text: str) -> None:
    wanted = looked_for(text)
    pages = walk(town.bureau, wanted)
    seen = [one for page in pages for one in ids(page)]
    there = Resident.objects.filter(name__startswith=text).count()
    assert len(seen) == len(set(seen)) == there
    assert [page.has_previous for page in pages] == [False] + [True] * (len(pages) - 1)
    for earlier, later in pairwise(pages):
        back = listing.search(town.bureau, wanted, before=later.residents[0].pk)
        assert ids(back) == ids(earlier) and back.has_next


def test_names_stand_in_one_order_and_others_by_village_and_household(town: Cast) -> None:
    found = [one for page in walk(town.bureau, looked_for("夏")) for one in page.residents]
    assert [one.name.encode() for one in found] == sorted(one.name.encode() for one in found)
    listed = [one for page in walk(town.bureau, looked_for()) for one in page.residents]
    places = [(one.division_id, one.household_id, one.pk) for one in listed]
    assert places == sorted(places)


def test_a_row_of_somebody_elses_division_begins_no_page(town: Cast) -> None:
    stranger = Resident.objects.get(name="冬外乡").pk
    first = listing.search(town.town_clerk, looked_for())
    assert ids(listing.search(town.town_clerk, looked_for(), after=stranger)) == ids(first)
    assert ids(listing.search(town.town_clerk, looked_for(), after=999_999)) == ids(first)


@pytest.mark.parametrize("text", ["", "冬", "P3", "冬 P4", number("19500101", 11)])
def test_as_many_statements_on_any_page_for_any_text(town: Cast, text: str) -> None:
    edge = Resident.objects.filter(division_id=WEST)[20].pk
    for after in (None, edge):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            listing.search(town.bureau, looked_for(text, identity="dibao", enrolled="no"), after=after)
        assert len(asked) <= 2 + bool(after)


def test_words_and_numbers_together_narrow_each_other(town: Cast) -> None:
    home = Household.objects.get(number="P3")
    members = {one.name for one in home.members.all()}
    assert set(names(town.bureau, "P3")) == members
    one = sorted(members)[0]
    assert names(town.bureau, f"{one[0]} P3") == [one]
    assert names(town.bureau, f"{one[0]} P3", division=FAR) == []


def test_a_former_number_finds_its_holder_and_an_old_card_of_15_digits_too(town: Cast) -> None:
    one = Resident.objects.filter(division_id=EAST).first()
    assert one is not None
    FormerCertificate.objects.create(
        resident=one, kind="990201", number="Q123456789", index=blind_index("Q123456789"), replaced_on=TODAY
    )
    assert names(town.bureau, "q123456789") == [one.name]
    whole = one.certificate_number
    assert names(town.bureau, whole[:6] + whole[8:17]) == [one.name]
    assert names(town.bureau, f"{whole[:6]} {whole[6:14]} {whole[14:]}") == [one.name]
    assert names(town.outsider, "Q123456789") == []


def test_lists_hold_who_is_present_and_a_number_finds_its_holder_dead_too(town: Cast) -> None:
    one = Resident.objects.filter(division_id=EAST).first()
    assert one is not None
    Resident.objects.filter(pk=one.pk).update(state="dead", gone_on=TODAY)
    assert one.pk not in ids(listing.search(town.bureau, looked_for(one.name)))
    assert names(town.bureau, one.certificate_number) == [one.name]
    assert names(town.bureau, state="dead") == [one.name]
    assert listing.search(town.bureau, looked_for(state="all"), counted=True).total == 131
    assert names(town.bureau, one.certificate_number, state="present") == []


def _with_identity(cast: Cast, one: Resident) -> None:
    file = ImportedFile.objects.first()
    kept = {"department": "civil_affairs", "file": file, "begin_on": date(2022, 1, 1)}
    Identity.objects.create(resident=one, code="dibao", **kept)


def _with_ended_identity(cast: Cast, one: Resident) -> None:
    file = ImportedFile.objects.first()
    kept = {"department": "civil_affairs", "file": file, "begin_on": date(2022, 1, 1), "end_on": TODAY}
    Identity.objects.create(resident=one, code="orphan", **kept)


def _elsewhere(cast: Cast, one: Resident) -> None:
    CoveredElsewhere.objects.create(resident=one, kind="employee", begin_on=date(2022, 1, 1))


def _with(**values: object) -> Callable[[Cast, Resident], None]:
    def arrange(_cast: Cast, one: Resident) -> None:
        Resident.objects.filter(pk=one.pk).update(**values)

    return arrange


def _enrolled(cast: Cast, one: Resident) -> None:
    Enrolment.objects.create(
        **{"resident": one, "division_id": one.division_id, "year": 2023, "tier": 1, "status": "assessed"},
        **{"rate_fen": 35_000, "subsidy_fen": 0, "payable_fen": 35_000, "policy": "liangping-2023"},
        **{"policy_hash": "0", "decided_on": TODAY, "enrolled_by_id": cast.bureau.user_id, "enrolled_at": NOW},
    )


@pytest.mark.parametrize(
    ("arrange", "fields"),
    [
        (_with_identity, {"identity": "dibao"}),
        (_elsewhere, {"elsewhere": "employee"}),
        (_elsewhere, {"elsewhere": "any"}),
        (_with(population="university_student"), {"population": "university_student"}),
        (_with(on_platform=False), {"platform": "no"}),
        (_with(eligibility="pending"), {"eligibility": "pending"}),
        (_enrolled, {"enrolled": "yes"}),
        (_with(birth_on=date(1915, 1, 1)), {"check": "over-100"}),
    ],
)
def test_a_filter_leaves_only_whom_it_means(
    town: Cast, arrange: Callable[[Cast, Resident], None], fields: dict[str, str]
) -> None:
    one, other = Resident.objects.filter(division_id=EAST)[:2]
    arrange(town, one)
    assert ids(listing.search(town.bureau, looked_for(**fields))) == [one.pk]
    assert ids(listing.search(town.bureau, looked_for(one.name, division=TOWN, **fields))) == [one.pk]
    assert listing.search(town.bureau, looked_for(division=WEST, **fields)).total == 0
    assert listing.search(town.outsider, looked_for(**fields)).total == 0
    assert other.pk


def test_an_identity_that_has_ended_is_not_held(town: Cast) -> None:
    one = Resident.objects.filter(division_id=EAST)[0]
    _with_ended_identity(town, one)
    assert names(town.bureau, identity="orphan") == []
    search = Search("", Filter(identity="orphan"), TODAY - DAY, Enrolment.objects.all())
    assert ids(listing.search(town.bureau, search)) == [one.pk]


def test_a_filter_is_codes_and_comes_back_from_them() -> None:
    wanted = Filter(division=EAST, identity="dibao", state="all", enrolled="no", check="phone")
    assert wanted.codes() == {
        **{"division": str(EAST), "identity": "dibao", "state": "all", "enrolled": "no", "check": "phone"},
    }
    assert read_filter(wanted.codes()) == wanted
    nonsense = {"division": "12", "identity": "王大", "state": "x", "check": "'; --", "enrolled": "", "q": "王"}
    assert read_filter(nonsense) == Filter()


def test_what_lies_within_a_town_is_counted_and_the_rest_when_asked(
    town: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listing.search(town.bureau, looked_for()).total is None
    assert listing.search(town.bureau, looked_for(), counted=True).total == 131
    assert listing.search(town.bureau, looked_for(division=TOWN)).total == 130
    assert listing.search(town.town_clerk, looked_for()).total == 130
    assert listing.search(town.bureau, looked_for("冬外")).total == 1, "all on one page"
    monkeypatch.setattr(listing, "MOST_COUNTED", 20)
    page = listing.search(town.bureau, looked_for(), counted=True)
    assert (page.total, page.is_more) == (21, True)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("冬", "registry_resident_name_bytes"),
        (number("19500101", 11), "certificate_index"),
    ],
)
def test_postgres_looks_into_an_index_and_sorts_no_names(town: Cast, text: str, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")  # 130 people fit on two pages: reading them would be cheaper
        cursor.execute("SET enable_bitmapscan = off")
        cursor.execute("SET enable_sort = off")
    with CaptureQueriesContext(connection) as asked:
        listing.search(town.bureau, looked_for(text))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
        cursor.execute("RESET enable_bitmapscan")
        cursor.execute("RESET enable_sort")
    assert index in plan and "Seq Scan on registry_resident" not in plan, plan
    if text == "冬":
        assert "Sort" not in plan and "~>=~" in plan, plan


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("text", "fields", "index"),
    [
        ("冬", {}, "registry_resident_name_bytes"),
        ("", {"eligibility": "pending"}, "registry_resident_doubtful"),
        ("", {"state": "moved_out"}, "registry_resident_gone"),
    ],
)
def test_postgres_chooses_the_index_by_itself_among_many(
    town: Cast, text: str, fields: dict[str, str], index: str
) -> None:
    copy_everybody(150)
    Resident.objects.filter(pk__in=Resident.objects.order_by("-pk").values("pk")[:5]).update(
        eligibility="pending", on_platform=False
    )
    Resident.objects.filter(pk__in=Resident.objects.order_by("pk").values("pk")[:5]).update(state="moved_out")
    with CaptureQueriesContext(connection) as asked:
        listing.search(town.bureau, looked_for(text, **fields))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_resident")
        cursor.execute("EXPLAIN " + asked[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan and "Seq Scan on registry_resident" not in plan, plan


def copy_everybody(times: int) -> None:
    """Bring everybody in again and again, each under other names and numbers of no meaning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_resident (household_id, division_id, relation, name, certificate_kind,"
            " certificate_number, certificate_index, birth_on, sex, hukou, basis, population, graduating, on_platform,"
            " state) SELECT household_id, division_id, 'other', chr(19968 + n) || name, certificate_kind,"
            " certificate_number, decode(md5(id::text || '-' || n), 'hex'), birth_on, sex, hukou, basis, population,"
            " graduating, on_platform, state FROM registry_resident, generate_series(1, %s) n",
            [times],
        )
