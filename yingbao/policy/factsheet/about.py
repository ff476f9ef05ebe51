"""What a pack is: its documents, what it extends or amends, its own words, and the facts it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.explaining.facts import COMMON, FACT_NAMES, STUDENTS
from yingbao.policy.facts import FACTS
from yingbao.policy.factsheet.parts import Point, Row, Section, Table
from yingbao.policy.factsheet.subject import BLANK, Subject, make_table
from yingbao.policy.format import Amends
from yingbao.policy.needs import find_needs, list_looked_at
from yingbao.policy.saying import as_is, list_up, say_identities
from yingbao.policy.texts import text
from yingbao.policy.wording import INNER
from yingbao.policy.words import Identity


def about(subject: Subject) -> Iterator[Section]:
    """Yield where the pack comes from, its own words, and what it must know of a person."""
    yield Section("about", say(N_("来源")), tuple(_chain(subject)), (_documents(subject),))
    if any((subject.file.words.populations, subject.file.words.departments, subject.file.words.identities)):
        yield subject.section("words", (), _words(subject))
    if subject.file.assessable:
        yield subject.section("facts", _ages(subject), [_facts(subject)])


def _chain(subject: Subject) -> Iterator[Point]:
    file, policy = subject.file, subject.policy
    yield Point(say(N_("{year} 保险年度；行政区划代码 {division}"), year=file.year, division=file.division))
    if file.coverage_year is not None:
        year = file.coverage_year
        yield subject.point(year, say(N_("保险年度为 {begin} 至 {end}"), begin=year.first_day, end=year.last_day))
    for newer, older in zip(policy.pack.files, policy.pack.files[1:], strict=False):
        names = {"newer": newer.pack, "older": older.pack, "title": older.title.text}
        if newer.amends is None:
            yield Point(say(N_("{newer} 继承 {older}（{title}），没有写明的从那里取"), **names))
        else:
            yield Point(_say_amends(newer.amends, names), subject.rules(newer.amends.rule), newer.pack)
    for one in policy.pack.files:
        if one.drop:
            yield Point(say(N_("{pack} 不再沿用：{places}"), pack=one.pack, places=list_up(map(as_is, one.drop))))
    if not file.assessable:
        yield Point(say(N_("只作为其他政策包的基础，不能单独测算，所以没有示例")))


def _say_amends(amends: Amends, names: dict[str, object]) -> Message:
    if amends.retroactive:
        whole = N_("{newer} 修订 {older}（{title}），自 {day} 起施行，此前缴清的也按修订后的重新计算")
        return say(whole, day=amends.first_day, **names)
    later = N_("{newer} 修订 {older}（{title}）：{day} 起缴清的按修订后的，此前缴清的仍按原来的")
    return say(later, day=amends.first_day, **names)


def _documents(subject: Subject) -> Table:
    rows = [
        Row(
            (
                as_is(document.id),
                document.title.text,
                as_is(document.number or "–"),
                document.issuer.text,
                as_is(document.issued_on),
                as_is(document.file),
            ),
            origin=subject.origin(document),
        )
        for document in subject.file.documents
    ]
    heads = [(N_("文件"), False), (N_("标题"), False), (N_("文号"), False)]
    return make_table([*heads, (N_("发文单位"), False), (N_("发文日期"), False), (N_("文件名"), False)], rows)


def _words(subject: Subject) -> Iterator[Table]:
    words = subject.file.words
    for name in ("populations", "departments", "identities"):
        rows = [
            subject.row(
                word, as_is(word.code), word.name, *(_names(word) if isinstance(word, Identity) else (BLANK,) * 2)
            )
            for word in getattr(words, name)
        ]
        heads = [(N_("代码"), False), (N_("名称"), False), (N_("国家编码"), False), (N_("别名"), False)]
        yield make_table(heads, rows, say(INNER[name]))


def _names(word: Identity) -> tuple[Message, Message]:
    known = word.aliases
    aliases = [as_is(name) for name in (*known.notice, *known.common, *known.national)]
    return as_is(word.national or "–"), list_up(aliases) if aliases else BLANK


def _ages(subject: Subject) -> Iterator[Point]:
    common = list_up(say(FACT_NAMES[name]) for name in (*COMMON, *(STUDENTS if subject.file.students else ())))
    yield Point(say(N_("人人都要的：{facts}"), facts=common))
    ages = subject.file.ages
    if ages is not None and ages.counted_on == "clearing":
        yield subject.point(ages, say(N_("年龄按缴清当日的周岁计算")))
    elif ages is not None:
        yield subject.point(ages, say(N_("年龄按 {day} 的周岁计算"), day=ages.counted_on))


def _facts(subject: Subject) -> Table:
    """Return the further facts: who must have them, what holds where they are not given."""
    always, of_holders = find_needs(subject.file)
    declared = {fact.fact: fact for fact in subject.file.facts}
    rows = []
    for name in (name for name in FACTS if name in list_looked_at(subject.file)):
        entry = declared.get(name)  # type: ignore[call-overload]
        if name in always:
            needed = say(N_("人人必填"))
        elif name in of_holders:
            holders = say_identities(of_holders[name], subject.vocabulary)
            needed = say(N_("具有{identities}身份的必填"), identities=holders)
        else:
            needed = say(N_("可不填，不填即为没有"))
        rule = subject.rules(entry.rule if entry else None)
        rows.append(Row((say(FACT_NAMES[name]), text(name, name), needed), rule, subject.origin(entry)))
    return make_table([(N_("事实"), False), (N_("列名"), False), (N_("是否必填"), False)], rows)
