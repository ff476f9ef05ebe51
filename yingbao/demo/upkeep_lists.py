"""The month's lists, as offices send them in September: a full roster, deaths, who has found work, a wrong file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from yingbao.demo import cast
from yingbao.demo.desk import POLICY, SHOWN_ON
from yingbao.demo.numbers import damaged_by_swap
from yingbao.demo.people import Resident
from yingbao.demo.rosters import category_of
from yingbao.demo.season import Season
from yingbao.demo.targets import TOWN_NAME, village_name
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_
from yingbao.kernel.periods import DAY
from yingbao.policy import get_policy
from yingbao.registry.facts import Facts, of_holders, of_scope
from yingbao.registry.kinds import ElsewhereKind, FileKind, WithdrawReason
from yingbao.registry.recognising import questions
from yingbao.registry.uploads import Upload
from yingbao.sheets import Layout, sheet_of, write_xlsx
from yingbao.sheets.cells import Value
from yingbao.sheets.layouts import DEATHS, ELSEWHERE, MONTHLY_FULL
from yingbao.storage.fields import Json
from yingbao.usecases.decide_match import decide_match
from yingbao.usecases.import_deaths import accept_deaths, check_deaths
from yingbao.usecases.import_elsewhere import accept_elsewhere, check_elsewhere
from yingbao.usecases.import_rosters import accept_roster, check_roster
from yingbao.usecases.withdraw_file import withdraw_file

MONTH = date(2023, 9, 1)
DEPARTMENT, CODE = "civil_affairs", "dibao"
CANCELLED, NEW, FOUND_WORK, DIED, AWAY = 6, 4, 12, 5, 3

Row = dict[str, Value]
Told = tuple[str, dict[str, object]]


@dataclass(frozen=True)
class Lists:
    """Who the lists speak of: everyone by resident id, and where the files lie."""

    season: Season
    folder: Path
    at: datetime
    people: Mapping[int, Resident]

    def person(self, resident_id: int) -> Row:
        """Return the cells every list has."""
        one = self.people[resident_id]
        return {"name": one.name, "cert_number": one.number, "town": TOWN_NAME, "village": village_name(one.village)}

    def write(self, name: str, layout: Layout, rows: Iterable[Row], password: str = "") -> Upload:
        """Write a list as its office would and return it as it is sent."""
        path = self.folder / name
        write_xlsx(path, sheets=[sheet_of(layout, rows)], password=password or None)
        return Upload(name=name, content=path.read_bytes(), password=password)

    def terms(self, word: str) -> Json:
        """Return what every check is told beside its file."""
        return {"policy_name": POLICY, "key": f"demo-upkeep-{word}", "at": self.at}


def take_lists(season: Season, *, folder: Path, at: datetime) -> list[Told]:
    """Bring in the month's lists and say what each did."""
    people = {resident_id: season.town.people[person] for person, resident_id in season.ids.items()}
    lists = Lists(season, folder, at, people)
    everyone = of_scope(season.desk.clerk.scope, on=SHOWN_ON)
    return [*_take_full_list(lists, everyone), _take_deaths(lists), *_take_elsewhere(lists, everyone)]


# --- the departments' full list ------------------------------------------------------------------------------------


def _take_full_list(lists: Lists, everyone: Mapping[int, Facts]) -> list[Told]:
    """Half a list is refused; in the whole one a number is off by two digits, and the bureau says whose it is."""
    password = cast.roster_password(DEPARTMENT)
    rows = _full_list(lists, everyone)
    half = lists.write("roster_half_2023-09.xlsx", MONTHLY_FULL, rows[::3], password)
    refused = _refusal(lists, half)
    whole = lists.write("roster_full_2023-09.xlsx", MONTHLY_FULL, rows, password)
    officer, bureau = lists.season.desk.departments[DEPARTMENT], lists.season.desk.bureau
    checked = check_roster(officer, upload=whole, month=MONTH, **lists.terms("full"))
    asked = [one for one in questions.open_questions(bureau) if one.file_id == checked["file_id"]]
    for question in asked:
        whom = int(question.candidates[0]["resident"])
        terms: Json = {"key": f"demo-upkeep-answer-{question.pk}", "at": lists.at}
        decide_match(bureau, question_id=question.pk, resident_id=whom, reason="电话核实，号码抄错两位", **terms)
    done = accept_roster(bureau, file_id=checked["file_id"], key="demo-upkeep-full-accept", at=lists.at)
    sentence = N_("民政9月完整名单：新增{added}人，取消{removed}人，未变{already}人；号码写错的{asked}行由人认定后导入")
    return [refused, (sentence, {**done, "asked": len(asked)})]


