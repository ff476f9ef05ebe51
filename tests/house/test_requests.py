"""A request's inputs name everything that makes it do something else (see `usecases/once.py`).

The same key with another reason, day or amount is a conflict: an answer given to another question would look like one
to this. So whatever a use case is told flows into the ``inputs`` or the name of its ``once``. That is read from the
code: through assignments, and through helpers that call ``once`` for others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.support.tree import PACKAGE, package_files, parse, relative

USE_CASES = PACKAGE / "usecases"
# ``once`` adds who asks; the key is what repeats; the moment of a second try is another one.
NEVER = frozenset({"actor", "key", "at"})
# "file function parameter": why it makes no other request.
ALLOWED: dict[str, str] = {
    "yingbao/usecases/change_household.py _once action": "goes with the use case's name",
    "yingbao/usecases/record_leaving.py _record action": "goes with the use case's name",
    "yingbao/usecases/receipt_forms.py _end_blanks state": "goes with the use case's name",
    "yingbao/usecases/files_in.py accept upload": "the bytes that were kept of the file, which is named",
    "yingbao/usecases/files_in.py keep_checked found": "what was read of the upload, which is named by its hash",
    "yingbao/usecases/take_word.py take_word policy_name": "a channel says one thing by one number, in any year",
}
Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True)
class Asker:
    """A function that asks once, itself or through another: its parameters in order, and which of them are named.

    ``acts`` are those that are functions: what they do goes with the use case's name.
    """

    parameters: tuple[str, ...]
    named: Names
    acts: Names = NONE

    def unnamed(self) -> list[str]:
        """Return what it is told and does not name."""
        return [name for name in self.parameters if name not in self.named | self.acts | NEVER]


ONCE = Asker(("actor", "key", "use_case", "inputs", "at", "effect"), frozenset({"inputs", "use_case"}))


def names(node: ast.AST) -> Names:
    """Return the names an expression reads."""
    return frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def outer(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function but for those of functions in it: what an effect does is no input."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def assignments(function: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield (target, value) of a function's assignments, one by one where several stand in one line."""
    for node in outer(function):
        if isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, ast.Assign):
            (target,), value = node.targets, node.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                yield from zip(target.elts, value.elts, strict=True)
            else:
                yield target, value


def made_of(function: ast.FunctionDef) -> dict[str, Names]:
    """Return local name → the names it was made of, by every assignment."""
    made: dict[str, Names] = {}
    for target, value in assignments(function):
        for name in names(target):
            made[name] = made.get(name, NONE) | names(value)
    return made


def reach(read: Names, made: Mapping[str, Names]) -> Names:
    """Return the names that ``read`` are made of, themselves too."""
    found = read
    while more := NONE.union(*(made.get(name, NONE) for name in found)) - found:
        found |= more
    return found


def called(node: ast.AST, askers: Mapping[str, Asker]) -> Asker | None:
    """Return whom a call asks through, e.g. ``once(…)``, ``_record(…)``, ``files_in.accept(…)``."""
    return askers.get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None


def asked_with(call: ast.Call, asker: Asker) -> Names:
    """Return the names by which a call tells one request from another."""
    given = {word.arg: word.value for word in call.keywords if word.arg}
    given |= dict(zip(asker.parameters, call.args, strict=False))
    return NONE.union(*(names(value) for name, value in given.items() if name in asker.named))


def as_asker(function: ast.FunctionDef, askers: Mapping[str, Asker]) -> Asker | None:
    """Return a function as one that asks; None where it does not."""
    calls = [
        (node, asker) for node in outer(function) if (asker := called(node, askers)) and isinstance(node, ast.Call)
    ]
    if not calls:
        return None
    read = NONE.union(*(asked_with(call, asker) for call, asker in calls))
    given = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    acts = (one.arg for one in given if one.annotation and "Callable" in ast.unparse(one.annotation))
    return Asker(tuple(one.arg for one in given), reach(read, made_of(function)), frozenset(acts))


def askers_of(tree: ast.Module, known: Mapping[str, Asker]) -> dict[str, Asker]:
    """Return the functions of a module that ask, by name, those that do it through others of the module too."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    found: dict[str, Asker] = {}
    while len(found) < len(
        more := {one.name: asker for one in functions if (asker := as_asker(one, {**known, **found}))}
    ):
        found = more
    return found


def findings() -> Iterator[str]:
    """Yield ``file function parameter`` for whatever a use case is told and its inputs do not name."""
    shared = askers_of(parse(USE_CASES / "files_in.py"), {"once": ONCE})
    known = {"once": ONCE} | {f"files_in.{name}": asker for name, asker in shared.items()}
    for path in package_files():
        if path.is_relative_to(USE_CASES):
            for name, asker in askers_of(parse(path), known).items():
                yield from (f"{relative(path)} {name} {parameter}" for parameter in asker.unnamed())


def test_whatever_a_use_case_is_told_is_named_in_its_inputs() -> None:
    found = sorted(findings())
    assert [place for place in found if place not in ALLOWED] == []
    assert [place for place in ALLOWED if place not in found] == []  # no longer


def _of(source: str) -> dict[str, list[str]]:
    found = askers_of(ast.parse(source), {"once": ONCE})
    return {name: asker.unnamed() for name, asker in found.items()}


def test_what_is_left_out_is_found() -> None:
    left_out = """
def lose(actor, *, form: int, reason: str, key, at):
    inputs = {"form": form}
    return once(actor, key=key, use_case="lose", inputs=inputs, at=at, effect=lambda: reason)
"""
    assert _of(left_out) == {"lose": ["reason"]}


def test_what_is_named_by_way_of_others_counts() -> None:
    by_way = """
def lose(actor, *, form: int, reason: str, key, at):
    return _end(actor, "lose", _read(form), reason, key, at)

def _end(actor, action: str, number: int, reason: str, key, at, effect: Callable[[], Json]):
    inputs = {"form": number}
    inputs |= {"reason": reason.strip()}
    return once(actor, key=key, use_case=f"{action}-form", inputs=inputs, at=at, effect=effect)
"""
    assert _of(by_way) == {"lose": [], "_end": []}
