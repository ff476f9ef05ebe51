"""The cells of one row against the register's vocabulary: what they say, or a problem that names row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping

from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.places import tidy
from yingbao.sheets import Layout, Row

YES = frozenset({"是", "有", "已", "√", "y", "yes", "true", "1", "应届", "已登记"})
NO = frozenset({"", "否", "无", "未", "×", "n", "no", "false", "0", "未登记"})
# Mobile numbers, or a landline with or without area code: enough to catch a slip, no proof that it rings.
PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}|[2-8]\d{6,7}")
NOT_IN_A_NAME = re.compile(r"[\d=+@|<>{}\[\]\\/*?:;\"!#$%^&~,，。；：？！\x00-\x1f]")
MIDDLE_DOTS = str.maketrans("•∙・．‧", "·····")


class Cells:
    """One row being read. ``is_good`` turns False with the first fatal problem."""

    __slots__ = ("_layout", "_row", "is_good", "number", "problems")

    def __init__(self, row: Row, layout: Layout, problems: list[RowProblem]) -> None:
        self._row, self._layout, self.problems, self.number = row, layout, problems, row.number
        self.is_good = True
        for problem in row.problems:
            self.problems.append(problem)
            self.is_good = self.is_good and not problem.fatal

    def fail(self, key: str, reason: Message) -> None:
        """Keep the row out for what is in a column."""
        self.is_good = False
        self._add(key, reason, True)

    def fail_unless_failed(self, key: str, reason: Message) -> None:
        """Keep the row out, without a second reason for a column that the reader could not read."""
        column = self._layout.column(key).name
        if not any(problem.column == column for problem in self._row.problems):
            self.fail(key, reason)

    def warn(self, key: str, reason: Message) -> None:
        """Let the row in, and say what is doubtful."""
        self._add(key, reason, False)

    def _add(self, key: str, reason: Message, fatal: bool) -> None:
        column = self._layout.column(key).name
        self.problems.append(RowProblem(self.number, column, self._row.text(key), reason, fatal))

    def has(self, key: str) -> bool:
        """Return whether a cell is filled."""
        return bool(self._row.values[key])

    def word(self, key: str) -> str:
        """Return a cell as it stands."""
        return self._row.text(key)

    def text(self, key: str, *, longest: int) -> str:
        """Return a free text; too long a one fails."""
        text = self._row.text(key)
        if len(text) > longest:
            self.fail(key, say(N_("超过 {longest} 个字"), longest=longest))
        return text

    def needed(self, key: str, *, longest: int) -> str:
        """Return a text that may not be empty."""
        text = self.text(key, longest=longest)
        if not text:
            self.fail(key, say(N_("没有填写")))
        return text

    def name(self, key: str) -> str:
        """Return a person's name without the blanks people put between Chinese characters."""
        name = tidy_name(self.needed(key, longest=60))
        if NOT_IN_A_NAME.search(name):
            self.fail(key, say(N_("姓名中有不应有的字符")))
        return name

    def choose(self, key: str, words: Mapping[str, str]) -> str:
        """Return the code of the word in a cell; an unknown word fails."""
        word = self._row.text(key)
        code = words.get(word)
        if code is None:
            code = words.get(tidy(word))
        if code is None:
            self.fail(key, say(N_("没有填写")) if not word else say(N_("不认识这个填法")))
            return ""
        return code

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return whether a cell says yes; an empty one says ``default``, an unknown word fails."""
        word = self._row.text(key).lower()
        if not word:
            return default
        if word not in YES and word not in NO:
            self.fail(key, say(N_("应填“是”或“否”")))
        return word in YES

    def phone(self, key: str) -> str:
        """Return a telephone number without blanks; one that cannot be is left out with a warning."""
        text = tidy(self._row.text(key))
        if not text or PHONE.fullmatch(text):
            return text
        self.warn(key, say(N_("不像电话号码，没有录入")))
        return ""


def tidy_name(name: str) -> str:
    """Return a name as it is stored and compared: 张 三 is 张三, every middle dot is ·, Latin words stay apart."""
    if name.isascii():
        return " ".join(name.split()).upper()
    return "".join(name.split()).translate(MIDDLE_DOTS)
