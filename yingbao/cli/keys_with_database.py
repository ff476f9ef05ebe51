"""What ``yingbao rotate-keys`` does once Django is set up; loaded by ``late.call`` only."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from rich.console import Console

from yingbao.kernel.messages import N_, Message, say
from yingbao.usecases import rotate_keys


class Meter:
    """Counts rows as they are done, a line per table, and says how fast it went."""

    def __init__(self, console: Console) -> None:
        self.console, self.begun, self.done = console, time.monotonic(), Counter[str]()

    def __call__(self, name: str, count: int) -> None:
        self.done[name] += count
        self.console.print(f"{name}: {self.done[name]}", end="\r", highlight=False)

    def said(self, sentence: str) -> Message:
        """Return ``sentence`` with how many and how many a second."""
        total, seconds = self.done.total(), time.monotonic() - self.begun
        return say(sentence, count=total, speed=round(total / seconds) if seconds else total)


def reseal(*, home: Path, lang: str) -> None:
    """Put everything under the current key."""
    console = Console()
    meter = Meter(console)
    rotate_keys.reseal(meter)
    _tell(
        console,
        meter.said(N_("已改用新密钥：{count} 条（每秒 {speed} 条）。请再运行 yingbao rotate-keys --finish。")),
        lang,
    )


def finish(*, home: Path, lang: str) -> None:
    """Remove the old key."""
    rotate_keys.finish(home)
    _tell(Console(), say(N_("旧密钥已从 secrets.env 移除。请重启网页服务；所有人需重新登录。")), lang)


def renew_indexes(*, home: Path, lang: str) -> None:
    """Make all blind indexes anew."""
    console = Console()
    meter = Meter(console)
    rotate_keys.renew_indexes(home, meter)
    _tell(console, meter.said(N_("检索密钥已更换：{count} 条（每秒 {speed} 条）。现在可以启动网页服务。")), lang)


def _tell(console: Console, message: Message, lang: str) -> None:
    console.print(message.render(lang), highlight=False)
