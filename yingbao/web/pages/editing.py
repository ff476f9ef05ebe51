"""A resident's forms: facts, another certificate, death and moving out, coming back, the national platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import BadInput, Refused, YingbaoError
from yingbao.kernel.masking import mask_account, mask_phone
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.editing.entries import CONTACT, READERS
from yingbao.registry.kinds import Population, Relation, ResidentState, Sex
from yingbao.usecases.change_certificate import change_certificate
from yingbao.usecases.edit_resident import edit_resident, told_by_certificate
from yingbao.usecases.record_leaving import Leaving, record_death, record_moving_out, restore_resident
from yingbao.usecases.register_on_platform import register_on_platform
from yingbao.web import policies
from yingbao.web.clock import read_now
from yingbao.web.doors import changes, shows
from yingbao.web.forms import (
    as_written,
    evidence_choices,
    form_choices,
    read_form,
    read_optional_date,
    show_form,
    typed,
)
from yingbao.web.requests import WebRequest, read_date, read_key, read_number, read_numbers, read_text

RELATION = "relation_"
TOLD = (BadInput, Refused)  # beside the form; whoever came second or has no right gets a page of its own
MASKS: dict[str, Callable[[str], str]] = {"phone": mask_phone, "bank_account": mask_account}
KINDS_OF_DISABILITY = (
    N_("视力"),
    N_("听力"),
    N_("言语"),
    N_("肢体"),
    N_("智力"),
    N_("精神"),
    N_("多重"),
)


@shows(Right.EDIT_CONTACT)
def edit(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show what may be changed of a person, each with its own form."""
    return _page(request, resident_id)


@changes(Right.EDIT_CONTACT)
def save(request: WebRequest, resident_id: int) -> HttpResponse:
    """Change a person's facts; a village agent's form holds phone, residence and bank account."""
    key, version = read_key(request), read_number(request, "version")
    fields = READERS if request.actor.may(Right.EDIT_REGISTER) else CONTACT
    person = registry.resident(request.actor, resident_id)
    told = told_by_certificate(person.certificate_number)
    sent = {name: read_text(request, name) for name in fields if name not in told and _is_sent(request, name)}
    sent = {name: text for name, text in sent.items() if name not in MASKS or text != _masked(person, name)}
    try:
        answer = edit_resident(
            request.actor,
            resident_id=resident_id,
            version=version,
            sent=sent,
            policy_name=policies.current().name,
            key=key,
            at=read_now(),
            evidence=read_text(request, "evidence"),
            reason=read_text(request, "reason"),
        )
    except TOLD as error:
        return _page(request, resident_id, error=error, act="facts")
    messages.success(request, _("已保存。") if answer["fields"] else _("没有改动。"))
    return redirect("resident", resident_id=resident_id)


def _masked(person: Any, name: str) -> Any:
    """Return a field as the form shows it: phone and account masked, and left as they are when sent back so."""
    value = getattr(person, name)
    return MASKS[name](value) if value and name in MASKS else value


def _is_sent(request: WebRequest, name: str) -> bool:
    """A box that is not ticked is not sent; the form says with ``boxes`` that it was there."""
    return name in request.POST or (name == "graduating" and "boxes" in request.POST)


@changes(Right.EDIT_REGISTER)
def renew(request: WebRequest, resident_id: int) -> HttpResponse:
    """Give a person another certificate."""
    key, version = read_key(request), read_number(request, "version")
    try:
        answer = change_certificate(
            request.actor,
            resident_id=resident_id,
            version=version,
            number=read_text(request, "number"),
            form=read_form(request),
            birth_on=read_optional_date(request, "birth_on"),
            sex=read_text(request, "sex"),
            reason=read_text(request, "reason"),
            key=key,
            at=read_now(),
        )
    except TOLD as error:
        return _page(request, resident_id, error=error, act="certificate")
    told = _("已更换证件；原号码仍可查到本人。") if answer["changed"] else _("没有改动。")
    messages.success(request, told)
    return redirect("resident", resident_id=resident_id)


