"""Other names for identities: the vocabulary first, then the bureau's table, and never a guess."""

from __future__ import annotations

import pytest

from tests.imports.cast import NOW, POLICY, Cast, bring_in, check_list, entry, family, new_key, number, told
from tests.imports.lists import check_full, listed
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.registry.models import IdentityAlias
from yingbao.storage.fields import Json
from yingbao.usecases.aliases import add_alias, remove_alias

FATHER = number("19800501", 1)


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with the family of three in the register."""
    bring_in(cast.town_clerk, family())
    return cast


def add(actor: Actor, name: str, code: str = "dibao", source: str = "other", key: str = "") -> Json:
    return add_alias(actor, name=name, code=code, source=source, policy_name=POLICY, key=key or new_key(), at=NOW)


def test_an_unknown_name_is_an_error_until_the_bureau_says_what_it_means(town: Cast) -> None:
    row = entry("柏大树", FATHER, "最低生活保障户")
    assert [column for _, column, _ in told(check_list(town.civil_affairs, [row])["file_id"])] == ["人员类别"]
    add(town.bureau, "最低生活 保障户")  # compared half width and without blanks
    assert check_list(town.civil_affairs, [row])["added"] == 1
    assert check_full(town.civil_affairs, [listed("柏大树", FATHER, "最低生活保障户")])["added"] == 1
    assert AuditEntry.objects.get(action="add-alias").detail == {"code": "dibao", "source": "other"}


def test_removed_it_is_unknown_again(town: Cast) -> None:
    alias = add(town.bureau, "最低生活保障户")["alias"]
    remove_alias(town.bureau, alias_id=alias, key=new_key(), at=NOW)
    assert check_list(town.civil_affairs, [entry("柏大树", FATHER, "最低生活保障户")])["good_rows"] == 0
    with pytest.raises(NotFound):
        remove_alias(town.bureau, alias_id=alias, key=new_key(), at=NOW)


@pytest.mark.parametrize("code", ["extreme_poverty", "dibao"])
def test_a_name_the_vocabulary_knows_is_refused(town: Cast, code: str) -> None:
    with pytest.raises(Refused, match="城乡低保对象"):
        add(town.bureau, "城乡低保对象", code)


def test_a_name_stands_for_one_identity(town: Cast) -> None:
    add(town.bureau, "最低生活保障户")
    with pytest.raises(Refused, match="已经是“城乡低保对象”的别名"):
        add(town.bureau, "最低生活保障户", "extreme_poverty")
    assert IdentityAlias.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "code", "source"), [("", "dibao", "tax"), ("某", "rich", "tax"), ("某", "dibao", "x")]
)
def test_nonsense_is_told(town: Cast, name: str, code: str, source: str) -> None:
    with pytest.raises(BadInput):
        add(town.bureau, name, code, source)


@pytest.mark.parametrize("part", ["civil_affairs", "town_clerk", "village_agent"])
def test_only_the_bureau_changes_the_table(town: Cast, part: str) -> None:
    with pytest.raises(Forbidden):
        add(getattr(town, part), "某")


def test_the_same_request_twice_adds_once(town: Cast) -> None:
    assert add(town.bureau, "某户", key="once") == add(town.bureau, "某户", key="once")
