"""What runs on the other machine: one piece of work, by the same code, with errors that survive the way back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from yingbao.kernel.errors import BadInput, YingbaoError
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.files import Work
from yingbao.policy.totals import Totals

_ROOMS = ("kernel", "policy")  # what decides; the doors of two machines may differ


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as data: an exception made of messages cannot be pickled and made again."""

    kind: type[YingbaoError]
    what: Message
    fact: Message | None
    todo: Message | None


@cache
def hash_code() -> str:
    """Return the SHA-256 of the code that decides, as it is on this machine."""
    found = hashlib.sha256()
    for room in _ROOMS:
        for file in sorted(files("yingbao").joinpath(room).iterdir(), key=lambda file: file.name):
            if file.name.endswith((".py", ".yaml")):
                found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def do_there(work: Work, *, do: Callable[[Work], Totals], code: str) -> Totals | Failure:
    """Do ``work`` if the code here is ``code``, else two machines would answer differently in one result."""
    try:
        if hash_code() != code:
            raise BadInput(
                say(N_("集群上的应保程序与这台机器上的不是同一版本")),
                todo=say(N_("请在每台机器上安装同一版本后重试。")),
            )
        return do(work)
    except YingbaoError as error:
        return Failure(type(error), error.what, error.fact, error.todo)


def make_absolute(work: Work) -> Work:
    """Return ``work`` with paths that mean the same in another process."""
    return replace(work, source=work.source.absolute(), out=work.out and work.out.absolute())


def take_home(answer: Totals | Failure) -> Totals:
    """Return the totals, or raise here what was raised there."""
    if isinstance(answer, Failure):
        raise answer.kind(answer.what, fact=answer.fact, todo=answer.todo)
    return answer
