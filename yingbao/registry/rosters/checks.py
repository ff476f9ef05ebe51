"""What a roster's row says against what the register knows of the person: doubts, told row by row, none fatal."""

from __future__ import annotations

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import full_years
from yingbao.registry.kinds import Population
from yingbao.registry.places import tidy
from yingbao.registry.recognising.matching import Held
from yingbao.registry.rosters.rows import Change, Line, Terms

GRADES = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4}
GRADES_OF = {"disabled_1_2": (1, 2), "disabled_3_4": (3, 4)}
CHILDREN = frozenset({"orphan", "de_facto_orphan"})
GROWN_UP, OLD_SOLDIER, VERY_OLD = 18, 60, 100


def check_line(line: Line, held: Held, terms: Terms) -> None:
    """Warn of what does not go together; ages are those on the month's first day.

    An addition only: who leaves a list may well do so because of what is checked here.
    """
    if line.change != Change.ADDED:
        return
    _check_grade(line, terms)
    if doubt := _doubt_of(line.code, held, full_years(held.birth_on, terms.month)):
        line.cells.warn("identity", doubt)
    if full_years(held.birth_on, terms.month) > VERY_OLD:
        line.cells.warn("cert_number", say(N_("年龄超过 {age} 岁，请核实是否健在"), age=VERY_OLD))
    if not terms.is_full:
        _check_age(line, held, terms)


def grade_of(line: Line, terms: Terms) -> int | None:
    """Return the grade of disability a row tells: its certificate's last digit, else the annex's column."""
    if line.disability:
        return line.disability.grade
    return None if terms.is_full else GRADES.get(_grade_word(line))


def _grade_word(line: Line) -> str:
    return tidy(line.cells.word("disability_grade")).removesuffix("级").upper()


def _check_grade(line: Line, terms: Terms) -> None:
    word = "" if terms.is_full else _grade_word(line)
    column = "identity" if terms.is_full else "disability_grade"
    written = GRADES.get(word)
    if word and written is None:
        line.cells.warn(column, say(N_("看不出是哪一级")))
    if line.disability and written and line.disability.grade != written:
        line.cells.warn(column, say(N_("与残疾人证号末位的等级不符")))
    grade = grade_of(line, terms)
    if grade and line.code in GRADES_OF and grade not in GRADES_OF[line.code]:
        line.cells.warn(column, say(N_("残疾等级与人员类别不符")))


def _doubt_of(code: str, held: Held, age: int) -> Message | None:
    if code in CHILDREN and age >= GROWN_UP:
        return say(N_("此人已满 {age} 周岁，请核实是否仍属于这类人员"), age=GROWN_UP)
    if code == "rural_veteran_60" and age < OLD_SOLDIER:
        return say(N_("此人不满 {age} 周岁，请核实是否属于这类人员"), age=OLD_SOLDIER)
    if code == "poor_student" and held.population != Population.STUDENT:
        return say(N_("台账中此人不是大学生，请核实是否属于这类人员"))
    return None


def _check_age(line: Line, held: Held, terms: Terms) -> None:
    """Compare 低保人员年龄; a birthday within the month makes two ages right."""
    word = tidy(line.cells.word("dibao_age")).removesuffix("岁").removesuffix("周")
    if not word:
        return
    if not (word.isascii() and word.isdigit()):
        line.cells.warn("dibao_age", say(N_("看不出是多少岁")))
    elif not full_years(held.birth_on, terms.month) <= int(word[:4]) <= full_years(held.birth_on, terms.past_month):
        line.cells.warn("dibao_age", say(N_("与出生日期算出的年龄不符")))
