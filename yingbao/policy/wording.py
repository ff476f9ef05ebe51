"""What the values of a pack are called and how they read, in words for people; every answer is a Message."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.entries import Bilingual, Days, Entry, Named, Source, When
from yingbao.policy.format import Fact, Rate, Subsidy
from yingbao.policy.listings import Benefit, EnrolAt, Signatory
from yingbao.policy.places import Value, is_value
from yingbao.policy.saying import THEN, as_is, list_up, say_start, say_when
from yingbao.policy.texts import text
from yingbao.policy.vocabulary import Vocabulary

NOTHING = as_is("—")
TITLED = frozenset(("name", "title", "unit"))  # needs no saying of what stands under its title
SECTIONS = {
    "amends": N_("修订"),
    "words": N_("本地词汇"),
    "documents": N_("文件"),
    "rules": N_("条款"),
    "facts": N_("需要的信息"),
    "ages": N_("年龄计算"),
    "rounding": N_("取整"),
    "coverage_year": N_("参保年度"),
    "rates": N_("个人缴费标准"),
    "fiscal": N_("财政补助"),
    "full_cost": N_("全额缴费"),
    "newborn": N_("新生儿"),
    "students": N_("在校大学生"),
    "windows": N_("参保时段"),
    "silences": N_("通知未作规定的日子"),
    "no_waiting": N_("无等待期人员"),
    "waiting": N_("待遇等待期"),
    "incentive": N_("连续参保激励"),
    "family_account": N_("家庭共济"),
    "addons": N_("附加保险"),
    "snapshot": N_("身份认定日"),
    "several": N_("多种身份"),
    "cap": N_("资助上限"),
    "payers": N_("资助部门"),
    "identities": N_("特殊人员资助"),
    "groups": N_("参保对象"),
    "excluded": N_("不得参保"),
    "outreach": N_("重点动员人员"),
    "enrol_at": N_("办理地点"),
    "channels": N_("缴费渠道"),
    "deadlines": N_("时限"),
    "signatories": N_("签字人"),
    "benefits": N_("待遇标准"),
}
INNER = {
    "shares": N_("各级分担"),
    "born": N_("出生日期"),
    "bands": N_("第 {label} 段"),
    "graduates": N_("毕业生"),
    "repair": N_("补缴"),
    "floor": N_("最短等待"),
    "subsidies": N_("{label} 档资助"),
    "until": N_("资助期限"),
    "only_tier": N_("只能参加的档次"),
    "populations": N_("人群"),
    "departments": N_("部门"),
    "identities": N_("身份"),
}
FIELDS = {
    "after_years": N_("连续参保满（年）"),
    "age_from": N_("年龄起"),
    "aliases": N_("别名"),
    "amount": N_("金额"),
    "ask": N_("待请示"),
    "at": N_("以什么为限"),
    "before": N_("截止（不含当日）"),
    "benefit": N_("待遇项目"),
    "born": N_("出生日期"),
    "centralised": N_("集中参保期"),
    "choose": N_("怎样选定"),
    "compulsory": N_("必须参加"),
    "confirmed_by": N_("认定部门"),
    "counted_from": N_("从哪天起算"),
    "counted_on": N_("按哪天计算"),
    "coverage": N_("待遇开始"),
    "day": N_("日期"),
    "days": N_("天数"),
    "division": N_("行政区划"),
    "evidence": N_("证明材料"),
    "exempt": N_("除外人员"),
    "fact": N_("信息"),
    "file": N_("文件名"),
    "first_day": N_("首日"),
    "identities": N_("身份"),
    "interpretation": N_("理解"),
    "issued_on": N_("发文日期"),
    "issuer": N_("发文单位"),
    "last_day": N_("末日"),
    "later": N_("之后新增的身份"),
    "later_identity": N_("缴清后身份变化"),
    "missed_years": N_("断保年数"),
    "mode": N_("取整方法"),
    "months": N_("月数"),
    "most_percent": N_("最高比例"),
    "name": N_("名称"),
    "national": N_("国家编码"),
    "newborns": N_("新生儿"),
    "number": N_("文号"),
    "of_tier": N_("按哪一档计算"),
    "online": N_("线上"),
    "otherwise": N_("选其他档次时"),
    "pack": N_("政策包"),
    "paid_by": N_("资助部门"),
    "pays": N_("可支付的部分"),
    "per_missed_year": N_("每断保一年增加的月数"),
    "per_year": N_("每年增加"),
    "per_year_without_claims": N_("零报销每年增加"),
    "percent": N_("百分比"),
    "place": N_("地点"),
    "window": N_("参保时段"),
    "population": N_("人群"),
    "populations": N_("人群"),
    "retroactive": N_("溯及既往"),
    "role": N_("职务"),
    "source": N_("出处"),
    "term_start": N_("开学日期"),
    "text": N_("原文"),
    "tier": N_("档次"),
    "title": N_("标题"),
    "to": N_("取整到"),
    "unit": N_("单位"),
    "value": N_("数值"),
    "weekday": N_("星期"),
    "when": N_("条件"),
    "who": N_("适用对象"),
    "within": N_("期限"),
    "working_days": N_("工作日"),
    "year": N_("年度"),
    "years": N_("适用年度"),
}
# Codes that are choices of the format, in words.
CHOICES = {
    "clearing": N_("缴清日"),
    "next_month": N_("缴清次月 1 日"),
    "cover": N_("原定待遇开始之日"),
    "fen": N_("分"),
    "jiao": N_("角"),
    "yuan": N_("元"),
    "half_up": N_("四舍五入"),
    "up": N_("进位"),
    "down": N_("舍去"),
    "included": N_("包括"),
    "exempt": N_("除外"),
    "days": N_("天"),
    "months": N_("个月"),
    "percent": N_("百分比"),
    "yuan/person/year": N_("元/人·年"),
    "personal": N_("个人缴费"),
    "repair": N_("补缴"),
    "addons": N_("附加保险"),
    "nothing": N_("不影响"),
    "added": N_("一并计入"),
    "own": N_("本人档次"),
    "warn": N_("提示"),
    "refuse": N_("不予办理"),
    "highest": N_("就高"),
    "ranked": N_("按排列顺序"),
    "refund_difference": N_("退还差额"),
    "pay_afterwards": N_("事后补助"),
    "rate": N_("个人缴费标准"),
}
YUAN_FIELDS = frozenset(("amount", "per_year", "per_year_without_claims"))
_UNSAID = frozenset(("rule", "coverage_rule", "id", "code"))
_LABELLED: dict[type[Entry], frozenset[str]] = {  # what stands in the title already
    Rate: frozenset(("population", "tier")),
    Subsidy: frozenset(("tier",)),
    EnrolAt: frozenset(("population", "place")),
    Benefit: frozenset(("name", "tier")),
    Fact: frozenset(("fact",)),
    Signatory: frozenset(("role",)),
}
CHANGES = {
    "status": N_("结果改变"),
    "payable.up": N_("应缴增加"),
    "payable.down": N_("应缴减少"),
    "payable.known": N_("原无应缴，现有应缴"),
    "payable.unknown": N_("原有应缴，现无应缴"),
    "rate": N_("缴费标准改变"),
    "subsidy": N_("资助金额改变"),
    "fiscal": N_("财政补助改变"),
    "identity": N_("资助身份改变"),
    "department": N_("资助部门改变"),
    "cover.earlier": N_("待遇提前开始"),
    "cover.later": N_("待遇推迟开始"),
    "cover.begins": N_("原无待遇期，现有"),
    "cover.ends": N_("原有待遇期，现无"),
    "cover.last_day": N_("待遇截止日改变"),
    "extras": N_("其他金额改变"),
}
STATUSES = {
    "assessed": N_("已测算"),
    "silent": N_("通知未作规定"),
    "closed": N_("不在参保时段"),
    "invalid": N_("信息有误"),
}
COLUMNS = {
    "person_id": N_("人员编号"),
    "changes": N_("变化"),
    "status": N_("结果"),
    "rate_fen": N_("个人缴费标准"),
    "subsidy_fen": N_("资助参保"),
    "subsidy_identity": N_("资助身份"),
    "department": N_("资助部门"),
    "payable_fen": N_("个人应缴"),
    "fiscal_subsidy_fen": N_("财政补助"),
    "covered_from": N_("待遇开始"),
    "covered_to": N_("待遇截止"),
    "reasons": N_("依据规则"),
}


def say_section(field: str) -> Message:
    """Return what a section of a pack is called."""
    return say(SECTIONS[field]) if field in SECTIONS else say_field(field)


def say_field(field: str) -> Message:
    """Return what a field is called; its own name for one that has no word."""
    return say(FIELDS[field]) if field in FIELDS else as_is(field)


def say_value(field: str, value: object, vocabulary: Vocabulary) -> Message:
    """Return how a field's value reads."""
    match value:
        case None | ():
            return NOTHING
        case bool():
            return say(N_("是")) if value else say(N_("否"))
        case int() if field in YUAN_FIELDS:
            return say(N_("{yuan} 元"), yuan=format_yuan(value))
        case Decimal():
            return as_is(f"{value}%")
        case When():
            return say_when(value, vocabulary)
        case Entry():
            return _say_entry(value, vocabulary)
        case tuple():
            return list_up(say_value(field, one, vocabulary) for one in value)
        case str():
            return say_code(value, vocabulary)
    return as_is(value)


