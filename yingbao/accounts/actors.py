"""Who is acting: what they may do and where. Doors build an actor once; every query and use case takes it."""

from __future__ import annotations

from dataclasses import dataclass

from yingbao.accounts.roles import RIGHTS, Right
from yingbao.divisions.codes import NOWHERE, Scope
from yingbao.kernel.errors import Forbidden, NotFound
from yingbao.kernel.messages import N_, say


@dataclass(frozen=True, slots=True)
class Actor:
    """A user as the rules see one. ``department`` is empty but for department officers."""

    user_id: int
    name: str
    role: str
    scope: Scope
    division_code: int | None = None
    department: str = ""

    def may(self, right: Right) -> bool:
        """Return whether the role has the right; where is for ``sees``."""
        return right in RIGHTS[self.role]

    def must(self, right: Right) -> None:
        """Raise Forbidden (403) unless the role has the right."""
        if not self.may(right):
            raise Forbidden(
                say(N_("您的角色不能进行这项操作（{right}）。"), right=right.value),
                todo=say(N_("请由有此权限的人员办理，或联系系统管理员。")),
            )

    def must_reach(self, division_code: int) -> None:
        """Raise NotFound (404) for a division outside the actor's scope: it must look as if it were not there."""
        if division_code not in self.scope:
            raise NotFound(say(N_("没有找到，或不在您的管理范围内。")))


def nobody() -> Actor:
    """Return an actor who may do and see nothing."""
    return Actor(user_id=0, name="", role="administrator", scope=NOWHERE)
