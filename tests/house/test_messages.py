"""Every sentence a person reads is marked, constant, and there in English."""

from __future__ import annotations

import ast
import re

from tests.support.tree import PACKAGE, package_files, parse, project_files, relative
from tools.messages import (
    PLURAL,
    SINGULAR,
    entry_problems,
    function_name,
    join_parts,
    marked_texts,
    placeholders,
    texts_of_code,
    texts_of_template,
    translated_texts,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TEMPLATE_TRANSLATION = re.compile(r"{%\s*blocktrans.*?endblocktrans(?:late)?\s*%}", re.DOTALL)
TEMPLATE_TAG = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
# What is declared Chinese for every reader, such as the language's own name on the switch.
TEMPLATE_CHINESE = re.compile(r"<(\w+)[^<>]*\blang=\"zh[^<>]*>.*?</\1>", re.DOTALL)
TEMPLATE_COMMENT = re.compile(r"{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)

# Chinese that is data, not a sentence to a reader: the file, and why.
UNMARKED_CHINESE: dict[str, str] = {}


def test_every_part_of_the_catalogue_is_filled_and_its_placeholders_agree() -> None:
    _, problems = join_parts()
    assert problems == []


def test_every_marked_text_is_there_in_english() -> None:
    catalogue, _ = join_parts()
    marked, translated = marked_texts(), translated_texts(catalogue)
    assert {text: place for text, place in marked.items() if text not in translated} == {}


def test_the_catalogue_holds_nothing_that_is_used_nowhere() -> None:
    catalogue, _ = join_parts()
    assert sorted(translated_texts(catalogue) - marked_texts().keys()) == []


def test_no_marked_text_is_put_together_from_parts() -> None:
    built = [
        f"{relative(path)}:{node.lineno}"
        for path in package_files()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and function_name(node) in SINGULAR | PLURAL and node.args
        if isinstance(node.args[0], ast.JoinedStr | ast.BinOp) or ".format(" in ast.unparse(node.args[0])
    ]
    assert built == []


def test_templates_hold_no_chinese_outside_translation() -> None:
    found = []
    for path in [path for path in project_files() if path.suffix == ".html"]:
        template = TEMPLATE_COMMENT.sub("", path.read_text(encoding="utf-8"))
        translated = TEMPLATE_TRANSLATION.sub("", TEMPLATE_CHINESE.sub("", template))
        bare = TEMPLATE_TAG.sub("", translated)
        found += [f"{relative(path)}: {line.strip()}" for line in bare.splitlines() if CHINESE.search(line)]
    assert found == []


def chinese_outside_calls(tree: ast.Module) -> list[int]:
    """Return the lines of Chinese string constants that are neither docstrings nor inside a marking call."""
    excused = {id(part) for node in ast.walk(tree) if is_excused(node) for part in ast.walk(node)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in excused]
    return [node.lineno for node in constants if isinstance(node.value, str) and CHINESE.search(node.value)]


def is_excused(node: ast.AST) -> bool:
    """Tell whether Chinese in a node is a docstring's or already marked."""
    if isinstance(node, ast.Call):
        return function_name(node) in SINGULAR | PLURAL
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_the_web_door_says_nothing_unmarked() -> None:
    found = [
        f"{relative(path)}:{line}"
        for path in package_files()
        if path.is_relative_to(PACKAGE / "web") and str(relative(path)) not in UNMARKED_CHINESE
        for line in chinese_outside_calls(parse(path))
    ]
    assert found == []


def test_placeholders_of_both_kinds_are_seen() -> None:
    assert placeholders("{a} %(b)s {c.d} {{e}}") == {"a", "b", "c"}


def test_a_lost_placeholder_and_an_empty_translation_are_problems() -> None:
    assert entry_problems(("{n} 人",), ("{n} people",)) == []
    assert len(entry_problems(("{n} 人",), ("people",))) == 1
    assert len(entry_problems(("人",), ("",))) == 1


def test_texts_are_found_in_code_and_templates() -> None:
    code = "say(N_('甲'), n=1)\nlabel = _('乙' '丙')\nprint('丁')\nngettext('戊', '己', 2)"
    assert sorted(texts_of_code(code)) == ["乙丙", "戊", "甲"]
    template = (
        "{% load i18n %}{% translate '甲' %}{% trans \"乙\" as x %}{{ _('丙') }}"
        "{% blocktranslate trimmed with n=a %}\n 丁 {{ n }}\n 人{% endblocktranslate %}"
    )
    assert list(texts_of_template(template)) == ["甲", "乙", "丙", "丁 %(n)s 人"]