def _full_list(lists: Lists, everyone: Mapping[int, Facts]) -> list[Row]:
    policy = get_policy(POLICY)
    codes = {code for code, one in policy.identities.items() if one.confirmed_by == DEPARTMENT}
    holders = of_holders(lists.season.desk.clerk.scope, codes=codes, on=SHOWN_ON)
    # Whom a welfare home keeps is not the department's to list (BN-3.3.3).
    held = [
        (pk, c) for pk, one in sorted(holders.items()) if pk in lists.people for c in sorted(one.identities & codes)
    ]
    kept = [pair for pair in held if pair[1] != CODE]
    ordinary = [pair for pair in held if pair[1] == CODE]
    new = [pk for pk, one in sorted(everyone.items()) if not one.identities and pk in lists.people][:NEW]
    rows = [_marked(lists, pk, code) for pk, code in [*kept, *ordinary[CANCELLED:], *((pk, CODE) for pk in new)]]
    rows[-1]["cert_number"] = damaged_by_swap(str(rows[-1]["cert_number"]))
    return rows


def _marked(lists: Lists, resident_id: int, code: str) -> Row:
    return lists.person(resident_id) | {"identity": category_of(code, lists.people[resident_id])}


def _refusal(lists: Lists, upload: Upload) -> Told:
    officer = lists.season.desk.departments[DEPARTMENT]
    try:
        check_roster(officer, upload=upload, month=MONTH, **lists.terms("half"))
    except Refused as refused:
        return N_("只有三分之一的名单被拒收：{why}"), {"why": refused.what}
    raise AssertionError("a list that would cancel most of its people was taken")


# --- deaths, and who is covered elsewhere ----------------------------------------------------------------------------


def _take_deaths(lists: Lists) -> Told:
    oldest = sorted(lists.people, key=lambda pk: (lists.people[pk].born_on, pk))[:DIED]
    rows = [lists.person(pk) | {"died_on": SHOWN_ON - (n + 2) * DAY} for n, pk in enumerate(oldest)]
    upload = lists.write("deaths_2023-09.xlsx", DEATHS, rows)
    clerk = lists.season.desk.clerk
    checked = check_deaths(clerk, upload=upload, month=MONTH, **lists.terms("deaths"))
    done = accept_deaths(clerk, file_id=checked["file_id"], key="demo-upkeep-deaths-accept", at=lists.at)
    return N_("死亡名单：{deaths}人，身份次日终止，历史保留"), done


def _take_elsewhere(lists: Lists, everyone: Mapping[int, Facts]) -> list[Told]:
    """Some have found work; a list of another town's people is taken for ours, and taken back."""
    free = [pk for pk, one in sorted(everyone.items()) if not one.elsewhere and pk in lists.people]
    grown = [pk for pk in free if 25 <= SHOWN_ON.year - lists.people[pk].born_on.year <= 50]
    work, away = grown[:FOUND_WORK], grown[FOUND_WORK : FOUND_WORK + AWAY]
    employed = _elsewhere(lists, ElsewhereKind.EMPLOYEE, work, "employee_2023-09.xlsx")
    wrong = _elsewhere(lists, ElsewhereKind.OTHER_PLACE, away, "other_place_2023-09.xlsx")
    withdraw_file(
        lists.season.desk.clerk,
        file_id=wrong["file_id"],
        kind=FileKind.ELSEWHERE,
        reason=WithdrawReason.WRONG_FILE.value,
        **lists.terms("withdraw"),
    )
    return [
        (N_("职工医保名单：{begins}人转入职工医保，生成待办{opened_items}件"), employed),
        (N_("传错的异地参保名单：{begins}人导入后撤回，影响全部还原"), wrong),
    ]


def _elsewhere(lists: Lists, about: ElsewhereKind, who: Iterable[int], name: str) -> Json:
    upload = lists.write(name, ELSEWHERE, [lists.person(pk) | {"begin_on": MONTH} for pk in who])
    clerk, terms = lists.season.desk.clerk, lists.terms(about.value)
    checked = check_elsewhere(clerk, upload=upload, about=about.value, month=MONTH, is_full=False, **terms)
    return accept_elsewhere(clerk, file_id=checked["file_id"], key=f"{terms['key']}-accept", at=lists.at)
