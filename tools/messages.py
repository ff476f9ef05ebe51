"""The English catalogue: find the Chinese texts that code and templates mark, join and compile the translations.

Each room keeps its translations in ``yingbao/locale/en/parts/ROOM.po`` (plain entries, no header). Together they
become ``LC_MESSAGES/django.mo``, which both Django and the rooms without Django read. Run by ``dev.py``.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "yingbao"
PARTS = PACKAGE / "locale" / "en" / "parts"
COMPILED = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.mo"
SINGULAR = {"N_", "_", "say", "Message", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
TEMPLATE_CALL = re.compile(rf"\b(?P<name>gettext|ngettext|_)\({LITERAL}(?:, {LITERAL})?")
PERCENT_NAME = re.compile(r"%\((\w+)\)s")


def main() -> int:
    """Compile; with ``--report`` also list what has no translation and what nothing uses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true")
    catalogue, problems = join_parts()
    compile_catalogue(catalogue)
    if parser.parse_args().report:
        marked, translated = marked_texts(), translated_texts(catalogue)
        problems += [f"no English: {text!r} ({marked[text]})" for text in sorted(marked.keys() - translated)]
        problems += [f"used nowhere: {text!r}" for text in sorted(translated - marked.keys())]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def join_parts() -> tuple[Catalog, list[str]]:
    """Return one catalogue of all parts, and what is wrong with them."""
    whole, problems = Catalog(locale="en", charset="utf-8", fuzzy=False), []
    for path in sorted(PARTS.glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale="en", charset="utf-8", abort_invalid=True)
        for message in part:
            if not message.id:
                continue
            held = whole.get(message.id)
            if held and held.string != message.string:
                problems.append(f"{path.name}: {message.id!r} is {held.string!r} elsewhere, {message.string!r} here")
            problems += [f"{path.name}: {text}" for text in entry_problems(forms(message.id), forms(message.string))]
            whole.add(message.id, message.string)
    return whole, problems


def entry_problems(sources: tuple[str, ...], targets: tuple[str, ...]) -> list[str]:
    """Return what is wrong with one entry: unfilled, or with other placeholders than its source."""
    if not targets or not all(targets):
        return [f"{sources[0]!r} has no English"]
    names = placeholders(sources[-1])
    return [f"{sources[0]!r} and {text!r} have other placeholders" for text in targets if placeholders(text) != names]


def placeholders(text: str) -> set[str]:
    """Return the names a text leaves to be filled, as ``{name}`` or ``%(name)s``."""
    try:
        braces = {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:  # a lone brace: the text is no format
        braces = set()
    return braces | set(PERCENT_NAME.findall(text))


def compile_catalogue(catalogue: Catalog) -> None:
    """Write the compiled catalogue; a reader sees the old one or the new one, never half."""
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    half = COMPILED.with_suffix(".part")
    with half.open("wb") as file:
        write_mo(file, catalogue)
    half.replace(COMPILED)


def translated_texts(catalogue: Catalog) -> set[str]:
    """Return every source text of the catalogue; of a plural the first form."""
    return {forms(message.id)[0] for message in catalogue if message.id}


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return a text, or all forms of a plural, as a tuple."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def marked_texts() -> dict[str, str]:
    """Return every text that code or templates mark for translation, with a file that does so."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in READERS and "migrations" not in path.parts:
            texts = READERS[path.suffix](path.read_text(encoding="utf-8"))
            found |= dict.fromkeys(texts, str(path.relative_to(ROOT)))
    return found


def texts_of_code(code: str) -> Iterator[str]:
    """Yield the constant first arguments of the marking functions in Python code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and node.args and function_name(node) in SINGULAR | PLURAL:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
                yield argument.value


def function_name(call: ast.Call) -> str:
    """Return the last part of the name a call uses, e.g. ``N_`` of ``messages.N_(…)``."""
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def texts_of_template(template: str) -> Iterator[str]:
    """Yield the texts that a Django template translates."""
    for match in TEMPLATE_CALL.finditer(templatize(template)):
        yield ast.literal_eval(match[2])


READERS = {".py": texts_of_code, ".html": texts_of_template, ".txt": texts_of_template}

if __name__ == "__main__":
    sys.exit(main())
