"""Every form a reader meets: what the pages of the story offer to whom, with its fields as they stand there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client
from django.urls import Resolver404, resolve

NOT_TYPED = {"csrfmiddlewaretoken"}
NOT_SENT = {"submit", "button", "image", "file"}


@dataclass
class Form:
    """A form that is posted: where to, and (name, value) of what it sends as it stands; files are left out."""

    action: str
    by: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its address."""
        return resolve(self.action.partition("?")[0]).url_name or ""


class Reader(HTMLParser):
    """Collects the posted forms of a page, with the fields that stand outside and say ``form="…"`` whose they are."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.found: list[Form] = []
        self.named: dict[str, Form] = {}
        self.apart: list[tuple[str, dict[str, str]]] = []
        self.inside: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form" and held.get("method", "").lower() == "post":
            self.inside = Form(held.get("action") or self.address)
            self.found.append(self.inside)
            self.named[held.get("id", "")] = self.inside
        elif tag == "select":
            self.select = held.get("name", "")
            self._keep(held, self.select, "")
        elif tag == "option" and self.select and held.get("value"):
            self._keep(held, self.select, held["value"], first=True)
        elif tag in ("input", "textarea", "button") and held.get("type", "") not in NOT_SENT:
            self._keep(held, held.get("name", ""), held.get("value", ""), first=held.get("type") == "radio")

    def _keep(self, held: Mapping[str, str], name: str, value: str, *, first: bool = False) -> None:
        if not name or name in NOT_TYPED:
            return
        if "form" in held:
            self.apart.append((held["form"], {name: value}))
        elif self.inside is not None and not (first and self.inside.fields.get(name)):
            self.inside.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = ""

    def forms(self) -> Iterator[Form]:
        """Yield the forms with all their fields."""
        for form_id, fields in self.apart:
            if form_id in self.named:
                self.named[form_id].fields |= fields
        yield from self.found


def harvest(clients: Mapping[str, Client], pages: Iterable[tuple[str, str]]) -> dict[str, Form]:
    """Return address name → one form posted there, the one with most fields, from whatever page offers it to whom.

    ``pages`` are (part, address).
    """
    found: dict[str, Form] = {}
    for part, address in pages:
        response = clients[part].get(address)
        if response.status_code == 200 and "text/html" in response.headers.get("Content-Type", ""):
            reader = Reader(address)
            reader.feed(response.content.decode())
            for form in reader.forms():
                _keep_longest(found, form, part)
    return found


def _keep_longest(found: dict[str, Form], form: Form, part: str) -> None:
    try:
        name = form.name
    except Resolver404:
        return
    form.by = part
    if name not in found or len(form.fields) > len(found[name].fields):
        found[name] = form
