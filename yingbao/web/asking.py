"""The form of facts about one person: the fields a pack needs, and what was typed into them as columns of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _

from yingbao.kernel.messages import say
from yingbao.kernel.money import parse_yuan
from yingbao.policy import Policy
from yingbao.policy.explaining.facts import FACT_NAMES
from yingbao.policy.facts import FACTS
from yingbao.policy.saying import name_disability, name_grade
from yingbao.web.policies import population_name, speak
from yingbao.web.requests import parse_date

Kind = Literal["day", "choice", "number", "yuan", "many"]
Options = tuple[tuple[str, str], ...]
LONGEST = 40
KINDS, GRADES = range(8), range(5)
SETS = ("identities", "snapshot_identities", "addons")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. ``options`` are (value, words); ``others`` those few people need; ``values`` what is set."""

    name: str
    label: str
    kind: Kind
    values: tuple[str, ...] = ()
    options: Options = ()
    others: Options = ()
    help: str = ""

    @property
    def value(self) -> str:
        """The one value; empty where there is none."""
        return self.values[0] if self.values else ""

    @property
    def others_open(self) -> bool:
        """Whether one of the options kept aside is chosen."""
        return any(value in self.values for value, _words in self.others)


def list_fields(request: HttpRequest, policy: Policy, name_identity: Callable[[str], str]) -> list[Field]:
    """Return the fields of ``policy``'s form with what was sent."""
    maker = _Maker(request, policy, name_identity)
    fields = [
        maker.field("birth_date", "day"),
        maker.choice("population", _populations(policy)),
        maker.choice("tier", tuple((str(tier), _("%(tier)s 档") % {"tier": tier}) for tier in policy.tiers)),
        maker.field("paid_on", "day", help=_("还没有缴费的留空")),
        maker.day_of_question(),
        maker.identities("identities"),
    ]
    if policy.file.students is not None:
        fields += [maker.choice("graduating", _yes_or_no()), maker.field("term_start", "day")]
    return fields + [maker.fact(name) for name in FACTS if name in policy.facts]


class _Maker:
    def __init__(self, request: HttpRequest, policy: Policy, name_identity: Callable[[str], str]) -> None:
        self._sent = request.POST if request.method == "POST" else None
        self._policy = policy
        self._name_identity = name_identity

    def field(self, name: str, kind: Kind, *, help: str = "") -> Field:
        return Field(name, speak(say(FACT_NAMES[name])), kind, self._values(name), help=help)

    def choice(self, name: str, options: Options) -> Field:
        values = self._values(name) or tuple(value for value, _words in options[:1])
        return Field(name, speak(say(FACT_NAMES[name])), "choice", values, options)

    def day_of_question(self) -> Field:
        usual = self._policy.default_as_of.isoformat()
        words = _("留空为集中参保期最后一天 %(day)s") % {"day": usual}
        return Field("as_of", _("未缴费的，按哪天测算"), "day", self._values("as_of"), help=words)

    def identities(self, name: str) -> Field:
        """Return the identities the pack subsidises, and apart from them those it knows."""
        own = [identity.code for identity in self._policy.file.identities]
        rest = [code for code in self._policy.vocabulary.identities if code not in own]
        label = speak(say(FACT_NAMES[name]))
        return Field(name, label, "many", self._values(name), self._named(own), self._named(rest))

    def fact(self, name: str) -> Field:
        match name:
            case "disability_kind":
                return self.choice(name, _unknown_or((str(n), speak(name_disability(n))) for n in KINDS))
            case "disability_grade":
                return self.choice(name, _unknown_or((str(n), speak(name_grade(n))) for n in GRADES))
            case "enrolled_last_year":
                return self.choice(name, _unknown_or((("true", _("是")), ("false", _("否")))))
            case "snapshot_identities":
                return self.identities(name)
            case "addons":
                addons = tuple((addon.code, speak(addon.name)) for addon in self._policy.file.addons)
                return Field(name, speak(say(FACT_NAMES[name])), "many", self._values(name), addons)
            case "payer_account_fen":
                return self.field(name, "yuan")
        return self.field(name, "number")

    def _named(self, codes: Iterable[str]) -> Options:
        return tuple((code, self._name_identity(code)) for code in codes)

    def _values(self, name: str) -> tuple[str, ...]:
        return tuple(self._sent.getlist(name)) if self._sent else ()


def _populations(policy: Policy) -> Options:
    codes = dict.fromkeys(rate.population for rate in policy.file.rates)
    return tuple((code, population_name(code)) for code in codes)


def _yes_or_no() -> Options:
    return (("", _("否")), ("true", _("是")))


def _unknown_or(options: Iterable[tuple[str, str]]) -> Options:
    return (("", _("不清楚")), *options)


def read_facts(request: HttpRequest, policy: Policy) -> dict[str, str]:
    """Return what was sent as texts by column name, as a file of people holds them.

    Only what the form asks: where it does ask, nothing ticked means none, and not that it is unknown.
    """
    asked = [name for name in FACT_NAMES if name in policy.facts or name not in FACTS]
    facts = {name: ";".join(request.POST.getlist(name)) if name in SETS else _typed(request, name) for name in asked}
    if "payer_account_fen" in facts:
        facts["payer_account_fen"] = _as_fen(facts["payer_account_fen"])
    return facts


def _typed(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "")[:LONGEST]


def _as_fen(text: str) -> str:
    """Return an amount in yuan as fen; what is none as it is, to be found wrong with the other facts."""
    try:
        return str(parse_yuan(text)) if text.strip() else ""
    except ValueError:
        return text.strip() + "?"


def read_as_of(request: HttpRequest) -> date | None:
    """Return the day the amounts are asked for; None where it was left empty. Raises BadInput for what is no day."""
    text = request.POST.get("as_of", "")
    return parse_date(text) if text else None