@changes(Right.EDIT_REGISTER)
def leave(request: WebRequest, resident_id: int) -> HttpResponse:
    """Record a death, or that a person moved out."""
    key, version = read_key(request), read_number(request, "version")
    record = record_moving_out if request.POST.get("act") == "left" else record_death
    year = policies.current().year
    try:
        leaving = Leaving(
            resident_id, version, read_date(request, "on"), read_text(request, "reason"), read_relations(request)
        )
        answer = record(request.actor, leaving, year=year, key=key, at=read_now())
    except TOLD as error:
        return _page(request, resident_id, error=error, act="leaving")
    told = _("已登记；未结束的特殊身份已于次日终止。") if answer["identities"] else _("已登记。")
    messages.success(request, told)
    if enrolment.standing_of([resident_id], year=year):
        messages.warning(request, _("此人本年度已登记参保；应退款的已列入待办事项。"))
    return redirect("resident", resident_id=resident_id)


@changes(Right.EDIT_REGISTER)
def restore(request: WebRequest, resident_id: int) -> HttpResponse:
    """Undo a leaving that was recorded wrongly."""
    key, version = read_key(request), read_number(request, "version")
    try:
        answer = restore_resident(
            request.actor,
            resident_id=resident_id,
            version=version,
            relation=read_text(request, "relation"),
            reason=read_text(request, "reason"),
            year=policies.current().year,
            key=key,
            at=read_now(),
        )
    except TOLD as error:
        return _page(request, resident_id, error=error, act="restore")
    told = _("已恢复在册；因此终止的特殊身份已恢复。") if answer["identities"] else _("已恢复在册。")
    messages.success(request, told)
    return redirect("resident", resident_id=resident_id)


@changes(Right.EDIT_REGISTER)
def register_platform(request: WebRequest) -> HttpResponse:
    """Note that people have been registered on the national platform, and go back to whence it was asked."""
    key, ids = read_key(request), read_numbers(request, "resident")
    if not ids:
        raise BadInput(say(N_("没有选择任何人。")))
    answer = register_on_platform(request.actor, resident_ids=ids, key=key, at=read_now())
    messages.success(request, _("已登记国家平台{n}人，可以缴费。").format(n=len(answer["registered"])))
    if "household" in request.POST:
        return redirect("household", household_id=read_number(request, "household"))
    return redirect("resident", resident_id=ids[0])


def read_relations(request: WebRequest) -> dict[int, str]:
    """Return resident id → relation of a form's members."""
    sent = [name for name in request.POST if name.startswith(RELATION) and name.removeprefix(RELATION).isdigit()]
    return {int(name.removeprefix(RELATION)): read_text(request, name) for name in sent}


def _page(request: WebRequest, resident_id: int, *, error: YingbaoError | None = None, act: str = "") -> HttpResponse:
    person = registry.resident(request.actor, resident_id)
    others = [one for one in _members(request, person) if one.pk != person.pk]
    fields = {name: _masked(person, name) for name in READERS}
    context: dict[str, Any] = {
        "person": person,
        "act": act,
        "values": typed(request, fields) if act == "facts" else as_written(fields),
        "typed": request.POST,
        "told": told_by_certificate(person.certificate_number),
        "is_here": person.state == ResidentState.PRESENT,
        "is_merged": person.state == ResidentState.MERGED,
        "others": others if person.relation == Relation.HEAD else [],
        "relations": Relation.choices,
        "sexes": Sex.choices,
        "populations": Population.choices,
        "evidences": evidence_choices(),
        "forms": form_choices(),
        "disabilities": [(n, policies.speak(say(text))) for n, text in enumerate(KINDS_OF_DISABILITY, 1)],
    }
    return show_form(request, "web/edit_resident.html", context, error)


def _members(request: WebRequest, person: Any) -> list[Any]:
    home = registry.household(request.actor, person.household_id)
    return [one for one in home.members.all() if one.state == ResidentState.PRESENT]
