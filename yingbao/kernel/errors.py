"""The one base error: a stable code, what happened, which fact says so, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from yingbao.kernel.messages import SOURCE_LANGUAGE, Message

ENDS = tuple("。！？；：.!?;:")  # a part that ends so needs no full stop before the next one


class YingbaoError(Exception):
    """Something the user must hear about. ``code`` is stable; sentences are Messages without residents' data."""

    code = "error"

    def __init__(self, what: Message, *, fact: Message | None = None, todo: Message | None = None) -> None:
        self.what, self.fact, self.todo = what, fact, todo
        super().__init__(self.render("zh"))

    def render(self, language: str) -> str:
        """Return the whole sentence in ``language``: what happened, the fact, what to do."""
        parts = [part.render(language) for part in (self.what, self.fact, self.todo) if part]
        stop, gap = ("。", "") if language.startswith(SOURCE_LANGUAGE) else (".", " ")
        earlier = (part if part.endswith(ENDS) else part + stop for part in parts[:-1])
        return gap.join([*earlier, parts[-1]])


class Refused(YingbaoError):
    """A rule of the business says no (HTTP 409 at the web door)."""

    code = "refused"


class NotFound(YingbaoError):
    """Not there, or outside the actor's scope, which must look the same (404)."""

    code = "not-found"


class Forbidden(YingbaoError):
    """The actor's role has no such right (403)."""

    code = "forbidden"


class BadInput(YingbaoError):
    """The request or file as a whole cannot be read (400)."""

    code = "bad-input"


class Conflict(YingbaoError):
    """The same request id came with other input (409)."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell of a file: data, not an exception. ``row`` counts from 1 as the sheet shows."""

    row: int
    column: str
    value: str
    reason: Message
    fatal: bool = True  # False: a warning, the row can still come in
