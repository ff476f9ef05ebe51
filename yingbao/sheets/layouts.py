"""The files that real offices exchange, column by column, with the other names each column goes by."""

from __future__ import annotations

from yingbao.sheets.layout import Column, Kind, Layout

# Text, because offices put 合计 into it on the last row.
_NUMBER = Column("number", "序号", ("编号",), required=False, width=6)
_NAME = Column("name", "姓名", ("参保人姓名", "人员姓名"), width=10)
_ID = Column("cert_number", "身份证号码", ("身份证号", "证件号码", "公民身份号码", "居民身份证号码"), width=21)
_TOWN = Column("town", "镇（街）", ("镇街", "镇(街道)", "乡镇", "乡镇（街道）", "所属镇街"), width=12)
_VILLAGE = Column("village", "村（居）", ("村居", "村（社区）", "村社区", "村（居）委会"), width=12)
_PHONE = Column("phone", "联系电话", ("电话", "手机号码", "联系方式", "手机"), required=False, width=14)
_NOTE = Column("note", "备注", required=False, width=16)
_BEGINS = ("开始日期", "参保时间", "参保日期", "参保开始时间", "本次参保日期", "入伍时间", "服刑开始时间", "入监时间")
_ENDS = ("结束日期", "停保时间", "停保日期", "终止日期", "参保结束时间", "退役时间", "刑满时间", "刑满日期", "出狱时间")

TARGETS = Layout(
    "targets",
    "参保人数及筹资指导任务表",
    (
        _NUMBER,
        Column("division", "村（社区）名称", ("村（社区）", "村居名称", "单位", "镇（街）名称"), width=16),
        Column("households", "总户数", ("户数",), required=False, kind=Kind.INTEGER),
        Column("population", "户籍总人口数（人）", ("户籍总人口数", "总人口"), False, Kind.INTEGER, width=18),
        Column("pay_rate", "缴费率", required=False, kind=Kind.PERCENT),
        Column("persons", "参保总任务数（人）", ("参保总任务数", "参保任务数（人）"), True, Kind.INTEGER, width=18),
        Column("amount_fen", "筹资金额任务数（元）", ("筹资金额任务数",), True, Kind.MONEY, width=20),
    ),
    key="division",
)
"""Targets of a town by village (annex 2 of the Pingjin notice). A row named 合计 holds the printed totals."""

REGISTER = Layout(
    "register",
    "全员信息台账",
    (
        Column("household_no", "户号", ("户编号", "家庭编号"), width=14),
        Column("relation", "与户主关系", ("与户主的关系", "关系"), width=11),
        _NAME,
        Column("cert_form", "证件类型", ("证件种类",), required=False, width=16),
        Column("cert_number", "证件号码", ("身份证号码", "身份证号", "公民身份号码"), width=21),
        Column("sex", "性别", required=False, width=6),
        Column("birth_on", "出生日期", ("出生年月日", "出生时间"), required=False, kind=Kind.DATE),
        Column("town", _TOWN.name, _TOWN.aliases, required=False, width=12),
        _VILLAGE,
        Column("hukou", "户籍地", ("户籍地址", "户籍所在地"), required=False, width=18),
        Column("address", "居住地址", ("现住址", "居住地", "家庭住址"), required=False, width=24),
        Column("population", "参保人群", ("人员类别", "参保群体", "参保人员类别"), required=False, width=14),
        _PHONE,
        Column("employee_insured", "是否职工参保", ("是否参保职工", "职工医保参保"), required=False),
        Column("elsewhere_insured", "是否异地参保", ("异地参保", "区外参保"), required=False),
        Column("on_platform", "国家平台已登记", ("是否国家平台登记", "国家平台登记"), required=False, width=14),
        Column("school", "就读学校", ("就读高校", "学校名称"), required=False, width=18),
        Column("graduation_year", "毕业年", ("毕业年份",), required=False, kind=Kind.INTEGER, width=8),
        _NOTE,
    ),
    key="cert_number",
)
"""Our own layout of a division's complete register (BN-4.4b), one row a person.

户号 joins a household; exactly one of its rows has 与户主关系 户主. 证件类型 may be empty: the number's form tells.
出生日期 and 性别 are needed only where the number does not hold them (a birth certificate). 参保人群: 城乡居民,
大学生, 中小学生, 学龄前儿童, 新生儿, 居住证持有人, 外国人永久居留, 港澳台居民. 是否… and 国家平台已登记: 是 or 否,
empty is not known. 毕业年 is the year a university student graduates.
"""

