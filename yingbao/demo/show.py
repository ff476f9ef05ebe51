"""Where the demo tells its story: the terminal, the reader's language, and how long each step took."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import override
from rich.console import Console
from rich.table import Table

from yingbao.kernel.messages import translate
from yingbao.policy import get_vocabulary

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SOURCE = "zh-hans"  # in which texts are written, as Django calls it


@dataclass
class Show:
    """Where the demo tells its story, in which language, and how long each step took. ``site``: its address."""

    console: Console
    language: str
    site: str
    seconds: dict[str, float] = field(default_factory=dict)

    def text(self, template: str, **params: object) -> str:
        """Return a marked sentence in the reader's language."""
        return translate(template, self.language).format(**params)

    def text_of(self, template: str) -> str:
        """Return a sentence marked elsewhere, its placeholders as they are."""
        return translate(template, self.language)

    def label(self, lazy: StrOrPromise) -> str:
        """Return a choice's label, which speaks the web reader's language by itself, in the reader's language."""
        with override(SOURCE):
            return self.text_of(str(lazy))

    @contextmanager
    def step(self, template: str) -> Iterator[None]:
        """Tell that a step begins; note how long it took."""
        title = self.text(template)
        self.console.print(f"[bold cyan]▶ {title}[/]")
        begun = clock.perf_counter()
        yield
        self.seconds[title] = clock.perf_counter() - begun

    def table(self, first: str, *others: str, title: str = "") -> Table:
        """Return a table with these headings; all columns but the first are of numbers."""
        table = Table(title=self.text_of(title) if title else None, title_justify="left", header_style="bold")
        table.add_column(self.text_of(first))
        for heading in others:
            table.add_column(self.text_of(heading), justify="right")
        return table

    def department(self, code: str) -> str:
        """Return a department's name, or the code of one that has none."""
        department = get_vocabulary().departments.get(code)
        if department is None:
            return code
        return department.en if self.language == "en" else department.zh
