"""What the demo prints of its findings is in the reader's language, whatever the process speaks."""

from __future__ import annotations

from django.utils import translation
from rich.console import Console

from yingbao.demo.show import Show
from yingbao.worklist.kinds import Kind


def test_labels_of_the_pages_come_in_the_readers_language() -> None:
    for process in ("zh-hans", "en"):
        with translation.override(process):
            said = {language: Show(Console(), language, "").label(Kind.LATE_DEPOSIT.label) for language in ("zh", "en")}
        assert said == {"zh": "现金未当日缴存", "en": translation_of(Kind.LATE_DEPOSIT)}


def translation_of(kind: Kind) -> str:
    with translation.override("en"):
        return str(kind.label)
