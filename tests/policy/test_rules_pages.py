"""The pages under docs/rules: every number in their tables is what the engine says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from yingbao.kernel.money import parse_yuan
from yingbao.policy import Person, get_policy, list_packs
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.lint import lint

FOLDER = Path(__file__).parents[2] / "docs" / "rules"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
Table = list[dict[str, str]]


def read_tables(name: str) -> dict[str, Table]:
    """Return the tables of a page by the first word of their header."""
    tables: dict[str, Table] = {}
    header: list[str] | None = None
    for line in (FOLDER / f"{name}.md").read_text("utf-8").splitlines():
        if not line.startswith("|"):
            header = None
        elif header is None:
            header = _cells(line)
            tables[header[0]] = []
        elif not line.startswith("|---"):
            tables[header[0]].append(dict(zip(header, _cells(line), strict=True)))
    return tables


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def fen(text: str) -> int | None:
    return parse_yuan(text) if text not in ("", "–") else None


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def test_every_pack_that_assesses_has_a_page() -> None:
    assert [name for name in list_packs() if get_policy(name).file.assessable] == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_examples(name: str) -> None:
    policy = get_policy(name)
    examples = read_tables(name)["example"]
    assert len(examples) >= 20
    for row in examples:
        born = day(row["born"])
        assert born is not None
        identities = frozenset(code for code in row["identities"].split(";") if code)
        cleared, graduating = day(row["cleared"]), row["graduating"] == "true"
        decision = policy.assess(Person(born, row["population"], int(row["tier"]), identities, cleared, graduating))
        found = (decision.status, decision.rate_fen, decision.subsidy_fen, decision.subsidy_identity or "")
        assert found == (row["status"], fen(row["rate"]), fen(row["subsidy"]), row["as"]), row["example"]
        found_money = (decision.payable_fen, decision.fiscal_subsidy_fen)
        assert found_money == (fen(row["pays"]), fen(row["treasury"])), row["example"]
        assert (decision.covered_from, decision.covered_to) == (day(row["from"]), day(row["to"])), row["example"]


@pytest.mark.parametrize("name", PAGES)
def test_contributions(name: str) -> None:
    policy = get_policy(name)
    stated = {
        (row["population"], tier): fen(row[f"tier {tier}"])
        for row in read_tables(name)["population"]
        for tier in policy.tiers
    }
    assert stated == {(rate.population, rate.tier): rate.amount for rate in policy.file.rates}


@pytest.mark.parametrize("name", PAGES)
def test_subsidies(name: str) -> None:
    identities = [identity for identity in get_policy(name).identities.values() if identity.subsidies]
    rows = read_tables(name)["identity"]
    assert [row["identity"] for row in rows] == [identity.code for identity in identities]
    for row, identity in zip(rows, identities, strict=True):
        assert (fen(row["tier 1"]), fen(row["tier 2"])) == (identity.amount_fen(1), identity.amount_fen(2))
        assert row["cleared before"] == str(identity.before or "all year")
        assert (row["身份"], row["paid by"]) == (identity.zh, identity.paid_by)


@pytest.mark.parametrize("name", PAGES)
def test_every_reading_stands_on_the_page(name: str) -> None:
    page = (FOLDER / f"{name}.md").read_text("utf-8")
    for finding in lint(get_policy(name).pack):
        if finding.code == "interpretation":
            assert finding.message.render("en") in page


@pytest.mark.parametrize("name", PAGES)
def test_windows(name: str) -> None:
    windows = {f"{w.first_day} – {w.last_day}" for w in get_policy(name).file.windows}
    silences = {f"{s.first_day} – {s.last_day}" for s in get_policy(name).file.silences}
    stated = {row["cleared"] for row in read_tables(name)["cleared"] if row["cleared"].startswith("20")}
    assert stated == windows | silences


def test_the_readme_names_every_input_reason() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    for reason in BUILTIN_RULES:
        assert f"`{reason}`" in page