_SPECIAL = "其他特殊标注信息"
ROSTER = Layout(
    "roster",
    "居民医疗保险参保资助对象花名册",
    (
        _NAME,
        _ID,
        Column("town", "镇街", ("镇（街）", *_TOWN.aliases), width=12),
        Column("village", "村居", ("村（居）", *_VILLAGE.aliases), width=12),
        Column("address", "居住地址", ("家庭住址", "地址"), required=False, width=24),
        Column("identity", "人员类别", ("人员身份", "身份类别", "资助人员类别"), width=20),
        Column("change", "新增或减少", ("是否新增或者减少", "新增或者减少", "增减"), required=False),
        Column("disability_grade", "残疾人等级", ("残疾等级",), required=False, group=_SPECIAL),
        Column("dibao_age", "低保人员年龄", (), required=False, group=_SPECIAL),
        Column("dibao_priority", "低保人员重点保障情况", ("重点保障情况",), required=False, group=_SPECIAL, width=14),
        _PHONE,
    ),
    key="cert_number",
    heading="填报单位（盖章）：",
    footnote="注：其他特殊标注信息由区民政、区残联、区乡村振兴局填报。",
)
"""A department's roster exactly in the form of the Banan notice's annex (BN-A): two-row merged header."""

MONTHLY_FULL = Layout(
    "monthly-full",
    "资助对象月度全量名单",
    (
        _NUMBER,
        Column("cert_number", "身份证号", ("身份证号码", *_ID.aliases[1:]), width=21),
        _NAME,
        Column("identity", "医疗救助身份", ("救助身份",), width=20),
        _TOWN,
        _VILLAGE,
        Column("subsidised_from", "纳入资助时间", ("纳入时间",), required=False, kind=Kind.DATE, width=14),
    ),
    key="cert_number",
)
"""Everyone who holds an identity this month. Whoever is missing is cancelled, so an empty id column is refused.

人员类别, the annex's name, is no alias here: a roster whose 新增或减少 was forgotten must not be taken for a full list.
"""

VERIFICATION = Layout(
    "verification",
    "资助参保人员核实表",
    (
        _NAME,
        _ID,
        Column("resident_division", "居民医保所属区划", required=False, width=18),
        Column("employee_division", "职工医保所属区划", required=False, width=18),
        Column("subsidy_fen", "资助金额", ("资助金额（元）",), required=True, kind=Kind.MONEY),
        Column("personal_fen", "个人缴费金额", ("个人缴费金额（元）",), required=True, kind=Kind.MONEY),
        Column("employee_insured", "是否参保职工", required=False),
        Column("resident_insured", "是否参保居民", required=False),
        Column("insurance_kind", "参保类型", required=False),
        Column("identity", "特殊人员身份类别", ("特殊人员身份",), width=20),
    ),
    key="cert_number",
)

TAX_REQUEST = Layout(
    "tax-request",
    "代缴请款清单",
    (
        _NUMBER,
        _TOWN,
        _NAME,
        _ID,
        Column("person_no", "人员编号", required=False, width=16),
        Column("paid_for_as", "代缴类别", width=20),
        Column("insurance_kind", "参保类别"),
        Column("subsidy_fen", "代缴金额", ("代缴金额（元）",), kind=Kind.MONEY),
        Column("personal_fen", "个人缴费金额", ("个人缴费金额（元）",), kind=Kind.MONEY),
        Column("total_fen", "缴费总额", ("缴费总额（元）",), kind=Kind.MONEY),
        Column("batch", "请款批次", required=False),
    ),
    key="cert_number",
)
"""On every row 代缴 + 个人 = 总额; whoever imports it checks that."""

DEATHS = Layout(
    "deaths",
    "死亡人员名单",
    (
        _NUMBER,
        _NAME,
        _ID,
        Column("died_on", "死亡时间", ("死亡日期", "去世时间", "去世日期"), kind=Kind.DATE),
        Column("town", "镇街", ("镇（街）", *_TOWN.aliases), required=False, width=12),
        Column("village", _VILLAGE.name, _VILLAGE.aliases, required=False, width=12),
        _NOTE,
    ),
    key="cert_number",
)
"""Who has died, from civil affairs, the police or the crematorium. 死亡时间 is the day of death."""

ELSEWHERE = Layout(
    "elsewhere",
    "在别处参保等人员名单",
    (
        _NUMBER,
        _NAME,
        _ID,
        Column(
            "place",
            "参保地",
            ("医保区划", "参保区划", "参保地医保区划", "职工医保所属区划", "参保地区"),
            False,
            width=16,
        ),
        Column("unit", "单位", ("单位名称", "参保单位", "工作单位", "服刑场所", "服役部队"), False, width=18),
        Column("insurance_kind", "险种", ("参保类型", "险种类型", "参保险种"), required=False),
        Column("insured", "是否参保", ("是否参保职工", "参保状态"), required=False, width=9),
        Column("begin_on", "开始时间", _BEGINS, False, Kind.DATE),
        Column("end_on", "结束时间", _ENDS, False, Kind.DATE),
        Column("town", _TOWN.name, _TOWN.aliases, required=False, width=12),
        Column("village", _VILLAGE.name, _VILLAGE.aliases, required=False, width=12),
        _NOTE,
    ),
    key="cert_number",
)
"""Who is insured or looked after elsewhere (BN-2.0), one of the four kinds a file; our own layout.

The names in it are those of real exports, so that the employee scheme's list and the departments' verification form
(姓名, 身份证号, 职工医保所属区划, 是否参保职工 …) are read as they come. 开始时间 may be empty: the first day of the
list's month. 结束时间 is the last day; empty, it goes on. 是否参保 says 否 where somebody is not, or no longer.
"""

