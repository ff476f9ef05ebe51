"""An audit entry in the reader's words: its record by the number on paper, its content, links to what may be opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.db.models.enums import TextChoices
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection.kinds import Channel, LayoutKind, RefundReason, RefundWay
from yingbao.collection.receipts import queries as receipts
from yingbao.kernel.money import format_yuan
from yingbao.ledger.kinds import AccountKind
from yingbao.registry import queries as registry
from yingbao.registry.kinds import AliasSource, Eligibility, Evidence, FileKind, InstitutionKind, WithdrawReason
from yingbao.web.policies import department_name, identity_name
from yingbao.web.words import DETAILS, SUBJECTS
from yingbao.worklist.kinds import Kind as WorkKind

# kind of record → the page that shows one; which of them the reader may open, the page's own door says
PAGES = {
    "payment": "payment",
    "household": "household",
    "resident": "resident",
    "declaration": "declaration",
    "refund": "refund",
    "file": "file",
    "settlement": "settlement",
    "receipt-book": "receipt-book",
    "kept-money": "kept-money",
    "institution": "institution",
}
# name in the content → the kind of record whose id it holds
RECORDS = {
    "household": "household",
    "to": "household",
    "payment": "payment",
    "payments": "payment",
    "resident": "resident",
    "residents": "resident",
    "enrolled": "resident",
    "dropped": "resident",
    "merged_into": "resident",
    "receipts": "receipt",
    "corrected": "receipt",
    "replaced_by": "receipt",
    "refund": "refund",
    "declaration": "declaration",
    "file": "file",
    "list": "settlement",
}
PEOPLE = frozenset({"agent", "taker", "giver", "refused_by", "user"})
CODES: dict[str, tuple[type[TextChoices], ...]] = {
    "channel": (Channel,),
    "way": (RefundWay,),
    "from": (AccountKind,),
    "reason": (RefundReason, WithdrawReason),
    "state": (Eligibility,),
    "evidence": (Evidence,),
    "source": (AliasSource,),
    "kind": (FileKind, WorkKind, InstitutionKind),
}
AT_ONCE = 5  # of a long list of records, those that are shown; the rest is counted


@dataclass(frozen=True, slots=True)
class Ref:
    """A word of a row: a record with the address of its page, or text without; ``zh``: as somebody wrote it."""

    text: str
    href: str = ""
    zh: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as a page shows it: the record it is about, and its content as (name, values)."""

    entry: Any
    subject: Ref
    told: list[tuple[str, list[Ref]]]

    @property
    def content(self) -> str:
        """The content in one line, as a cell of a sheet takes it."""
        return "；".join(f"{name} {'、'.join(one.text for one in values)}" for name, values in self.told)


