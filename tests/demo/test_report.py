"""What the demo prints of its findings names every kind there is."""

from __future__ import annotations

from yingbao.demo.report import KIND_NAMES
from yingbao.worklist.kinds import Kind


def test_every_kind_of_work_has_its_words() -> None:
    assert {kind: str(kind.label) for kind in Kind} == KIND_NAMES
