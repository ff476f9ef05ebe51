"""The policy as pages speak of it: names of identities and departments, a pack's values with their clauses."""

from __future__ import annotations

from datetime import date
from functools import cache

from django.conf import settings
from django.utils.translation import get_language

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY
from yingbao.policy import Policy, get_policy, list_packs

# Whom a settlement list may be for beside the departments that confirm identities.
OTHER_PAYERS = {"medical_assistance": N_("医疗救助（医保局）")}


def current() -> Policy:
    """Return the policy of the site's insurance year."""
    return get_policy(settings.YINGBAO_POLICY)


@cache
def pack_with(rule_id: str) -> str | None:
    """Return the pack that holds a rule, the site's own first; None where no pack does."""
    names = [settings.YINGBAO_POLICY, *list_packs()]
    return next((name for name in names if rule_id in get_policy(name).pack.rules), None)


def language() -> str:
    """Return the reader's language for texts outside Django's catalogue."""
    return get_language() or settings.LANGUAGE_CODE


def speak(message: Message) -> str:
    """Return a message in the reader's language."""
    return message.render(language())


def identity_name(code: str) -> str:
    """Return an identity's name in the reader's language; the code itself for an unknown one."""
    identity = current().vocabulary.identities.get(code)
    return speak(identity.name) if identity else code


def population_name(code: str) -> str:
    """Return a population's name in the reader's language; the code itself for an unknown one."""
    population = current().vocabulary.populations.get(code)
    return speak(population.name) if population else code


def department_name(code: str) -> str:
    """Return a department's name in the reader's language; the code itself for an unknown one."""
    department = current().vocabulary.departments.get(code)
    if department:
        return speak(department.name)
    return speak(say(OTHER_PAYERS[code])) if code in OTHER_PAYERS else code


def payer_of(identity: str) -> str:
    """Return the code of the department that pays for an identity; empty where the pack names none."""
    return current().identity(identity).paid_by or ""


def last_day(end_on: date | None) -> date | None:
    """Return the last day of a half-open span that ends before ``end_on``."""
    return None if end_on is None else end_on - DAY