class Reader:
    """Who reads some entries: what their records are called is asked for once per kind, not once per entry."""

    def __init__(self, actor: Actor, entries: Iterable[Any]) -> None:
        """Ask for the names of every record and user that the entries mention."""
        self.entries = list(entries)
        mentioned: dict[str, set[int]] = {}
        for kind, id_ in _mentioned(self.entries):
            mentioned.setdefault(kind, set()).add(id_)
        self.opens = {kind for kind, page in PAGES.items() if _may_open(actor, page)}
        self.households, self.forms = dict[int, str](), dict[int, Any]()
        if "household" in mentioned and actor.may(Right.SEE_RESIDENTS):
            self.households = registry.household_numbers(actor, mentioned["household"])
        if "receipt" in mentioned and actor.may(Right.SEE_MONEY):
            self.forms = receipts.forms_named(actor, mentioned["receipt"])
        self.people = accounts.names_of(mentioned["user"]) if "user" in mentioned else {}

    def rows(self) -> list[Row]:
        """Return the entries as a page shows them."""
        return [Row(one, self._subject(one), list(self._told(one.detail, one.action))) for one in self.entries]

    def _subject(self, entry: Any) -> Ref:
        if entry.subject_id is None:
            return Ref("")
        if entry.subject_kind == "file" and entry.detail.get("kind") == FileKind.MEMBERS:
            return Ref(str(entry.subject_id))  # an institution's list has a page of its own, for who handles it
        return self.ref(entry.subject_kind, entry.subject_id)

    def ref(self, kind: str, id_: int) -> Ref:
        """Return a record by the number people know it by, with its page where the reader may open it."""
        if kind == "user":
            return Ref(self.people.get(id_, str(id_)), zh=True)
        if kind == "receipt":
            return self._form(id_)
        text = self.households.get(id_, str(id_)) if kind == "household" else str(id_)
        seen = kind in self.opens and (kind != "household" or id_ in self.households)
        return Ref(text, reverse(PAGES[kind], args=[id_]) if seen else "")

    def _form(self, id_: int) -> Ref:
        form = self.forms.get(id_)
        if form is None:
            return Ref(str(id_))
        page = ("payment", form.payment_id) if form.payment_id else ("receipt-book", form.book_id)
        return Ref(f"{form.book.series}-{form.number}", reverse(page[0], args=[page[1]]))

    def _told(self, detail: dict[str, Any], action: str, above: str = "") -> Iterator[tuple[str, list[Ref]]]:
        for key, value in detail.items():
            name = above + str(DETAILS.get(key) or department_name(key))
            if isinstance(value, dict):
                yield from self._told(value, action, "" if key == "lists" else f"{name} · ")
            elif value not in (None, "", []):
                yield name, self._values(key, value, action)

    def _values(self, key: str, value: Any, action: str) -> list[Ref]:
        if not isinstance(value, list):
            return [self._value(key, value, action)]
        shown = [self._value(key, one, action) for one in value[:AT_ONCE]]
        return shown if len(value) <= AT_ONCE else [*shown, Ref(_("等 {n} 项").format(n=len(value)))]

    def _value(self, key: str, value: Any, action: str) -> Ref:
        if isinstance(value, bool):
            return Ref(_("是") if value else _("否"))
        if isinstance(value, int):
            kind = "user" if key in PEOPLE else _kind_in(key, action)
            money = key == "fen" or key.endswith("_fen")
            return self.ref(kind, value) if kind else Ref(format_yuan(value) if money else str(value))
        if isinstance(value, str) and key in ("code", "department"):
            return Ref(identity_name(value) if key == "code" else department_name(value))
        label = _label(key, str(value), action)
        return Ref(label, zh=label == value)


def user_or_system(entry: Any) -> str:
    """Return who acted: a name, or that nobody did."""
    return str(entry.user.display_name) if entry.user else _("系统")


def role_name(code: str) -> str:
    """Return what a role is called."""
    return str(Role(code).label) if code in Role.values else code


def subject_name(kind: str) -> str:
    """Return what a kind of record is called."""
    return str(SUBJECTS.get(kind, kind))


def _mentioned(entries: Iterable[Any]) -> Iterator[tuple[str, int]]:
    for entry in entries:
        if entry.subject_id is not None:
            yield entry.subject_kind, entry.subject_id
        for key, value in entry.detail.items():
            kind = "user" if key in PEOPLE else _kind_in(key, entry.action)
            ids = value[:AT_ONCE] if isinstance(value, list) else [value]
            if kind:
                yield from ((kind, one) for one in ids if isinstance(one, int) and not isinstance(one, bool))


def _kind_in(key: str, action: str) -> str:
    """Return the kind of record a number in the content is an id of; a count has none."""
    if key == "kept" and action == "merge-residents":
        return "resident"
    counted = key in ("residents", "payments", "receipts") and action in ("accept-file", "check-file", "withdraw-file")
    return "" if counted else RECORDS.get(key, "")


def _label(key: str, value: str, action: str) -> str:
    choices = (LayoutKind,) if key == "kind" and action == "set-layout" else CODES.get(key, ())
    for one in choices:
        if value in one.values:
            return str(cast(Promise, one(value).label))
    return value


def _may_open(actor: Actor, page: str) -> bool:
    rights = resolve(reverse(page, args=[1])).func.rights  # type: ignore[attr-defined]  # set by the page's door
    return not rights or any(actor.may(right) for right in rights)
