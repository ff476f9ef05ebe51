"""Packs and files of an officer's own: one that is not where it was said, or not in UTF-8, is told so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.policy.oracle import Row
from tests.policy.rows import write_rows
from tests.policy.test_new import HEAD, write_answers
from tests.policy.test_output_places import refused, yingbao
from yingbao.policy import list_packs
from yingbao.policy.drafting.readings import Unreadable, read_identity
from yingbao.policy.linting.advice import ADVICE
from yingbao.policy.sources import PACKS_DIR


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack of one's own, a file of answers, and a file of one person."""
    monkeypatch.chdir(tmp_path)
    folder = Path("mine")
    folder.mkdir()
    text = (PACKS_DIR / "banan-2022.yaml").read_text("utf-8").replace("pack: banan-2022", "pack: own-2022")
    (folder / "own-2022.yaml").write_text(text, "utf-8")
    write_answers(folder, HEAD)
    write_rows(Path("people.csv"), [Row("1980-01-01")])
    return folder


@pytest.mark.parametrize(
    ("pack", "sentence"),
    [
        ("mypack/qingshi-2026.yaml", "没有文件夹“mypack”"),
        ("mine/qingshi-2026.yaml", "没有找到文件“mine/qingshi-2026.yaml”"),
        ("mine/own-2022", "请写明后缀：“mine/own-2022.yaml”"),
        ("mine/qingshi", "没有找到文件“mine/qingshi.yaml”"),
        ("mine", "“mine”是文件夹，不是政策包文件"),
        ("people.csv/a.yaml", "“people.csv”是文件，不是文件夹"),
    ],
)
def test_a_pack_that_is_not_there_is_not_called_unknown(pack: str, sentence: str, mine: Path) -> None:
    refused(yingbao("assess", "--policy", pack, "people.csv", "--out", "out.csv"), sentence)
    refused(yingbao("policy", "lint", pack), sentence)


def test_a_folder_to_lint_that_is_not_there_or_has_no_packs(mine: Path) -> None:
    refused(yingbao("policy", "lint", "--folder", "nodir"), "没有文件夹“nodir”")
    Path("empty").mkdir()
    refused(yingbao("policy", "lint", "--folder", "empty"), "里没有政策包")


def test_only_packs_are_listed_as_packs(mine: Path) -> None:
    assert list_packs(mine) == ["own-2022"]
    assert "answers" not in yingbao("policy", "show", "nowhere", "--folder", mine).output
    (mine / "broken.yaml").write_text("format: 1\npack: broken\nyear: [", "utf-8")
    assert list_packs(mine) == ["broken", "own-2022"]


@pytest.mark.parametrize("words", [("mine/own-2022.yaml",), ("own-2022", "--folder", "mine")], ids=["path", "folder"])
def test_a_suggested_command_works_as_it_is_printed(words: tuple[str, ...], mine: Path) -> None:
    pack, *options = words
    result = yingbao("policy", "explain", pack, "PJ-1", *options)
    refused(result, "用 yingbao policy show mine/own-2022.yaml 查看全部规则")
    assert yingbao("policy", "show", "mine/own-2022.yaml").exit_code == 0


def test_an_inherited_entry_that_is_not_there_names_the_base_by_its_path(mine: Path) -> None:
    text = "format: 1\npack: town\nextends: own-2022\nyear: 2022\ndivision: '500113000000'\ntitle: {zh: 某镇, en: ''}\n"
    text += "assessable: true\ndocuments: []\nrules: []\n"
    (mine / "town.yaml").write_text(f"{text}drop: [windows.nothing]\n", "utf-8")
    refused(yingbao("policy", "show", "mine/town.yaml"), "用 yingbao policy show mine/own-2022.yaml --origins")


def test_an_unknown_identity_in_the_answers_suggests_a_command_that_works() -> None:
    with pytest.raises(Unreadable) as found:
        read_identity("nobody")
    for sentence in (found.value.message.render("zh"), ADVICE["unknown-identity"]):
        (words,) = re.findall(r"yingbao ([a-z0-9 -]+)", sentence)
        assert "dibao" in yingbao(*words.split()).output


@pytest.mark.parametrize("where", ["header", "first row", "late row"])
def test_a_csv_from_excel_in_gb18030_says_how_to_save_it(where: str, mine: Path) -> None:
    lines = Path("people.csv").read_text("utf-8").splitlines()
    if where == "header":
        lines = [f"{lines[0]},备注", *(f"{line}," for line in lines[1:])]
    else:
        rows = [lines[1]] * (1 if where == "first row" else 200_000)
        lines = [lines[0], *rows[:-1], lines[1].replace("P0", "张", 1)]
    Path("people.csv").write_bytes("\n".join([*lines, ""]).encode("gb18030"))
    result = yingbao("assess", "--policy", "liangping-2023", "people.csv", "--out", "out.csv")
    refused(result, "不是 UTF-8 编码", "另存为", "CSV UTF-8")
    assert "codec" not in result.output
    assert not Path("out.csv").exists()


def test_a_pack_or_answers_in_gb18030_say_how_to_save_them(mine: Path) -> None:
    for path in (mine / "own-2022.yaml", mine / "answers.yaml"):
        path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    refused(yingbao("policy", "show", "mine/own-2022.yaml"), "own-2022", "不是 UTF-8 编码", "另存为")
    refused(yingbao("policy", "new", "--answers", "mine/answers.yaml"), "“answers.yaml”不是 UTF-8 编码", "另存为")
