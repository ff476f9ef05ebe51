"""A pack ready to answer: the one object other rooms talk to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY, Period
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.engine import Assessment, Engine, make_decision
from yingbao.policy.explain import Explainer, Step
from yingbao.policy.format import PackFile
from yingbao.policy.identities import PolicyIdentity, collect_identities
from yingbao.policy.listings import Benefit
from yingbao.policy.load import Pack, Rule, load_pack
from yingbao.policy.people import Decision, People, Person, gather_people
from yingbao.policy.sources import PACKS_DIR, list_names
from yingbao.policy.tables import compile_tables, season_of
from yingbao.policy.texts import Text
from yingbao.policy.vocabulary import Vocabulary, get_vocabulary


class Policy:
    """Assesses people by one pack and explains the answers. Cheap to share; holds no person's data."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    @property
    def name(self) -> str:
        """The pack's name, e.g. liangping-2023."""
        return self.pack.name

    @property
    def year(self) -> int:
        """The insurance year."""
        return self.file.year

    @property
    def hash(self) -> str:
        """SHA-256 of the merged pack: the same hash decides the same."""
        return self.pack.hash

    @property
    def file(self) -> PackFile:
        """The merged content: rates, windows, groups, channels, deadlines, signatories …"""
        return self.pack.file

    @property
    def title(self) -> Text:
        """The pack's title."""
        return self.file.title.text

    @property
    def tiers(self) -> tuple[int, ...]:
        """The tiers on offer."""
        return tuple(sorted({rate.tier for rate in self.file.rates}))

    @property
    def vocabulary(self) -> Vocabulary:
        """The words this pack may use: the common ones and its own."""
        return self.pack.vocabulary

    @property
    def low_income(self) -> frozenset[str]:
        """The identities counted as low-income population in weekly tables."""
        return get_vocabulary().low_income

    @cached_property
    def engine(self) -> Engine:
        """The compiled pack. Raises Refused for a pack that is only a base for others."""
        if not self.file.assessable:
            raise Refused(
                say(N_("政策包“{name}”只作为其他政策包的基础，不能单独测算"), name=self.name),
                fact=say(N_("其中没有区县的资助标准，测算结果会让应获资助的人看起来没有资助")),
                todo=say(N_("请使用继承它的区县政策包")),
            )
        return Engine(compile_tables(self.pack))

    @property
    def season(self) -> Period:
        """From the first to the last day on which any window is open."""
        return season_of(self.file)

    @property
    def centralised(self) -> Period | None:
        """The centralised period, None where the pack has none."""
        return next((window.period for window in self.file.windows if window.centralised), None)

    @property
    def coverage_year(self) -> Period | None:
        """The insurance year as a period."""
        return self.file.coverage_year.period if self.file.coverage_year else None

    @property
    def default_as_of(self) -> date:
        """The last day of the centralised period: the day unpaid amounts are given for when nobody names one."""
        period = self.centralised or self.season
        assert period.end is not None
        return period.end - DAY

    def assess(self, person: Person, as_of: date | None = None) -> Decision:
        """Assess one person; without ``paid_on`` the amounts are those of ``as_of`` (default: default_as_of)."""
        found = self.assess_people(gather_people([person]), as_of=as_of)
        return make_decision(found.outcomes[int(found.numbers[0])], int(found.begins[0]))

    def assess_all(self, persons: Sequence[Person], as_of: date | None = None) -> list[Decision]:
        """Assess many persons, answers in the same order."""
        return self.assess_people(gather_people(persons), as_of=as_of).decisions()

    def assess_people(self, people: People, *, as_of: date | None = None) -> Assessment:
        """Assess columns of people; the other two go through here."""
        return self.engine.assess(people, as_of=as_of or self.default_as_of)

    def explain(self, rule_id: str) -> Rule:
        """Return the rule a reason names. Raises NotFound for an id neither pack nor engine knows."""
        rule = self.pack.rules.get(rule_id) or BUILTIN_RULES.get(rule_id)
        if rule is None:
            raise NotFound(
                say(N_("政策包“{name}”中没有规则“{rule}”"), name=self.name, rule=rule_id),
                todo=say(N_("用 yingbao policy show {name} 查看全部规则"), name=self.name),
            )
        return rule

    @cached_property
    def identities(self) -> Mapping[str, PolicyIdentity]:
        """All identities of the vocabulary as this pack sees them, the pack's own first and in its order."""
        return collect_identities(self.file)

    def identity(self, code: str) -> PolicyIdentity:
        """Return one identity. Raises NotFound for a code outside the vocabulary."""
        if code not in self.identities:
            raise NotFound(say(N_("没有代码为“{code}”的身份"), code=code))
        return self.identities[code]

    def benefits(self, tier: int) -> list[Benefit]:
        """Return the benefit levels of a tier."""
        return [benefit for benefit in self.file.benefits if benefit.tier in (None, tier)]

    def explain_decision(self, person: Person, decision: Decision, as_of: date | None = None) -> tuple[Step, ...]:
        """Return how ``decision`` came about, line by line, for people: rate, identities, payable, fiscal, cover.

        ``as_of`` is the day the amounts were asked for when ``person`` has not paid (default: default_as_of).
        """
        on = person.paid_on or as_of or self.default_as_of
        return Explainer(self.file, self.identities, self.explain).steps(person, decision, on)


@cache
def get_policy(name: str) -> Policy:
    """Return the policy of a pack that ships with the package, compiled once. Raises NotFound, BadInput."""
    return Policy(load_pack(name))


def read_policy(name: str, folder: Path) -> Policy:
    """Return the policy of a pack in another folder, read afresh."""
    return Policy(load_pack(name, folder))


def list_packs(folder: Path = PACKS_DIR) -> list[str]:
    """Return the names of all packs, sorted."""
    return list_names(folder)
