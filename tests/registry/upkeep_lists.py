"""The moves of random upkeep that bring lists in, and take them back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.imports.cast import DISTRICT, NOVEMBER, POLICY, TOWN, Cells, book, register_upload, roster_upload
from tests.imports.lists import DECEMBER, JANUARY, full_upload
from tests.registry.upkeep_model import EVER, Days, Known, days_of, end_of, held, is_open, last_begin, since, until
from tests.registry.upkeep_play import VILLAGES, Play
from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import YingbaoError
from yingbao.kernel.periods import first_of_next_month
from yingbao.registry.kinds import FileKind
from yingbao.registry.models import ImportedFile, Resident
from yingbao.sheets.layouts import DEATHS, ELSEWHERE
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_deaths import accept_deaths, check_deaths
from yingbao.usecases.import_elsewhere import accept_elsewhere, check_elsewhere
from yingbao.usecases.import_register import accept_register, check_register
from yingbao.usecases.import_rosters import accept_roster, check_roster
from yingbao.usecases.withdraw_file import withdraw_file
from yingbao.usecases.withdraw_roster import withdraw_roster

CODES = {"dibao": "城乡低保对象", "extreme_poverty": "特困人员"}
WORDS = {"head": "户主", "spouse": "配偶", "child": "子女", "parent": "父母", "grandchild": "孙子女", "other": "其他"}
MONTHS = (NOVEMBER, NOVEMBER, DECEMBER, DECEMBER, JANUARY)
Held = dict[int, tuple[str, dict[str, Days], dict[str, Days]]]  # resident → state, identities, cover elsewhere


class Lists(Play):
    """What comes in files."""

    def both_words(
        self, checker: Actor, accepter: Actor, what: str, check: Any, accept: Any, **asked: Any
    ) -> set[int] | None:
        """Check and accept; return the places of the rows that were kept out, None where the file was."""
        upload: Upload = asked["upload"]
        checked = self.do(checker, f"check {what}", check, checker, **asked, policy_name=POLICY)
        if isinstance(checked, YingbaoError):
            return None
        before = self.now()
        file_id = checked["file_id"]
        answer = self.do(accepter, f"accept {what}", accept, accepter, file_id=file_id)
        if isinstance(answer, YingbaoError):
            return None
        self.files.append((what, file_id, before, {}))
        del upload
        problems = ImportedFile.objects.get(pk=file_id).problems
        return {problem["row"] for problem in problems if problem["fatal"]}

    def now(self) -> Held:
        """Return what the model holds of everybody."""
        return {pk: (one.state, dict(one.identities), dict(one.elsewhere)) for pk, one in self.people.items()}

    def keep(self) -> None:
        """Note beside the newest file what the model holds after it."""
        what, file_id, before, _ = self.files[-1]
        self.files[-1] = (what, file_id, before, self.now())

    def drawn(self, most: int = 6) -> list[Known]:
        """Return some people who can still be named, dead ones too."""
        found = [one for one in self.people.values() if one.state != "merged"]
        return self.random.sample(found, min(len(found), self.random.randint(1, most)))

    def named(self, one: Known) -> Cells:
        """Return the cells that name somebody, by a number they have or had."""
        return {"name": one.name, "cert_number": self.random.choice(one.numbers), "village": VILLAGES[one.home[0]]}

    # --- the register -----------------------------------------------------------------------------------------------

    def register_file(self) -> None:
        """A town sends households again, with people moved, added and changed, and new households."""
        actor, villages = self.random.choice(
            [(self.cast.town_clerk, [500155113001, 500155113002]), (self.cast.outsider, [500155114001, 500155114002])]
        )
        homes = sorted({one.home for one in self.people.values() if one.home[0] in villages and one.state == "present"})
        chosen = self.random.sample(homes, min(len(homes), self.random.randint(1, 4)))
        rows, meant = [], list[Known | None]()
        for home in chosen:
            for one in self.at_home(home):
                if self.random.random() < 0.9:
                    rows.append(self.line(one, chosen))
                    meant.append(one)
            if self.random.random() < 0.3:
                rows.append(self.newcomer(home, "子女"))
                meant.append(None)
        for _ in range(self.random.randint(0, 2) if len(self.people) < 40 else 0):
            home = (self.random.choice(villages), self.new_house())
            rows += [self.newcomer(home, word) for word in ("户主", "配偶", "子女")[: self.random.randint(1, 3)]]
            meant += [None] * (len(rows) - len(meant))
        if not rows:
            return
        bad = self.both_words(actor, actor, "register", check_register, accept_register, upload=register_upload(rows))
        if bad is not None:
            self.files.pop()
            for place, (row, known) in enumerate(zip(rows, meant, strict=True)):
                if self.first_row("register") + place not in bad:
                    self.take(row, known)

    def line(self, one: Known, homes: list[tuple[int, str]]) -> Cells:
        """Return a known person's row, changed here and there."""
        row = Resident.objects.get(pk=one.pk)
        home = self.random.choice(homes) if self.random.random() < 0.15 else one.home
        relation = self.random.choice(list(WORDS)) if self.random.random() < 0.1 else row.relation
        phone = f"1002{self.random.randrange(10**7):07d}" if self.random.random() < 0.3 else None
        self.secrets |= {phone} if phone else set()
        cells: Cells = {
            **{"household_no": home[1], "village": VILLAGES[home[0]], "relation": WORDS[relation], "name": one.name},
            **{"cert_number": self.random.choice(one.numbers), "population": "城乡居民", "phone": phone},
            "employee_insured": "是" if self.random.random() < 0.1 else None,
            "on_platform": self.random.choice([None, None, "是", "否"]),
        }
        return cells

    def newcomer(self, home: tuple[int, str], word: str) -> Cells:
        """Return the row of somebody new."""
        birth = self.new_birth()
        return {
            **{"household_no": home[1], "village": VILLAGES[home[0]], "relation": word, "name": self.new_name()},
            **{"cert_number": self.new_number(birth), "population": "城乡居民"},
        }

    def take(self, row: Cells, one: Known | None) -> None:
        """Do in the model what a good row says."""
        code = next(code for code, name in VILLAGES.items() if name == row["village"])
        home = (code, str(row["household_no"]))
        if one is None:
            text = str(row["cert_number"])
            pk = Resident.objects.get(name=row["name"]).pk
            one = self.people[pk] = Known(pk, str(row["name"]), text[6:14], [text], home)
        one.home = home
        if row.get("on_platform"):
            one.on_platform = row["on_platform"] == "是"
        if row.get("employee_insured") and not is_open(one.elsewhere["employee"]):
            one.elsewhere["employee"] |= since(max(self.at.date(), end_of(one.elsewhere["employee"])))

    def first_row(self, what: str) -> int:
        """Return the sheet's row of a list's first person."""
        return {"register": 3, "roster": 5, "full": 3, "elsewhere": 3, "deaths": 3}[what]

    # --- rosters ----------------------------------------------------------------------------------------------------

    def change_roster(self) -> None:
        """Civil affairs adds and removes identities."""
        people, month = self.drawn(), self.random.choice(MONTHS)
        rows: list[Cells] = []
        for one in people:
            code = self.random.choice(list(CODES))
            change = "减少" if is_open(one.identities[code]) and self.random.random() < 0.6 else "新增"
            rows.append({**self.named(one), "identity": CODES[code], "change": change})
        spans = held()[0]
        bad = self.both_words(
            self.cast.civil_affairs, self.cast.bureau, "roster", check_roster, accept_roster,
            upload=roster_upload(rows), month=month,
        )  # fmt: skip
        if bad is None:
            return
        for place, (one, row) in enumerate(zip(people, rows, strict=True)):
            code = next(code for code, word in CODES.items() if word == row["identity"])
            if self.first_row("roster") + place in bad:
                continue
            if row["change"] == "新增":
                self.add(one, code, month)
            else:
                past = first_of_next_month(month)
                self.must(last_begin(spans[one.pk, code]) < past, "removed before it began")
                one.identities[code] &= until(past)
        self.keep()

    def add(self, one: Known, code: str, month: date) -> None:
        """Open an identity from a month on, or from the end of the same before."""
        self.must(one.state == "present", "somebody who is gone was given an identity")
        if not is_open(one.identities[code]):
            one.identities[code] |= since(max(month, end_of(one.identities[code])))

    def full_roster(self) -> None:
        """Civil affairs sends everybody of a class: those who hold it, a few less, a few more."""
        code, month = self.random.choice(list(CODES)), self.random.choice(MONTHS)
        people = [one for one in self.people.values() if is_open(one.identities[code]) and self.random.random() < 0.8]
        people += [one for one in self.drawn(3) if one not in people]
        people = [one for one in people if one.state != "merged"]
        if not people:
            return
        rows = [{**self.named(one), "identity": CODES[code], "town": "甲镇"} for one in people]
        spans = held()[0]
        bad = self.both_words(
            self.cast.civil_affairs, self.cast.bureau, "full", check_roster, accept_roster,
            upload=full_upload(rows), month=month,
        )  # fmt: skip
        if bad is None:
            return
        good = [one for place, one in enumerate(people) if self.first_row("full") + place not in bad]
        for one in self.people.values():
            if one not in people and is_open(one.identities[code]):
                one.identities[code] &= until(max(month, last_begin(spans[one.pk, code])))
        for one in good:
            self.add(one, code, month)
        self.keep()

    # --- elsewhere, deaths ------------------------------------------------------------------------------------------

    def elsewhere_list(self) -> None:
        """A list of who is insured elsewhere, or in the army: new ones, ends, whole ones."""
        actor = self.random.choice([self.cast.bureau, self.cast.town_clerk])
        scope = (DISTRICT, DISTRICT + 1_000_000) if actor is self.cast.bureau else (TOWN, TOWN + 1_000)
        about, month, full = (
            self.random.choice(["employee", "army"]),
            self.random.choice(MONTHS),
            self.random.random() < 0.3,
        )
        people = self.drawn()
        rows: list[Cells] = []
        for one in people:
            said: Cells = self.random.choice(
                [{}, {}, {"insured": "否"}, {"end_on": month + timedelta(days=self.random.randrange(90))}]
            )
            rows.append({**self.named(one), **said})
        spans = held()[1]
        bad = self.both_words(
            actor, actor, "elsewhere", check_elsewhere, accept_elsewhere,
            upload=Upload(name="名单.xlsx", content=book(ELSEWHERE, rows)), about=about, month=month, is_full=full,
        )  # fmt: skip
        if bad is None:
            return
        within = [one for one in self.people.values() if scope[0] <= one.home[0] < scope[1]]
        for place, (one, row) in enumerate(zip(people, rows, strict=True)):
            if one in within and self.first_row("elsewhere") + place not in bad:
                self.cover(one, about, row, month, spans.get((one.pk, about), []))
        if full:
            for one in within:
                if one not in people:
                    self.uncover(one, about, month, spans.get((one.pk, about), []))
        self.keep()

    def cover(self, one: Known, about: str, row: Cells, month: date, spans: list[Any]) -> None:
        """Do what one row of a list says; ``spans`` are those of its kind before it."""
        last, past = end_of(one.elsewhere[about]), first_of_next_month(month)
        end = row.get("end_on")
        end_on = month if row.get("insured") else end + timedelta(days=1) if isinstance(end, date) else None
        if last > (month if end_on else past - timedelta(days=1)):
            if end_on is not None:
                begin = last_begin(spans)
                one.elsewhere[about] = (one.elsewhere[about] & until(begin)) | (since(begin) & until(end_on))
        elif one.state == "present" and (end_on is None or end_on > max(month, last)):
            one.elsewhere[about] |= since(max(month, last)) & (until(end_on) if end_on else EVER)

    def uncover(self, one: Known, about: str, month: date, spans: list[Any]) -> None:
        """End what goes on of somebody a whole list lacks."""
        for begin_on, end_on in spans:
            if begin_on < first_of_next_month(month) and (end_on is None or end_on > month):
                gone = since(max(month, begin_on)) & (until(end_on) if end_on else EVER)
                one.elsewhere[about] &= ~gone

    def death_list(self) -> None:
        """A list of deaths."""
        actor = self.random.choice([self.cast.bureau, self.cast.town_clerk, self.cast.outsider])
        people = [one for one in self.drawn(2) if one.state != "moved_out"]
        if not people:
            return
        days = [self.at.date() - timedelta(days=self.random.randrange(30)) for _ in people]
        rows = [{**self.named(one), "died_on": day} for one, day in zip(people, days, strict=True)]
        upload = Upload(name="死亡.xlsx", content=book(DEATHS, rows))
        bad = self.both_words(actor, actor, "deaths", check_deaths, accept_deaths, upload=upload, month=NOVEMBER)
        if bad is None:
            return
        for place, (one, day) in enumerate(zip(people, days, strict=True)):
            if one.home[0] in actor.scope and one.state != "dead" and self.first_row("deaths") + place not in bad:
                one.leave("dead", day)
        self.keep()

    # --- taking back ------------------------------------------------------------------------------------------------

    def withdraw(self) -> None:
        """Take a list back: the days it changed are as before it, but for the dead and the merged."""
        if not self.files:
            return
        place = self.random.choice([len(self.files) - 1, self.random.randrange(len(self.files))])
        what, file_id, before, after = self.files[place]
        file = ImportedFile.objects.get(pk=file_id)
        if what in ("roster", "full"):
            actor = self.cast.bureau
            answer = self.do(actor, f"withdraw {what}", withdraw_roster, actor, file_id=file_id)
        else:
            actor = self.cast.bureau if file.division_id == DISTRICT else next(
                one for one in (self.cast.town_clerk, self.cast.outsider) if one.division_code == file.division_id
            )  # fmt: skip
            kind = FileKind.DEATHS if what == "deaths" else FileKind.ELSEWHERE
            answer = self.do(
                actor, f"withdraw {what}", withdraw_file, actor, file_id=file_id, kind=kind, reason="corrected",
                policy_name=POLICY,
            )  # fmt: skip
        if isinstance(answer, YingbaoError):
            return
        del self.files[place]
        for pk, one in self.people.items():
            if pk in before and (file.decided_at is None or one.merged_at is None or one.merged_at < file.decided_at):
                self.put_back(what, one, before[pk], after[pk])
            else:
                self.believe(one)

    def believe(self, one: Known) -> None:
        """Take from the books what no simple model can tell: a list taken back from somebody who was merged since."""
        identities, elsewhere = held()
        for mine, found in ((one.identities, identities), (one.elsewhere, elsewhere)):
            mine.clear()
            mine.update({code: days_of(spans) for (pk, code), spans in found.items() if pk == one.pk})
        one.state = Resident.objects.get(pk=one.pk).state

    def put_back(self, what: str, one: Known, before: Any, after: Any) -> None:
        """Give one person back what a file changed of them."""
        row = Resident.objects.get(pk=one.pk)
        if what == "deaths":
            if before[0] != after[0] and row.state == before[0] and one.state == "dead":
                one.come_back()
                one.state = before[0]
            return
        mine, at = (one.identities, 1) if what in ("roster", "full") else (one.elsewhere, 2)
        gone = row.gone_on if what in ("roster", "full") else None
        living = EVER if gone is None else until(gone + timedelta(days=1))
        for code in set(before[at]) | set(after[at]):
            was, then = before[at].get(code, 0), after[at].get(code, 0)
            changed = was ^ then
            mine[code] = (mine[code] & ~changed) | (was & changed & living)
            if at == 1 and one.state != "present":  # what coming back would give them is another now
                one.lost[code] = (one.lost.get(code, 0) & ~changed) | (was & changed & ~living)
