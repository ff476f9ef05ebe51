"""What the bureau does with its policy after the season: simulate a change, tell one person why, try an amendment.

Nothing here changes what the site works by. The amendment is invented, says so in every sentence, and only lies in the
site's own packs folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yingbao.demo.desk import POLICY, SHOWN_ON, Desk
from yingbao.demo.season import Season
from yingbao.policy import Policy, get_policy
from yingbao.policy.format import Rate
from yingbao.policy.simulate import Simulation
from yingbao.policy.whatif import entries_by_place, what_if
from yingbao.registry.facts import Facts, of_residents
from yingbao.usecases import deciding
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.explain_decision import print_decision
from yingbao.usecases.reassess_open import Preview, preview_reassessment
from yingbao.usecases.simulate_policy import simulate_policy
from yingbao.usecases.simulation_workbook import write_simulation

AMENDMENT = "liangping-2023-newborns"
RATE, DEARER_YUAN = "rates.resident.1", 400
WAITING = 6  # newborns whose families have enrolled them and not paid yet: somebody for an amendment to change


@dataclass(frozen=True, slots=True)
class Tools:
    """What came of it. ``told``: the resident whose decision was printed; ``files``: kind of paper → file."""

    simulation: Simulation
    told: int
    amendment: Preview
    files: dict[str, Path]


def use_tools(season: Season, *, home: Path, language: str, at: datetime) -> Tools:
    """Use every tool once and write its file: papers into ``files`` of ``home``, the amendment into ``packs``."""
    folder = home / "files"
    enrol_unpaid(season, at=at)  # first: the page /simulate/ is to say what is told here
    simulation, workbook = simulate_dearer(season.desk, language=language)
    told = find_told(season)
    letter = print_decision(
        season.desk.bureau, resident_id=told, year=season.year, language=language, issued_on=SHOWN_ON, at=at
    )
    files = {
        "simulation": _write(folder / f"simulation_{POLICY}_{DEARER_YUAN}.xlsx", workbook),
        "letter": _write(folder / "decision_letter.pdf", letter),
        "amendment": write_amendment(home / "packs"),
    }
    preview = preview_reassessment(season.desk.bureau, policy_name=AMENDMENT, on=SHOWN_ON)
    return Tools(simulation, told, preview, files)


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def rate_in_force() -> int:
    """Return the resident tier-1 rate the site works by, in fen."""
    entry = entries_by_place(get_policy(POLICY).file)[RATE]
    assert isinstance(entry, Rate)
    return entry.amount


def dearer() -> Policy:
    """Return the policy with the resident tier-1 rate raised; subsidies that are a share of it rise with it."""
    return what_if(get_policy(POLICY), {RATE: str(DEARER_YUAN)})


def simulate_dearer(desk: Desk, *, language: str) -> tuple[Simulation, bytes]:
    """Return what the dearer rate would cost over everybody enrolled, and the same as a workbook."""
    before, after = get_policy(POLICY), dearer()
    done = simulate_policy(desk.bureau, before=before, after=after, whom="enrolled", on=SHOWN_ON)
    workbook = write_simulation(
        done.simulation,
        before,
        after,
        language=language,
        names=lambda key: done.names.get(key, key),
        towns=done.towns,
    )
    return done.simulation, workbook


def find_told(season: Season) -> int:
    """Return the enrolled resident with the most identities, of several the first of the register."""
    codes = season.town.codes_by_person()
    enrolled = [person for person in codes if season.ids.get(person) in season.enrolled]
    return season.ids[max(enrolled, key=lambda person: (len(codes[person]), -person))]


# ---------------------------------------------------------------- the amendment


def write_amendment(folder: Path) -> Path:
    """Put the invented amendment where a site keeps packs of its own; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{AMENDMENT}.yaml"
    path.write_bytes(Path(__file__).with_name(path.name).read_bytes())
    return path


def enrol_unpaid(season: Season, *, at: datetime) -> list[int]:
    """Enrol some newborns whose families bring the money another day; return their resident ids."""
    waiting = [one for one in _newborns_missing(season) if deciding.why_not(one, on=SHOWN_ON) is None][:WAITING]
    for one in waiting:
        enrol_household(
            season.desk.clerk,
            household_id=one.household_id,
            tiers={one.resident_id: 1},
            policy_name=POLICY,
            on=SHOWN_ON,
            key=f"demo-unpaid-{one.resident_id}",
            at=at,
        )
    return [one.resident_id for one in waiting]


def _newborns_missing(season: Season) -> list[Facts]:
    """Return the newborns of the register who are not enrolled, the youngest first: most are still in time."""
    first = len(season.town.residents)
    born = [season.ids[person] for person in range(first, len(season.town.people)) if person in season.ids]
    facts = of_residents([rid for rid in born if rid not in season.enrolled], on=SHOWN_ON)
    return sorted(facts.values(), key=lambda one: (-one.birth_on.toordinal(), one.resident_id))
