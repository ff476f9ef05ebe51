"""``yingbao policy lint``: what an officer should know about a pack before using it, and whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from yingbao.cli.output import Language, console, failing_clearly
from yingbao.cli.packs import Folder, check_folder, open_policy
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy import list_packs
from yingbao.policy.lint import Finding, lint
from yingbao.policy.linting.letter import write_letter

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
_SEVERITIES = {"error": N_("错误"), "warning": N_("警告"), "info": N_("提示")}
Packs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PACK]...", help="政策包名称或 .yaml 文件；不写则检查全部 / names or files; all if none"),
]
Questions = Annotated[
    bool, typer.Option("--questions", help="只打印给主管部门的请示 / print only the letter to the authority")
]


def lint_packs(packs: Packs = None, folder: Folder = None, questions: Questions = False, lang: Language = None) -> None:
    """检查政策包：空白、矛盾和需要确认的理解 / find gaps, contradictions and readings. Exit code 1 on errors."""
    wrong = False
    with failing_clearly(lang):
        if folder is not None:
            check_folder(folder)
        names = packs or list_packs(folder)
        if not names:
            raise NotFound(say(N_("文件夹“{name}”里没有政策包（.yaml 文件）"), name=folder))
        for name in names:
            wrong |= _lint_one(name, folder, lang or "zh", questions=questions, many=len(packs or ()) != 1)
    if wrong:
        raise typer.Exit(1)


def _lint_one(name: str, folder: Folder, lang: str, *, questions: bool, many: bool) -> bool:
    """Print what is found in one pack; return whether there are errors."""
    pack = open_policy(name, folder).pack
    findings = lint(pack)
    if many:
        console().print(f"[bold]{escape(pack.name)}[/]", highlight=False)
    if questions:
        typer.echo(write_letter(pack, findings, lang))
    else:
        _print_findings(findings, lang)
    return any(finding.severity == "error" for finding in findings)


def _print_findings(findings: Sequence[Finding], lang: str) -> None:
    for finding in findings:
        _print_finding(finding, lang)
    counts = {severity: sum(f.severity == severity for f in findings) for severity in _COLOURS}
    summary = say(N_("错误 {error}，警告 {warning}，提示 {info}"), **counts)
    console().print(summary.render(lang), highlight=False)


def _print_finding(finding: Finding, lang: str) -> None:
    """Print a finding as a paragraph: a table of five columns leaves no room for sentences in 80 columns."""
    level = say(_SEVERITIES[finding.severity]).render(lang)
    head = f"[{_COLOURS[finding.severity]}]{level}[/]  [bold]{finding.code}[/]  {escape(finding.place)}"
    console().print(head, highlight=False)
    _print_line(finding.message.render(lang), "")
    _print_line(finding.advice.render(lang), "dim")
    if finding.ask is not None:
        _print_line(say(N_("待请示：{question}"), question=finding.ask).render(lang), "yellow")


def _print_line(text: str, style: str) -> None:
    console().print(Padding(escape(text), (0, 0, 0, 4), style=style), highlight=False)
