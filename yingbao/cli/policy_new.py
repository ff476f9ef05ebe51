"""``yingbao policy new`` and ``schema``: a new notice as a pack, written by an officer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from yingbao.cli.output import Language, failing_clearly
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import read_policy
from yingbao.policy.drafting.answers import make_content
from yingbao.policy.drafting.questionnaire import Question, ask_all
from yingbao.policy.drafting.readings import Unreadable
from yingbao.policy.drafting.template import write_pack
from yingbao.policy.lint import lint
from yingbao.policy.schema import FILE_NAME, write_text
from yingbao.policy.sources import read_source

Out = Annotated[Path | None, typer.Option("--out", help="写到哪个文件；不写则打印 / the file to write; else printed")]
NewName = Annotated[str | None, typer.Argument(metavar="[NAME]", help="政策包名称 / the pack's name")]
Into = Annotated[Path, typer.Option("--folder", help="写到哪个文件夹 / the folder to write into")]
Answers = Annotated[
    Path | None, typer.Option("--answers", help="答卷（.yaml），不逐题提问 / a file of answers, instead of questions")
]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件 / replace a file that is there")]


def new_pack(
    name: NewName = None,
    folder: Into = Path("."),
    answers: Answers = None,
    force: Force = False,
    lang: Language = None,
) -> None:
    """按提问或答卷写一个新的政策包 / write a new pack from questions or a file of answers."""
    with failing_clearly(lang):
        given = _read_answers(answers) if answers else _ask(name, folder, lang or "zh")
        content = make_content({**given, **({"name": name} if name else {})})
        path = folder / f"{content['pack']}.yaml"
        if Path(path.name).stem != content["pack"] or (path.exists() and not force):
            raise Refused(
                say(N_("“{path}”已经存在，或者不能作文件名"), path=path), todo=say(N_("换一个名称，或者加 --force"))
            )
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(write_pack(content, f"./{FILE_NAME}"), "utf-8")
        (folder / FILE_NAME).write_text(write_text(), "utf-8")
        _tell(path, lang or "zh")


def _ask(name: str | None, folder: Path, lang: str) -> dict[str, Any]:
    """Put the questions; broken off (Ctrl-C, Ctrl-D), save the answers so far and say how to go on."""
    answers: dict[str, Any] = {}
    try:
        return ask_all(_asker(folder, lang), name, answers)
    except typer.Abort:
        if not answers:
            raise
        stem = answers.get("name", "new")
        free = (folder / f"{stem}{number}.answers.yaml" for number in ("", *range(2, 1000)))
        path = next(one for one in free if not one.exists())
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(answers, allow_unicode=True, sort_keys=False), "utf-8")
        told = say(N_("已回答的保存在 {path}；补齐后用 yingbao policy new --answers {path} 写成政策包"), path=path)
        typer.echo(f"\n{told.render(lang)}")
        raise typer.Exit(1) from None


def write_schema(out: Out = None, lang: Language = None) -> None:
    """打印政策包格式的 JSON Schema，供编辑器提示和检查 / print the JSON Schema of a pack, for editors."""
    with failing_clearly(lang):
        if out is None:
            typer.echo(write_text(), nl=False)
            return
        out.write_text(write_text(), "utf-8")
        typer.echo(say(N_("已写入 {path}"), path=out).render(lang or "zh"))


def _read_answers(path: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput(
            say(N_("文件“{name}”不是 UTF-8 编码"), name=path.name),
            fact=say(N_("多半是 GBK（GB18030）编码，中文读不出来")),
            todo=say(N_("请用记事本打开，“另存为”时编码选 UTF-8。")),
        ) from error
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise BadInput(say(N_("答卷“{path}”读不了：{why}"), path=path, why=str(error))) from error
    if not isinstance(read, dict):
        raise BadInput(say(N_("答卷“{path}”是空的，或者不是“部分: 内容”的形式"), path=path))
    return read


def _asker(folder: Path, lang: str) -> Callable[[Question], Any]:
    """Return how a question is put in the terminal: again until the answer can be read; blank is "not said"."""

    def ask(question: Question) -> Any:
        while True:
            text = typer.prompt(question.text, default=question.default, show_default=bool(question.default)).strip()
            if not text and not question.needed:
                return None
            try:
                if text and question.key == "extends":
                    read_source(text, folder)  # that it is there
                if text:
                    return question.read(text)
                typer.echo(say(N_("这一项不能为空")).render(lang))
            except Unreadable as error:
                typer.echo(error.message.render(lang))
            except NotFound as error:
                typer.echo(error.render(lang))

    return ask


def _tell(path: Path, lang: str) -> None:
    """Say what was written and what is still missing."""
    findings = lint(read_policy(path.stem, path.parent).pack)
    counts = {severity: sum(f.severity == severity for f in findings) for severity in ("error", "warning", "info")}
    typer.echo(say(N_("已写入 {path}"), path=path).render(lang))
    typer.echo(say(N_("错误 {error}，警告 {warning}，提示 {info}"), **counts).render(lang))
    typer.echo(say(N_("下一步：yingbao policy lint {path}"), path=path).render(lang))
