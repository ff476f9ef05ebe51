"""The moves of random upkeep that one clerk makes at a desk: a person or a household at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.imports.cast import POLICY, new_key
from tests.registry.upkeep_model import EVER, Known, is_open, since, until
from tests.registry.upkeep_play import VILLAGES, Answer, Play
from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import NotFound, YingbaoError
from yingbao.registry.eligibility.attachments import Scan
from yingbao.registry.eligibility.evidence import Document
from yingbao.registry.kinds import Evidence
from yingbao.registry.models import EligibilityReview, Household, Resident
from yingbao.usecases import change_household as homes
from yingbao.usecases.change_certificate import change_certificate
from yingbao.usecases.change_household import Asking, Place, Shown
from yingbao.usecases.edit_resident import edit_address, edit_resident
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.merge_residents import merge_residents
from yingbao.usecases.record_leaving import Leaving, record_death, record_moving_out, restore_resident
from yingbao.usecases.register_on_platform import register_on_platform
from yingbao.usecases.register_resident import Entry, register_resident
from yingbao.usecases.review_eligibility import Word, review_eligibility
from yingbao.usecases.submit_eligibility import submit_eligibility
from yingbao.usecases.tell_apart import tell_apart

JPEG = Scan("scan.jpg", b"\xff\xd8\xff\xe0 a picture")
OTHERS = ("spouse", "child", "parent", "other")
YEAR = 2023


class Desk(Play):
    """What is done one by one."""

    def row(self, one: Known) -> Resident:
        """Return the record as it is now."""
        return Resident.objects.get(pk=one.pk)

    def done(self, answer: Answer) -> bool:
        """Return whether it was not refused."""
        return not isinstance(answer, YingbaoError)

    # --- people -----------------------------------------------------------------------------------------------------

    def register_one(self) -> None:
        """Register a newcomer into a new household or one that is there; now and then with somebody's number."""
        village = self.random.choice(list(VILLAGES))
        name, birth = self.new_name(), self.new_birth()
        text, mine = self.new_number(birth), True
        other = self.somebody("present", "dead", "moved_out")
        if other and self.random.random() < 0.2:
            text, birth, mine = self.random.choice(other.numbers), other.birth, False
        evidence = self.random.choice(["household_booklet", "household_booklet", "residence_permit"])
        neighbour = self.random.choice(list(self.people.values())) if self.people else None
        if neighbour and self.random.random() < 0.5:
            home: Any = self.row(neighbour).household_id
            village, place, relation = neighbour.home[0], neighbour.home, "child"
        else:
            place, relation = (village, self.new_house()), "head"
            home = Place(village, place[1], "一组")
        entry = Entry(name=name, number=text, relation=relation, evidence=evidence)
        actor = self.clerk(village)
        answer = self.do(actor, "register", register_resident, actor, entry=entry, home=home, policy_name=POLICY)
        if self.done(answer):
            self.must(mine, "a number was given twice")
            accepted = "accepted" if evidence == "household_booklet" else "pending"
            pk = answer["resident"]  # type: ignore[index]
            self.people[pk] = Known(pk, name, birth, [text], place, eligibility=accepted, on_platform=False)

    def edit(self) -> None:
        """Change a person's facts: phone, residence, name, group."""
        one = self.somebody("present", "present", "dead", "moved_out", "merged")
        if one is None:
            return
        phone = f"1002{self.random.randrange(10**7):07d}"
        self.secrets.add(phone)
        sent: dict[str, str] = self.random.choice(
            [{"phone": phone}, {"residence": "河边"}, {"name": one.name + "生"}, {}]
        )
        evidence = self.random.choice(["", "", "household_booklet", "residence_permit"])
        actor, version = self.clerk(one.home[0]), self.row(one).version - (self.random.random() < 0.1)
        answer = self.do(
            actor, "edit", edit_resident, actor, resident_id=one.pk, version=version, sent=sent, evidence=evidence,
            policy_name=POLICY, reason="核对后更正",
        )  # fmt: skip
        if self.done(answer):
            self.must(one.state != "merged", "a merged record was edited")
            one.name = sent.get("name", one.name)
            self.secrets.add(one.name)
            if evidence == "residence_permit":
                one.eligibility = "pending"

    def address(self) -> None:
        """Give a household another address."""
        home = self.random.choice(list(Household.objects.all()))
        actor = self.clerk(home.division_id)
        text = f"{self.random.randrange(99)}号"
        self.do(actor, "address", edit_address, actor, household_id=home.pk, address=text, was=home.address)

    def certificate(self) -> None:
        """Give a person another number: a new one, one they had, or somebody else's."""
        one, other = self.somebody("present", "dead"), self.somebody("present", "dead", "moved_out")
        if one is None or other is None:
            return
        choices = [self.new_number(one.birth), self.random.choice(one.numbers), self.random.choice(other.numbers)]
        text, actor = self.random.choice(choices), self.clerk(one.home[0])
        theirs = any(text in person.numbers for person in self.people.values() if person is not one)
        answer = self.do(
            actor, "certificate", change_certificate, actor, resident_id=one.pk, version=self.row(one).version,
            number=text, birth_on=None, sex="", reason="号码登记错误",
        )  # fmt: skip
        if self.done(answer):
            self.must(not theirs, "two people have one number")
            one.numbers = [each for each in one.numbers if each != text] + [text]
            one.birth = text[6:14]
        else:
            self.must(theirs, f"a free number was refused: {answer}")

    def platform(self) -> None:
        """Register people on the national platform."""
        one, other = self.somebody("present", "dead", "merged"), self.somebody()
        if one is None or other is None:
            return
        actor, ids = self.clerk(one.home[0]), [one.pk, other.pk]
        answer = self.do(actor, "platform", register_on_platform, actor, resident_ids=ids)
        if self.done(answer):
            one.on_platform = other.on_platform = True

    # --- households -------------------------------------------------------------------------------------------------

    def seats(self) -> None:
        """Split, move members, join, or change the head, with relations drawn at random: most are well."""
        one, other = self.somebody(), self.somebody()
        if one is None or other is None:
            return
        members = self.at_home(one.home)
        what = self.random.choice(["split", "move", "join", "head"])
        everybody = what == "join" or self.random.random() < 0.2
        moving = (
            []
            if what == "head"
            else members
            if everybody
            else self.random.sample(members, self.random.randint(1, len(members)))
        )
        staying = [person for person in members if person not in moving]
        relations = {person.pk: self.random.choice(OTHERS) for person in members}
        for group in (staying, moving if what == "split" else []):
            if group and self.random.random() < 0.95:
                relations[self.random.choice(group).pk] = "head"
        shown = Shown(self.row(one).household_id, {p.pk: self.row(p).version for p in members}, relations)
        new = (self.random.choice(list(VILLAGES)), self.new_house()) if what == "split" else other.home
        actor = self.clerk(one.home[0])
        asking, into = Asking(actor, "家庭变化", new_key(), self.at), self.row(other).household_id
        ids = [person.pk for person in moving]
        if what == "split":
            answer = self.do(
                actor,
                what,
                homes.split_household,
                asking,
                shown,
                moving=ids,
                place=Place(*new, "三组"),
                keyed=asking.key,
            )
        elif what == "move":
            answer = self.do(
                actor, what, homes.move_residents, asking, shown, moving=ids, into_id=into, keyed=asking.key
            )
        elif what == "join":
            answer = self.do(actor, what, homes.join_households, asking, shown, into_id=into, keyed=asking.key)
        else:
            answer = self.do(actor, what, homes.change_head, asking, shown, keyed=asking.key)
        if self.done(answer):
            for person in moving:
                person.home = new

    def move_home(self) -> None:
        """Move a household with all its people."""
        one = self.somebody()
        if one is None:
            return
        home, new = one.home, (self.random.choice(list(VILLAGES)), self.new_house())
        seen = {person.pk: self.row(person).version for person in self.at_home(home)}
        actor = self.clerk(home[0])
        asking, shown = Asking(actor, "搬迁", new_key(), self.at), Shown(self.row(one).household_id, seen, {})
        answer = self.do(
            actor, "relocate", homes.move_household, asking, shown, place=Place(*new, "三组"), keyed=asking.key
        )
        if self.done(answer):
            for person in self.people.values():
                person.home = new if person.home == home else person.home

    # --- leaving, coming back, being one or two ---------------------------------------------------------------------

    def leave(self) -> None:
        """Record a death or moving out."""
        one = self.somebody("present", "present", "present", "dead")
        if one is None:
            return
        others = [person for person in self.at_home(one.home) if person is not one]
        relations = {person.pk: self.random.choice(OTHERS) for person in others}
        if others:
            relations[self.random.choice(others).pk] = "head"
        if self.row(one).relation != "head":
            relations = {}
        on = self.at.date() - timedelta(days=self.random.randrange(40))
        call, state = self.random.choice([(record_death, "dead"), (record_moving_out, "moved_out")])
        leaving, actor = Leaving(one.pk, self.row(one).version, on, "外地", relations), self.clerk(one.home[0])
        if self.done(self.do(actor, state, call, actor, leaving, year=YEAR)):
            self.must(one.state == "present", "left twice")
            one.leave(state, on)

    def restore(self) -> None:
        """Undo a leaving."""
        one = self.somebody("dead", "moved_out")
        if one is None:
            return
        actor = self.clerk(one.home[0])
        heads = [person for person in self.at_home(one.home) if self.row(person).relation == "head"]
        answer = self.do(
            actor, "restore", restore_resident, actor, resident_id=one.pk, version=self.row(one).version,
            relation=self.random.choice(OTHERS) if heads else "head", reason="登记错误", year=YEAR,
        )  # fmt: skip
        # Where a list has made the head dead, those who are there name a new one first.
        headless = not heads and self.at_home(one.home) and self.row(one).relation != "head"
        self.must(self.done(answer) or bool(headless), f"somebody could not come back: {answer}")
        if self.done(answer):
            one.come_back()

    def merge(self) -> None:
        """Make one record of two: all days of either are days of the person."""
        keep, drop = self.somebody("present", "present", "dead"), self.somebody("present", "dead", "merged")
        if keep is None or drop is None:
            return
        actor = self.clerk(drop.home[0])
        answer = self.do(
            actor, "merge", merge_residents, actor, keep_id=keep.pk, drop_id=drop.pk, versions={}, reason="同一人",
            on=self.at.date(),
        )  # fmt: skip
        if self.done(answer):
            self.join_days(keep, drop, self.at.date())
            keep.numbers = [*drop.numbers, *keep.numbers]
            drop.state, drop.numbers = "merged", []
            keep.merged_at = drop.merged_at = self.at

    def join_days(self, keep: Known, drop: Known, on: date) -> None:
        """Give the kept record every day of the dropped one; it has none after the day of the merge."""
        gone_on = self.row(keep).gone_on
        for code, days in drop.identities.items():
            living = until(gone_on + timedelta(days=1)) if gone_on and is_open(days) else EVER
            keep.identities[code] |= days & living
            drop.identities[code] &= ~since(on)
        for kind, days in drop.elsewhere.items():
            keep.elsewhere[kind] |= days
            drop.elsewhere[kind] &= ~since(on)

    def apart(self) -> None:
        """Tell two apart."""
        one, other = self.somebody(), self.somebody("present", "merged")
        if one is None or other is None:
            return
        actor = self.clerk(one.home[0])
        self.do(actor, "tell apart", tell_apart, actor, one_id=one.pk, other_id=other.pk, reason="不是同一人")

    # --- who may enrol ----------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Hand in papers."""
        pending = [one for one in self.people.values() if one.eligibility != "accepted"]
        one = self.random.choice(pending) if pending and self.random.random() < 0.7 else self.somebody()
        if one is None:
            return
        actor = self.clerk(one.home[0])
        document = Document(Evidence.HOUSEHOLD_BOOKLET, "", None)
        answer = self.do(
            actor, "submit", submit_eligibility, actor, resident_id=one.pk, basis="PJ-2.1", document=document,
            scans=[JPEG], policy_name=POLICY, on=self.at.date(),
        )  # fmt: skip
        if self.done(answer) and one.eligibility == "refused":
            one.eligibility = "pending"

    def review(self) -> None:
        """Say the word on papers; whether a refusal changes anything depends on what they were accepted on before."""
        waiting = list(EligibilityReview.objects.filter(state="pending"))
        if not waiting:
            return
        one = self.random.choice(waiting)
        person = self.people[one.resident_id]
        word = self.random.choice([Word(accepted=True), Word(accepted=False, reason="材料不清")])
        actor = self.clerk(person.home[0])
        answer = self.do(
            actor, "review", review_eligibility, actor, review_id=one.pk, word=word, policy_name=POLICY,
            on=self.at.date(),
        )  # fmt: skip
        if self.done(answer):
            self.must(actor.user_id != one.submitted_by_id, "reviewed by whoever handed it in")
            wanted = {"accepted"} if word.accepted else {"refused", person.eligibility} - {"pending"}
            person.eligibility = self.row(person).eligibility
            self.must(person.eligibility in wanted, "the word came out as another")

    def enrol(self) -> None:
        """Enrol somebody; the register's word decides whether they may."""
        one = self.somebody("present", "present", "present", "dead", "moved_out", "merged")
        agents: dict[int, Actor] = {500155113: self.random.choice([self.cast.town_clerk, self.cast.village_agent])}
        if one is None:
            return
        actor, on = agents.get(one.home[0] // 1000, self.cast.outsider), self.at.date()
        if one.home[0] not in actor.scope:
            actor = self.cast.town_clerk
        today = since(on) & ~since(on + timedelta(days=1))
        may = one.state == "present" and one.eligibility == "accepted" and not one.enrolled
        may = may and not any(days & today for days in one.elsewhere.values())
        common: dict[str, Any] = {
            "household_id": self.row(one).household_id,
            "tiers": {one.pk: 1},
            "policy_name": POLICY,
            "on": on,
        }
        answer = self.do(actor, "enrol", enrol_household, actor, **common)
        self.must(self.done(answer) == may, f"enrolled: {self.done(answer)}, may: {may}, {one}: {answer}")
        one.enrolled = one.enrolled or may

    def trespass(self) -> None:
        """Somebody of another town finds nobody here."""
        one = self.somebody("present", "dead", "merged")
        if one is None:
            return
        actor = self.cast.outsider if one.home[0] // 1000 == 500155113 else self.cast.town_clerk
        version = self.row(one).version
        common: dict[str, Any] = {"resident_id": one.pk, "version": version}
        leaving = Leaving(one.pk, version, self.at.date())
        tries: list[Answer] = [
            self.do(actor, "trespass", edit_resident, actor, **common, sent={"phone": ""}, policy_name=POLICY),
            self.do(actor, "trespass", register_on_platform, actor, resident_ids=[one.pk]),
            self.do(actor, "trespass", record_death, actor, leaving, year=YEAR),
            self.do(
                actor, "trespass", edit_address, actor, household_id=self.row(one).household_id, address="x", was=""
            ),
        ]
        self.must(all(isinstance(each, NotFound) for each in tries), f"another town got in: {tries}")


__all__ = ["Desk", "enrol_and_pay"]
