"""Where the demo tells its story: the terminal, the reader's language, and how long each step took."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console

from yingbao.kernel.messages import translate


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

    @contextmanager
    def step(self, template: str) -> Iterator[None]:
        """Tell that a step begins; note how long it took."""
        title = self.text(template)
        self.console.print(f"[bold cyan]▶ {title}[/]")
        begun = clock.perf_counter()
        yield
        self.seconds[title] = clock.perf_counter() - begun
