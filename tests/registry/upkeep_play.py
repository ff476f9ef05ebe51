"""Random upkeep of a small register: each move draws what it does, does it, and tells the model what must follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.imports.cast import EAST, FAR, NOVEMBER, NOW, WEST, Cast, new_key, number
from tests.imports.lists import DECEMBER, JANUARY
from tests.registry import upkeep_books as books
from tests.registry.upkeep_model import FIRST, Days, Known, days_of, end_of, held, since
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.divisions import operations as divisions
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import YingbaoError
from yingbao.registry.facts import of_residents
from yingbao.registry.finding.listing import Filter, Search, find
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.verify import verify

BEYOND = 500155114002
VILLAGES = {EAST: "东村", WEST: "西社区", FAR: "远村", BEYOND: "天村"}
SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
SAMPLE = (date(2022, 6, 15), date(2022, 10, 31), NOVEMBER, date(2022, 11, 20), DECEMBER, JANUARY, date(2023, 7, 1))
Answer = Json | YingbaoError


class Wrong(AssertionError):
    """The register is not as the model says."""


class Play:
    """A small district, the people of the model, and the moves. ``told`` are the moves that were made, to be read."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.random = cast, Random(seed)
        self.people: dict[int, Known] = {}
        self.files: list[tuple[str, int, dict[int, Any], dict[int, Any]]] = []
        self.secrets: set[str] = set()
        self.told: list[str] = []
        self.tally: Counter[str] = Counter()
        self.at, self.made, self.order, self.houses = NOW, 0, 1, 0
        self.changes_at_step = 0
        with unit_of_work():
            divisions.add(code=BEYOND, name="天村", level="village", parent_code=500155114000)
        self.moves: list[tuple[int, Callable[[], None]]] = []

    # --- one step ---------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Make one move and compare everything."""
        self.at += timedelta(minutes=self.random.randrange(1, 600))
        weights = [weight for weight, _ in self.moves]
        self.random.choices([move for _, move in self.moves], weights)[0]()
        self.compare()

    def do(
        self, actor: Actor, what: str, call: Callable[..., Json], *args: Any, keyed: str = "", **kwargs: Any
    ) -> Answer:
        """Call a use case; see that a refusal changes nothing, that it happens once, and that it is told of."""
        key = keyed or new_key()
        if not keyed:
            kwargs |= {"key": key, "at": self.at}
        before, was, since_line = books.digest(), (books.residents(), books.households()), books.last_change()
        try:
            answer = call(*args, **kwargs)
        except YingbaoError as error:
            self.tally[f"{what} refused"] += 1
            self.told.append(f"{what} refused: {error}")
            self.must(books.digest() == before, f"{what} was refused and changed something")
            return error
        self.tally[what] += 1
        self.told.append(f"{what} by {actor.user_id}: {kwargs if 'upload' not in kwargs else ''}{args} -> {answer}")
        after = books.digest()
        self.must(call(*args, **kwargs) == answer, f"{what}: another answer to the same request")
        self.must(books.digest() == after, f"{what}: the same request did something again")
        self.must(
            AuditEntry.objects.filter(request_key=key, user_id=actor.user_id).count() == 1, f"{what}: no audit entry"
        )
        file_id = kwargs.get("file_id")
        gaps = books.history_gaps(was, since_line, user_id=actor.user_id, file_id=file_id)
        self.must(not gaps, f"{what}: {gaps}")
        return answer

    def must(self, holds: bool, why: str) -> None:
        """Raise Wrong unless it holds."""
        if not holds:
            raise Wrong(why)

    # --- everything compared ----------------------------------------------------------------------------------------

    def compare(self) -> None:
        """See that the register says of everybody what the model says."""
        rows = books.residents()
        self.must(rows.keys() == self.people.keys(), f"there are {rows.keys() ^ self.people.keys()}")
        numbers = {home["id"]: (home["division_id"], home["number"]) for home in books.households().values()}
        for pk, one in self.people.items():
            row = rows[pk]
            is_now = (row["name"], row["state"], row["eligibility"], row["on_platform"], numbers[row["household_id"]])
            self.must(
                is_now == (one.name, one.state, one.eligibility, one.on_platform, one.home),
                f"resident {pk} is {is_now}, not {one}",
            )
        self.compare_days()
        self.compare_numbers()
        broken = [check.name for check in verify(self.cast.bureau, year=2023) if not check.holds]
        self.must(not broken, f"verify: {broken}")
        self.must(not books.leaks(self.secrets), f"leaks: {set(books.leaks(self.secrets))}")

    def compare_days(self) -> None:
        """Identities and cover elsewhere on every day of the books, and on some days as facts tell them."""
        identities, elsewhere = held()
        for word, found in (("identities", identities), ("elsewhere", elsewhere)):
            for pk, one in self.people.items():
                codes = {code for who, code in found if who == pk} | set(getattr(one, word))
                for code in codes:
                    now, wanted = days_of(found.get((pk, code), ())), getattr(one, word)[code]
                    self.must(
                        now == wanted,
                        f"{word} {code} of {pk}: {self.text(now)}, not {self.text(wanted)}; {found.get((pk, code))}",
                    )
        for day in SAMPLE:
            bit = since(day) & ~since(day + timedelta(days=1))
            for pk, facts in of_residents(self.people, on=day).items():
                one = self.people[pk]
                wanted = tuple(
                    frozenset(code for code, days in held_days.items() if days & bit)
                    for held_days in (one.identities, one.elsewhere)
                )
                self.must((facts.identities, facts.elsewhere) == wanted, f"facts of {pk} on {day}")

    def text(self, days: Days) -> str:
        """Return days as first–last."""
        if not days:
            return "never"
        first = (days & -days).bit_length() - 1
        return f"{FIRST + timedelta(days=first)}–{end_of(days)} ({days.bit_count()})"

    def compare_numbers(self) -> None:
        """Every number a person ever had finds them, for those of their town and nobody else."""
        chosen = self.random.sample(sorted(self.people), min(8, len(self.people)))
        for one in (self.people[pk] for pk in chosen):
            for each in one.numbers:
                for actor in (self.cast.bureau, self.cast.town_clerk, self.cast.outsider):
                    wanted = Search(each, Filter(), self.at.date(), Enrolment.objects.all())
                    found = {pk for pk in find(actor, wanted).values_list("pk", flat=True)}
                    found = {pk for pk in found if self.people[pk].state != "merged"}
                    self.must(
                        found == ({one.pk} if one.home[0] in actor.scope else set()), f"{one.pk} by number: {found}"
                    )

    # --- drawing ----------------------------------------------------------------------------------------------------

    def clerk(self, village: int) -> Actor:
        """Return somebody who may edit a village's people."""
        if village // 1000 == EAST // 1000:
            return self.random.choice([self.cast.town_clerk, self.cast.second_clerk, self.cast.bureau])
        return self.random.choice([self.cast.outsider, self.cast.bureau])

    def somebody(self, *states: str) -> Known | None:
        """Return one of the people in one of the states (present where none is told)."""
        found = [one for one in self.people.values() if one.state in (states or ("present",))]
        return self.random.choice(found) if found else None

    def at_home(self, home: tuple[int, str]) -> list[Known]:
        """Return who of a household is in the register."""
        return [one for one in self.people.values() if one.home == home and one.state == "present"]

    def new_name(self) -> str:
        """Return a name nobody has."""
        self.made += 1
        name = f"柏{SIGNS[self.made // len(SIGNS) % len(SIGNS)]}{SIGNS[self.made % len(SIGNS)]}木"
        self.secrets.add(name)
        return name

    def new_number(self, birth: str) -> str:
        """Return a number nobody has."""
        self.order += 1
        found = number(birth, self.order % 999 + 1)
        self.secrets.add(found)
        return found

    def new_birth(self) -> str:
        """Return a day of birth."""
        return (
            f"{self.random.randrange(1935, 2021)}{self.random.randrange(1, 13):02d}{self.random.randrange(1, 29):02d}"
        )

    def new_house(self) -> str:
        """Return a household number nobody has."""
        self.houses += 1
        return f"H{self.houses:03d}"
