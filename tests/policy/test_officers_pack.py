"""What officers stumble over when they put a notice in as a pack: told truthfully, and in their words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.policy.broken import both, broken, set_part, waiting
from tests.policy.small import write_pack
from yingbao.policy.factsheet import make_sheet, write_markdown
from yingbao.policy.lint import Finding, lint


def findings_of(folder: Path, pack: dict[str, Any], code: str) -> list[Finding]:
    return [finding for finding in lint(write_pack(folder, pack).pack) if finding.code == code]


def test_a_fact_needs_no_clause_of_its_own_and_the_sheet_shows_examples(tmp_path: Path) -> None:
    facts = [{"fact": "missed_years"}]
    pack = broken(both(set_part("waiting", waiting()), set_part("facts", facts)))
    assert findings_of(tmp_path, pack, "no-clause") == []
    sheet = make_sheet(write_pack(tmp_path, pack))
    assert sheet.chapters
    assert "没有写明依据的条款" not in write_markdown(sheet, "zh")
