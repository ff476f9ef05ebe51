"""No person, phone or number of the two notices stands anywhere in the project.

The notices lie beside the project and are read from there; without them there is nothing to compare with.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.support.tree import ROOT, project_files, relative

SEEDS = ROOT.parent / "shared" / "seeds"
HAN = r"[\u4e00-\u9fff]"
WHITE = r"[ \u3000]"
POST = "(?:镇|屏锦|梁平|第二)"
HEADING = rf"(?:(?:组{WHITE}*长|副组长|成{WHITE}*员)：)?"
# A name stands before a post, a phone number or "负责" (in charge of), or in a list after "成员有" (members are).
LISTED = re.compile(rf"^{HEADING}{WHITE}*({HAN}{WHITE}*{HAN}{HAN}?){WHITE}+{POST}", re.MULTILINE)
PHONED = re.compile(rf"局({HAN}{{2,3}})(\d{{7,11}})")
CHARGED = re.compile(rf"^({HAN}{{3}})(?:同志)?负责", re.MULTILINE)
MEMBERS = re.compile(rf"成员有((?:{HAN}{{2,3}}[、。])+)")

pytestmark = pytest.mark.skipif(not SEEDS.exists(), reason="the notices do not lie beside the project")


@cache
def notices() -> str:
    """Return both notices as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))


def names() -> set[str]:
    """Return the persons the notices name."""
    found = {re.sub(WHITE, "", name) for name in LISTED.findall(notices())}
    found |= {name for name, _ in PHONED.findall(notices())}
    found |= set(CHARGED.findall(notices()))
    for members in MEMBERS.findall(notices()):
        found |= set(re.findall(f"{HAN}+", members))
    return found


def traces(text: str) -> list[str]:
    """Return the names and phones of the notices that a text holds.

    A name of two characters counts only where it stands alone: inside a sentence it is often part of two words.
    """
    patterns = [name if len(name) > 2 else rf"(?<!{HAN}){name}(?!{HAN})" for name in names()]
    patterns += [rf"(?<!\d){phone}(?!\d)" for _, phone in PHONED.findall(notices())]
    return sorted(set(re.findall("|".join(patterns), text)))


def test_the_notices_are_understood() -> None:
    assert len(names()) >= 20
    assert len(PHONED.findall(notices())) == 2


def test_nothing_in_the_project_names_them() -> None:
    found = {}
    for path in project_files():
        held = traces(path.read_bytes().decode("utf-8", errors="ignore"))
        if held:
            found[str(relative(path))] = held
    assert found == {}


def test_a_trace_would_be_found() -> None:
    long = next(name for name in sorted(names()) if len(name) == 3)
    short = next(name for name in sorted(names()) if len(name) == 2)
    assert traces(f"联系人{long}，{short}") == sorted([long, short])
    assert traces(f"每{short}以") == []
