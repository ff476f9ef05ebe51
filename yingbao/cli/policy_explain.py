"""``yingbao explain``: one person's decision and everything that led to it, as a tree, as JSON or as a letter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

from yingbao.cli.output import Language, console, failing_clearly, read_day
from yingbao.cli.packs import open_policy
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.asking import COLUMNS, answer_facts, find_row
from yingbao.policy.explaining import Node, as_plain
from yingbao.policy.files import refuse_overwriting
from yingbao.usecases.letters import Occasion, write_letter

_LOOKS = {"won": "bold green", "problem": "red", "silent": "yellow", "used": "default"}
_SIGNS = {"won": "✓", "used": "·", "lost": "✗", "tried": "✗", "not_applicable": "–", "problem": "!", "silent": "?"}


def explain(
    policy: Annotated[str, typer.Option("--policy", help="政策包 / policy pack")],
    people: Annotated[Path | None, typer.Option("--people", help="人员文件，与 --id 同用 / a file of people")] = None,
    person_id: Annotated[str | None, typer.Option("--id", help="文件中的 person_id / the person in the file")] = None,
    birth: Annotated[str, typer.Option("--birth", help="出生日期 / date of birth, 1980-05-05")] = "",
    population: Annotated[str, typer.Option("--population", help="人群 / population")] = "resident",
    tier: Annotated[str, typer.Option("--tier", help="档次 / tier")] = "1",
    identities: Annotated[str, typer.Option("--identities", help="身份，以 ; 分隔 / identities joined by ;")] = "",
    paid_on: Annotated[str, typer.Option("--paid-on", help="缴清日期，未缴留空 / day cleared")] = "",
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", help="其他事实，列名=值，可重复 / a further fact, e.g. missed_years=2; may be repeated"),
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", parser=read_day, help="未缴的按哪天测算 / day, if not paid")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON, in both languages")] = False,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="另存为 PDF / write it as a PDF here")] = None,
    lang: Language = None,
) -> None:
    """解释一个人的测算结果：事实、规则、结果和依据 / explain one person's decision down to the clause."""
    typed = {"birth_date": birth, "population": population, "tier": tier, "identities": identities, "paid_on": paid_on}
    with failing_clearly(lang):
        chosen = open_policy(policy)
        if people is not None and pdf is not None:
            refuse_overwriting([people], pdf)
        facts = _choose_facts(typed | _read_facts(fact or ()), people, person_id)
        answered = answer_facts(chosen, facts, as_of.date() if as_of else None)
        if as_json:
            typer.echo(json.dumps(as_plain(answered.tree), ensure_ascii=False, indent=1))
        else:
            console().print(draw_tree(answered.tree, lang or "zh"))
        if pdf is not None:
            occasion = Occasion(issued_on=date.today(), language=lang or "zh")
            pdf.write_bytes(write_letter(chosen, answered.tree, occasion))


def _read_facts(given: Sequence[str]) -> dict[str, str]:
    """Return further facts by name. Raises BadInput for a name no file of people has."""
    facts = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name not in COLUMNS:
            raise BadInput(
                say(N_("没有这样的事实：“{fact}”"), fact=one),
                todo=say(N_("请写作 列名=值；列名有：{names}"), names=" ".join(COLUMNS)),
            )
        facts[name] = value
    return facts


def _choose_facts(typed: Mapping[str, str], people: Path | None, person_id: str | None) -> Mapping[str, str]:
    """Return the facts of the row named, or those typed."""
    if (people is None) != (person_id is None):
        raise BadInput(say(N_("--people 和 --id 要一起用")))
    return typed if people is None or person_id is None else find_row(people, person_id)


def draw_tree(tree: Node, lang: str) -> Tree:
    """Return a tree as the terminal shows it."""
    drawn = Tree(_line(tree, lang), guide_style="dim")
    _add(drawn, tree, lang)
    return drawn


def _add(drawn: Tree, node: Node, lang: str) -> None:
    for child in node.children:
        _add(drawn.add(_line(child, lang)), child, lang)


def _line(node: Node, lang: str) -> str:
    label, detail = escape(node.label.render(lang)), escape(node.detail.render(lang))
    amount = "" if node.amount_fen is None else f"  [bold]{format_yuan(node.amount_fen)}[/]"
    rules = "".join(f" [cyan]{escape(rule.id)}[/]" for rule in node.rules)
    look = _LOOKS.get(node.state, "dim")
    colon = "：" if lang.startswith("zh") else ": "
    return f"[{look}]{_SIGNS[node.state]} {label}[/]{colon}{detail}{amount}{rules}"
