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
from yingbao.policy.engine import Assessment, Engine
from yingbao.policy.explain import Step, list_steps
from yingbao.policy.explaining import Node, explain_whole
from yingbao.policy.format import PackFile
from yingbao.policy.identities import PolicyIdentity, collect_identities
from yingbao.policy.listings import Benefit
from yingbao.policy.load import Pack, Rule, load_pack
from yingbao.policy.needs import list_looked_at
from yingbao.policy.outcomes import list_extras
from yingbao.policy.people import Decision, People, Person, gather_people
from yingbao.policy.season import season_of
from yingbao.policy.sources import PACKS_DIR, list_names
from yingbao.policy.tables import compile_tables
from yingbao.policy.texts import Text
from yingbao.policy.versions import VersionedEngine, list_addons, list_versions
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
        """SHA-256 of the merged pack and of what it amends: the same hash decides the same."""
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

    @cached_property
    def addons(self) -> tuple[str, ...]:
        """The codes of the add-on insurances, in the pack's order; those only an amended pack has come last."""
        return list_addons(list_versions(self.pack))

    @cached_property
    def extra_columns(self) -> tuple[str, ...]:
        """The further amounts its decisions have, in the order files show them."""
        files = [version.pack.file for version in list_versions(self.pack)]
        account = ("account_fen",) if any(file.family_account for file in files) else ()
        return (*dict.fromkeys(name for file in files for name in list_extras(file)), *account)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts beyond the common ones that it looks at (names as in ``Person``)."""
        return frozenset(fact for version in list_versions(self.pack) for fact in list_looked_at(version.pack.file))

    @property
    def low_income(self) -> frozenset[str]:
        """The identities counted as low-income population in weekly tables."""
        return get_vocabulary().low_income

    @cached_property
    def versions(self) -> tuple[tuple[date | None, Policy], ...]:
        """The policies that answer and from which day of clearing on, the oldest first; None: from the beginning.

        One alone, unless the pack amends another. Each answers by itself, with the words of the newest.
        """
        if len(self.pack.versions) == 1:
            return ((None, self),)
        return tuple((version.first_day, Policy(version.pack)) for version in list_versions(self.pack))

    def version_on(self, day: date) -> Policy:
        """Return the policy that answers for what is cleared, or asked for, on ``day``."""
        return next(policy for first, policy in reversed(self.versions) if first is None or day >= first)

    @cached_property
    def engine(self) -> Engine | VersionedEngine:
        """The compiled pack, with what it amends. Raises Refused for a pack that is only a base for others."""
        if not self.file.assessable:
            raise Refused(
                say(N_("政策包“{name}”只作为其他政策包的基础，不能单独测算"), name=self.name),
                fact=say(N_("其中没有区县的资助标准，测算结果会让应获资助的人看起来没有资助")),
                todo=say(N_("请使用继承它的区县政策包")),
            )
        if len(self.pack.versions) > 1:
            return VersionedEngine(list_versions(self.pack))
        return Engine(compile_tables(self.pack))

    @property
    def season(self) -> Period:
        """From the first to the last day on which any window, of any version, is open."""
        seasons = [season_of(pack.file) for _, pack in self.pack.versions]
        return Period(min(one.begin for one in seasons), max(one.end for one in seasons if one.end))

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
        if len(self.versions) > 1:
            asked_on = as_of or self.default_as_of
            return self.version_on(person.paid_on or asked_on).assess(person, asked_on)
        return self.assess_people(self.gather([person]), as_of=as_of).decisions()[0]

    def assess_all(self, persons: Sequence[Person], as_of: date | None = None) -> list[Decision]:
        """Assess many persons, answers in the same order."""
        return self.assess_people(self.gather(persons), as_of=as_of).decisions()

    def gather(self, persons: Sequence[Person]) -> People:
        """Return ``persons`` as columns, read with this pack's words and add-ons."""
        return gather_people(persons, self.vocabulary, self.addons)

    def assess_people(self, people: People, *, as_of: date | None = None) -> Assessment:
        """Assess columns of people; the other two go through here."""
        return self.engine.assess(people, as_of=as_of or self.default_as_of)

    def explain(self, rule_id: str) -> Rule:
        """Return the rule a reason names. Raises NotFound for an id neither pack nor engine knows."""
        held = (pack.rules.get(rule_id) for _, pack in reversed(self.pack.versions))
        rule = next((rule for rule in held if rule), None) or BUILTIN_RULES.get(rule_id)
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
        return list_steps(self.explain_whole(person, decision, as_of))

    def explain_whole(self, person: Person, decision: Decision, as_of: date | None = None) -> Node:
        """Return how ``decision`` came about as a tree: facts, rules tried, what won and why, down to the clause."""
        on = person.paid_on or as_of or self.default_as_of
        return explain_whole(self.version_on(on).pack, person, decision, on=on)


class _Site:
    """Where a site keeps the packs of its own; set once, when the site starts."""

    folder = PACKS_DIR


def use_packs(folder: Path) -> None:
    """Let ``get_policy`` and ``list_packs`` look in a site's own folder first, and then among the packs that ship."""
    _Site.folder = folder
    get_policy.cache_clear()


@cache
def get_policy(name: str) -> Policy:
    """Return the policy of a pack of the site or of those that ship, compiled once. Raises NotFound, BadInput."""
    return Policy(load_pack(name, _Site.folder))


def read_policy(name: str, folder: Path) -> Policy:
    """Return the policy of a pack in another folder, read afresh."""
    return Policy(load_pack(name, folder))


def list_packs(folder: Path | None = None) -> list[str]:
    """Return the names of the packs in ``folder``, or of all the site may use, sorted."""
    return list_names(folder) if folder else sorted({*list_names(_Site.folder), *list_names(PACKS_DIR)})
