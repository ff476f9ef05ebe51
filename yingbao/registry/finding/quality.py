"""What is missing, wrong or doubtful in the register, as questions to the database (BN-4.2.2b).

Each check is a condition on a resident, so that a count and the list behind it can never disagree. Area codes are
not among them: numbers lie sealed, and an unknown area is said when a number comes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import Scope
from yingbao.registry import counts
from yingbao.registry.kinds import Eligibility, Population, Relation, ResidentState
from yingbao.registry.models import DifferentPeople, Identity, Institution, Resident
from yingbao.storage.encrypted import seal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Condition = Callable[[date, Scope], Any]
OLDEST, CENTENARIAN, OLDEST_STUDENT, YOUNGEST_STUDENT, YOUNGEST_HEAD = 120, 100, 40, 14, 16
ORPHAN_UNTIL, VETERAN_FROM = 18, 60
ID_CARD_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Check:
    """One question. ``alone``: a row, its household and its head answer it, so many are counted in one reading.

    ``doubt``: whoever it finds may be right as they are, a true centenarian say; that is to be looked at, and a
    village is done without it.
    """

    name: StrOrPromise
    hint: StrOrPromise
    condition: Condition
    alone: bool = True
    doubt: bool = False


def _no_phone(_on: date, _scope: Scope) -> Any:
    return Q(phone__isnull=True)


def _unchecked_number(_on: date, _scope: Scope) -> Any:
    # A sealed number is longer than the number, always by as much: its length shows without its digits.
    whole = len(seal("0" * ID_CARD_LENGTH))
    return ~Q(certificate_kind="990201") & ~Q(sealed_length=whole)


def _only_birth_certificate(on: date, _scope: Scope) -> Any:
    return Q(certificate_kind="990201", birth_on__lte=years_before(on, 1))


def _impossible_age(on: date, _scope: Scope) -> Any:
    return Q(birth_on__gt=on) | Q(birth_on__lte=years_before(on, OLDEST + 1))


def _centenarian(on: date, _scope: Scope) -> Any:
    return Q(birth_on__lte=years_before(on, CENTENARIAN), birth_on__gt=years_before(on, OLDEST + 1))


def _student_age(on: date, _scope: Scope) -> Any:
    too_old = Q(birth_on__lte=years_before(on, OLDEST_STUDENT + 1))
    return Q(population=Population.STUDENT) & (Q(birth_on__gt=years_before(on, YOUNGEST_STUDENT)) | too_old)


def _child_as_head(on: date, _scope: Scope) -> Any:
    return Q(relation=Relation.HEAD, birth_on__gt=years_before(on, YOUNGEST_HEAD))


def _not_on_platform(_on: date, _scope: Scope) -> Any:
    return Q(on_platform=False)


def _pending(_on: date, _scope: Scope) -> Any:
    return Q(eligibility=Eligibility.PENDING)


def _no_head(_on: date, _scope: Scope) -> Any:
    collective = Institution.objects.order_by().values("household_id")  # an institution's household has none
    return Q(head__isnull=True) & ~Q(household_id__in=collective)


def _no_address(_on: date, _scope: Scope) -> Any:
    return Q(household__address="")


def _against_relation(_on: date, _scope: Scope) -> Any:
    """A child or grandchild no younger than the head, or a parent no older."""
    younger = Q(relation__in=(Relation.CHILD, Relation.GRANDCHILD), head__birth_on__gte=F("birth_on"))
    return younger | Q(relation=Relation.PARENT, head__birth_on__lte=F("birth_on"))


def _alike(_on: date, scope: Scope) -> Any:
    """Another of the same name, birth and sex in the scope, not yet found to be somebody else.

    Whom each such other has been told apart from are few, and found first: so the rest is one join.
    """
    told_apart = DifferentPeople.objects.filter(
        Q(first_id=OuterRef("pk"), second_id=OuterRef(OuterRef("pk")))
        | Q(second_id=OuterRef("pk"), first_id=OuterRef(OuterRef("pk")))
    )
    pairs = DifferentPeople.objects.order_by()
    ever = Resident.objects.filter(pk__in=pairs.values_list("first_id").union(pairs.values_list("second_id")))
    cleared = ever.filter(~Exists(_namesakes(scope).filter(~Exists(told_apart))))
    return Exists(_namesakes(scope)) & ~Q(pk__in=cleared.values("pk"))


def _namesakes(scope: Scope) -> QuerySet[Resident]:
    """Return the others of the scope with the name, birth and sex of the resident asked about."""
    same = counts.present(scope).filter(name=OuterRef("name"), birth_on=OuterRef("birth_on"), sex=OuterRef("sex"))
    return same.exclude(pk=OuterRef("pk"))


def _identity_against_age(on: date, _scope: Scope) -> Any:
    """A grown-up orphan, a veteran of sixty who is younger, a poor student who is none."""
    held = Identity.objects.filter(resident_id=OuterRef("pk"), begin_on__lte=on)
    held = held.filter(Q(end_on__isnull=True) | Q(end_on__gt=on))
    grown = Q(code__in=("orphan", "de_facto_orphan"), resident__birth_on__lte=years_before(on, ORPHAN_UNTIL))
    young = Q(code="rural_veteran_60", resident__birth_on__gt=years_before(on, VETERAN_FROM))
    no_student = Q(code="poor_student") & ~Q(resident__population=Population.STUDENT)
    return Exists(held.filter(grown | young | no_student))


CHECKS: Mapping[str, Check] = {
    "phone": Check(_("无联系电话"), _("补录本人或家人的手机号码"), _no_phone),
    "number": Check(_("证件无法校验"), _("换成 18 位身份证件号码，或核对其他证件"), _unchecked_number, doubt=True),
    "birth-certificate": Check(_("满周岁仍用出生证"), _("落户后更换为身份证号码"), _only_birth_certificate),
    "no-head": Check(_("户内无户主"), _("指定或变更户主"), _no_head),
    "address": Check(_("户无地址"), _("补录居住地址"), _no_address),
    "age": Check(_("年龄不可能"), _("核对出生日期：晚于今天，或超过 120 岁"), _impossible_age),
    "over-100": Check(_("百岁以上"), _("上门核实是否健在"), _centenarian, doubt=True),
    "student-age": Check(_("大学生年龄异常"), _("核对人群：不满 14 岁或超过 40 岁"), _student_age, doubt=True),
    "head-age": Check(_("户主不满 16 岁"), _("变更户主"), _child_as_head, doubt=True),
    "relation-age": Check(_("辈分与年龄不符"), _("核对与户主关系、出生日期"), _against_relation),
    "alike": Check(_("疑似重复"), _("姓名、出生日期、性别都相同：核实是否同一人"), _alike, alone=False),
    "identity-age": Check(_("身份与年龄不符"), _("请认定部门核对身份"), _identity_against_age, alone=False, doubt=True),
    "platform": Check(_("国家平台未登记"), _("先到国家平台登记，登记前线上、窗口都不能缴费"), _not_on_platform),
    "eligibility": Check(_("参保资格待审核"), _("由镇街社保所审核证明"), _pending),
}


@dataclass(slots=True)
class Board:
    """Village code → check → number of residents to look at; ``people`` is how many are present there."""

    people: dict[int, int] = field(default_factory=dict)
    found: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, village: int) -> dict[str, int]:
        """Return what is to be mended in a village; checks that find nobody are left out."""
        return dict(self.found.get(village, {}))

    def to_mend(self, village: int) -> dict[str, int]:
        """Return what is surely to be mended there: without what may be right as it is."""
        return {check: number for check, number in self.of(village).items() if not CHECKS[check].doubt}

    @property
    def totals(self) -> dict[str, int]:
        """Return check → number over all villages."""
        sums: defaultdict[str, int] = defaultdict(int)
        for counted in self.found.values():
            for check, number in counted.items():
                sums[check] += number
        return dict(sums)


def board(actor: Actor, *, on: date, within: Scope | None = None) -> Board:
    """Count every check, village by village, in one statement and one for each check that looks further.

    ``within`` narrows the actor's divisions. Needs SEE_RESIDENTS.
    """
    actor.must(Right.SEE_RESIDENTS)
    scope = actor.scope
    if within is not None:
        scope = Scope(max(scope.low, within.low), min(scope.high, within.high))
    made = Board()
    alone = {code: check for code, check in CHECKS.items() if check.alone}
    # Named apart, because a check's name may be a column's.
    sums: dict[str, Any] = {
        f"n{place}": Count("id", filter=check.condition(on, actor.scope)) for place, check in enumerate(alone.values())
    }
    rows: Iterable[Any] = _people(scope).values("division_id").annotate(people=Count("id"), **sums)
    for row in rows:
        made.people[row["division_id"]] = row["people"]
        for place, code in enumerate(alone):
            if row[f"n{place}"]:
                made.found[row["division_id"]][code] = row[f"n{place}"]
    for code, check in CHECKS.items():
        if not check.alone:
            further = _people(scope).filter(check.condition(on, actor.scope)).values_list("division_id")
            for division, number in further.annotate(n=Count("id")):
                made.found[division][code] = number
    return made


def measured(residents: QuerySet[Resident]) -> QuerySet[Resident]:
    """Return residents with what checks look at beside columns: the sealed number's length, the household's head."""
    head = Q(household__members__relation=Relation.HEAD, household__members__state=ResidentState.PRESENT)
    return residents.alias(
        sealed_length=Length("certificate_number"), head=FilteredRelation("household__members", condition=head)
    )


def _people(scope: Scope) -> QuerySet[Resident]:
    return measured(counts.present(scope)).order_by()


def years_before(on: date, years: int) -> date:
    """Return the latest birthday of somebody who is ``years`` old on a day; 29 February counts from 1 March."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)
