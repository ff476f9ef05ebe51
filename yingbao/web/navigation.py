"""Which pages a role finds in its navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation: shown to whoever has one of ``rights`` (none named: everyone)."""

    url_name: str
    label: StrOrPromise
    icon: str
    rights: tuple[Right, ...] = ()

    @property
    def address(self) -> str:
        """The page's path."""
        return reverse(self.url_name)


ENTRIES = (
    Entry("home", _("工作台"), "home"),
    Entry("counter", _("窗口"), "cash", (Right.COLLECT,)),
    Entry("online", _("网上缴费"), "cash", (Right.PAY_ONLINE,)),
    Entry("residents", _("居民"), "people", (Right.SEE_RESIDENTS,)),
    Entry("day", _("我的收款"), "cash", (Right.DEPOSIT,)),
    Entry("work", _("待办事项"), "task", (Right.SEE_WORK_ITEMS,)),
    Entry("reviews", _("资格审核"), "eye", (Right.REVIEW_ELIGIBILITY,)),
    Entry("institutions", _("参保单位"), "list", (Right.MANAGE_INSTITUTIONS, Right.CLEAR)),
    Entry("progress", _("筹资进度"), "chart", (Right.SEE_PROGRESS,)),
    Entry("money", _("资金"), "scale", (Right.SEE_MONEY,)),
    Entry("settlements", _("资助清册"), "list", (Right.SEE_SETTLEMENT,)),
    Entry("notices", _("公示"), "notice", (Right.SEE_NOTICES,)),
    Entry("files", _("数据导入"), "file", (Right.SEE_ROSTERS, Right.IMPORT_REGISTER, Right.UPLOAD_ROSTER, Right.CLEAR)),
    Entry("policies", _("政策规则"), "book"),
    Entry("simulate", _("政策模拟"), "chart", (Right.SIMULATE_POLICY,)),
    Entry("audit", _("操作记录"), "eye", (Right.SEE_AUDIT,)),
    Entry("users", _("用户"), "key", (Right.MANAGE_USERS,)),
)


def entries_for(actor: Actor) -> list[Entry]:
    """Return the entries the actor's role may open."""
    return [entry for entry in ENTRIES if not entry.rights or any(actor.may(right) for right in entry.rights)]


# Pages that are not in the navigation themselves: which of its entries they belong to.
PARENTS = {
    "institution": "institutions",
    "institution-people": "institutions",
    "member-list": "institutions",
    "bill": "institutions",
    "quality": "residents",
    "export": "residents",
    "ask-bulk": "residents",
    "resident": "residents",
    "register-resident": "residents",
    "edit-resident": "residents",
    "resident-history": "residents",
    "change-household": "residents",
    "household-history": "residents",
    "household": "residents",
    "counter-find": "counter",
    "counter-household": "counter",
    "counter-bill": "counter",
    "serve": "counter",
    "counter-paid": "counter",
    "order": "counter",
    "pay-guide": "counter",
    "another": "online",
    "find-payee": "online",
    "online-bill": "online",
    "order-online": "online",
    "another-bill": "online",
    "order-another": "online",
    "payment": "residents",
    "week": "progress",
    "ledger-accounts": "money",
    "ledger-account": "money",
    "transfers": "money",
    "entry": "money",
    "deposits": "money",
    "declarations": "money",
    "declaration": "money",
    "kept": "money",
    "kept-money": "money",
    "find-payer": "money",
    "layouts": "money",
    "save-layout": "money",
    "agent-cash": "money",
    "counts": "money",
    "count": "day",
    "save-count": "day",
    "proofs": "money",
    "receipts": "money",
    "receipt-book": "money",
    "receipt-reviews": "money",
    "stubs": "money",
    "payments": "money",
    "refunds": "money",
    "refund": "money",
    "ask-refund": "residents",
    "save-refund": "residents",
    "ask-ending": "residents",
    "save-ending": "residents",
    "settlement": "settlements",
    "notice": "notices",
    "file": "files",
    "matches": "files",
    "duplicates": "residents",
    "differences": "files",
    "roster-template": "files",
    "aliases": "files",
    "confirmations": "day",
    "policy": "policies",
    "rule": "policies",
    "work-out": "policies",
    "decision": "residents",
    "eligibility": "residents",
    "reveal": "residents",
    "review": "reviews",
    "agent": "day",
    # A refused form comes back at its own address.
    "save-resident": "residents",
    "change-certificate": "residents",
    "record-leaving": "residents",
    "restore-resident": "residents",
    "save-household": "residents",
    "save-new-resident": "residents",
    "merge-residents": "residents",
    "tell-apart": "residents",
    "bulk": "residents",
    "export-file": "residents",
    "submit-eligibility": "residents",
    "assign-mending": "residents",
    "decide-review": "reviews",
}


def section_of(url_name: str) -> str:
    """Return the navigation entry a page belongs to."""
    return PARENTS.get(url_name, url_name)
