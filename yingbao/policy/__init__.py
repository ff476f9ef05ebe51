"""Policy packs: load, lint, compile, assess, explain. No Django, no clock, no I/O after loading."""

from yingbao.policy.engine import Assessment
from yingbao.policy.explain import Step
from yingbao.policy.identities import PolicyIdentity
from yingbao.policy.load import Pack, Rule, load_pack
from yingbao.policy.people import Decision, People, Person, gather_people
from yingbao.policy.policy import Policy, get_policy, list_packs, read_policy, use_packs
from yingbao.policy.texts import Text
from yingbao.policy.vocabulary import Vocabulary, get_vocabulary

__all__ = [
    "Assessment",
    "Decision",
    "Pack",
    "People",
    "Person",
    "Policy",
    "PolicyIdentity",
    "Rule",
    "Step",
    "Text",
    "Vocabulary",
    "gather_people",
    "get_policy",
    "get_vocabulary",
    "list_packs",
    "load_pack",
    "read_policy",
    "use_packs",
]