def say_code(code: str, vocabulary: Vocabulary) -> Message:
    """Return the name of a population, an identity, a department or a choice; the code itself for any other."""
    for names in (vocabulary.identities, vocabulary.populations, vocabulary.departments):
        if code in names:
            return names[code].name
    return say(CHOICES[code]) if code in CHOICES else as_is(code)


def _say_entry(entry: Entry, vocabulary: Vocabulary) -> Message:
    if "starts" in type(entry).model_fields:
        return say_start(entry)  # type: ignore[arg-type]  # what starts is a coverage
    match entry:
        case Bilingual():
            return entry.text
        case Named():
            return entry.name
        case Source():
            return as_is(f"{entry.document} {entry.clause}")
        case Days():
            return say(N_("{begin} 至 {end}"), begin=entry.first_day, end=entry.last_day)
    parts = [(name, getattr(entry, name)) for name in type(entry).model_fields]
    said = [
        say(N_("{field}：{value}"), field=say_field(name), value=say_value(name, value, vocabulary))
        for name, value in parts
        if value
    ]
    return list_up(said, THEN) if said else NOTHING


def say_name(entry: Entry, label: str, vocabulary: Vocabulary) -> Message:
    """Return what an entry of a list is called; ``label`` is its name in places."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in type(entry).model_fields}
    if "population" in values and "tier" in values:
        population = say_code(values["population"], vocabulary)
        return say(N_("{population}，{tier} 档"), population=population, tier=values["tier"])
    if "zh" in values and "en" in values:
        return text(values["zh"], values["en"])
    if isinstance(values.get("title"), Bilingual):
        return list_up((as_is(label), values["title"].text), (" ", " "))
    if isinstance(entry, Days) and "coverage" in values:
        return say(N_("{id}（{begin} 至 {end}）"), id=label, begin=entry.first_day, end=entry.last_day)
    if label.isdigit():
        return say(N_("第 {number} 项"), number=label)
    if isinstance(entry, Days):
        return say(N_("{begin} 至 {end}"), begin=entry.first_day, end=entry.last_day)
    return say_code(label, vocabulary)


def say_change(kind: str) -> Message:
    """Return what a kind of change to a person (``people_diff.changes_of``) is called."""
    return say(CHANGES[kind])


def say_column(name: str) -> Message:
    """Return what a column of the changed people is called; its own name for one that has no word."""
    for side, template in (("before_", N_("原{column}")), ("after_", N_("现{column}"))):
        if name.startswith(side):
            return say(template, column=say_column(name.removeprefix(side)))
    return say(COLUMNS[name]) if name in COLUMNS else as_is(name)


def list_own(entry: Entry) -> dict[str, object]:
    """Return what an entry says itself: without its clause, its name in places, and values with places of their own."""
    unsaid = _UNSAID | _LABELLED.get(type(entry), frozenset())
    said = {name: getattr(entry, name) for name in type(entry).model_fields if name not in unsaid}
    said = {name: one for name, one in said.items() if not _has_places(one) and one not in (None, ())}
    if "zh" in said and "en" in said:
        said = {"name": Bilingual(zh=said.pop("zh"), en=said.pop("en")), **said}
    return said


def say_own(entry: Entry, vocabulary: Vocabulary) -> Message | None:
    """Return what an entry says itself, in one line; None where its title says it all."""
    said = {name: one for name, one in list_own(entry).items() if name not in TITLED and one is not False}
    if not said:
        return None
    return list_up(
        (
            say(N_("{field}：{value}"), field=say_field(name), value=say_value(name, one, vocabulary))
            for name, one in said.items()
        ),
        THEN,
    )


def say_title(value: Value, vocabulary: Vocabulary) -> Message:
    """Return the names of all that leads to a value, e.g. ``城乡低保对象 · 1 档资助``."""
    parts: list[Message] = []
    in_words = value.steps[0][0] == "words"
    for (field, label), entry in zip(value.steps, (*value.parents, value.entry), strict=True):
        if field in INNER and (parts or in_words):
            parts.append(say(INNER[field], label=label))
        if field != "words" and (field not in INNER or not parts or in_words):
            parts.append(say_section(field) if label is None else say_name(entry, label, vocabulary))
    return list_up(parts, (" · ", " · "))


def _has_places(value: object) -> bool:
    items = value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, Entry) and is_value(item) for item in items)