MEMBERS = Layout(
    "members",
    "单位参保人员名单",
    (
        _NAME,
        Column("cert_form", "证件类型", ("证件种类",), required=False, width=16),
        Column("cert_number", "证件号码", ("身份证号码", "身份证号", "公民身份号码"), width=21),
        Column("sex", "性别", required=False, width=6),
        Column("birth_on", "出生日期", ("出生年月日", "出生时间"), required=False, kind=Kind.DATE),
        Column("member_no", "学号", ("学籍号", "学生学号", "院内编号", "入院编号"), required=False, width=14),
        Column("unit", "院系", ("学院", "院系班级", "班级", "年级班级", "专业班级", "科室"), required=False, width=16),
        Column("tier", "档次", ("参保档次", "缴费档次"), width=8),
        Column("graduating", "是否应届毕业", ("应届毕业", "是否当年毕业"), required=False, width=14),
        Column("term_start_on", "开学日期", ("入学日期", "报到日期", "开学时间"), required=False, kind=Kind.DATE),
        Column("identity", "身份", ("人员身份", "供养类别", "身份类别", "人员类别"), required=False, width=16),
        Column("on_platform", "国家平台已登记", ("是否国家平台登记", "国家平台登记"), required=False, width=14),
        _PHONE,
        _NOTE,
    ),
    key="cert_number",
)
"""The people a university, school or welfare institution enrols (BN-3.2.2, BN-3.3.3); our own layout, one row a person.

档次: 一档 or 二档. 出生日期 and 性别 are needed only where the number does not hold them. 是否应届毕业 and 开学日期 are
for university students: who graduates in the insurance year, and whose term begins on another day than the usual one.
身份 is for welfare institutions: 特困人员 or 孤儿. 国家平台已登记: 是 or 否, empty is not known.
"""

_EVERYONE, _MONEY, _LOW_INCOME = "全部参保对象（人）", "筹资金额（元）", "低收入人口（人）"
WEEKLY = Layout(
    "weekly",
    "参保筹资工作进度表",
    (
        _NUMBER,
        Column("division", "村（社区）", ("村（社区）名称",), width=16),
        Column("target", "目标任务", (), True, Kind.INTEGER, _EVERYONE),
        Column("done", "累计完成", (), True, Kind.INTEGER, _EVERYONE),
        Column("percent", "完成率", (), False, Kind.PERCENT, _EVERYONE),
        Column("target_fen", "目标任务", (), False, Kind.MONEY, _MONEY, 15),
        Column("done_fen", "累计完成", (), False, Kind.MONEY, _MONEY, 15),
        Column("percent_fen", "完成率", (), False, Kind.PERCENT, _MONEY),
        Column("low_target", "应参保", (), False, Kind.INTEGER, _LOW_INCOME),
        Column("low_done", "已参保", (), False, Kind.INTEGER, _LOW_INCOME),
        Column("low_percent", "参保率", (), False, Kind.PERCENT, _LOW_INCOME),
        Column("rank", "排名", (), False, Kind.INTEGER, width=6),
    ),
    key="division",
)
"""The Thursday table (PJ-8.4). Put the cut-off time into ``above``."""

LEDGER_23 = Layout(
    "subsidised-ledger",
    "资助参保人员台账",
    (
        _NUMBER,
        Column("subsidised_from", "纳入资助时间", (), False, Kind.DATE),
        Column("cancelled_on", "身份取消时间", (), False, Kind.DATE),
        Column("identity_change", "身份变更情况", required=False, width=16),
        _TOWN,
        _VILLAGE,
        _NAME,
        _ID,
        Column("identity", "医疗救助身份", required=False, width=18),
        Column("subsidy_identity", "资助参保身份", required=False, width=18),
        Column("insured", "是否参保", required=False, width=9),
        Column("insurance_kind", "参保类别", required=False),
        Column("paid_fen", "居民医保缴费金额", (), False, Kind.MONEY),
        Column("paid_on", "缴费时间", (), False, Kind.DATE),
        Column("entitled", "是否符合资助", required=False, width=9),
        Column("subsidised", "是否获得资助", required=False, width=9),
        Column("subsidised_as", "获得资助身份类别", required=False, width=18),
        Column("subsidy_way", "资助方式", required=False),
        Column("tax_batch", "税务批次情况", required=False),
        Column("subsidy_fen", "资助金额", (), False, Kind.MONEY),
        Column("elsewhere_note", "区外参保备注", required=False, width=16),
        Column("died_on", "死亡时间", (), False, Kind.DATE),
        Column("reason_not_insured", "未参保原因", required=False, width=14),
    ),
    key="cert_number",
)
"""The office's ledger of everyone entitled to a subsidy, 23 columns."""

LAYOUTS = {
    layout.code: layout
    for layout in (
        TARGETS, REGISTER, ROSTER, MONTHLY_FULL, VERIFICATION, TAX_REQUEST, DEATHS, ELSEWHERE, MEMBERS, WEEKLY,
        LEDGER_23
    )
}  # fmt: skip
