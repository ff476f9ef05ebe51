"""The parts of a pack in the order an officer meets them in a notice: what is usually said, and an example of each.

The examples are commented lines of a new pack; each is tested to fit the form when uncommented.
"""

from __future__ import annotations

from dataclasses import dataclass

_UNIT = "unit: yuan/person/year"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name in both languages, what notices say of it (``zh``, ``en``), and an example in YAML."""

    title_zh: str
    title_en: str
    zh: str
    en: str
    example: str
    many: bool = False


PARTS: dict[str, Part] = {
    "words": Part(
        "本地词汇", "Words of the place",
        "通用词汇表里没有的人群、部门、身份写在这里。一种身份分几类资助的（如低保 A、B、C 类），写作 dibao.a。",
        "Populations, departments and identities the common vocabulary lacks; classes of one are written dibao.a.",
        """words:
  identities:
    - {code: dibao.a, zh: 城乡低保对象（A类）, en: Dibao recipient of class A}
  departments:
    - {code: agriculture, zh: 农业农村, en: Agriculture}""",
    ),
    "coverage_year": Part(
        "保险年度", "Insurance year",
        "待遇从哪一天到哪一天，一般是自然年。",
        "The days of cover, usually the calendar year.",
        "coverage_year: {first_day: 2026-01-01, last_day: 2026-12-31, rule: DOC-1}",
    ),
    "rates": Part(
        "个人缴费标准", "Personal contribution",
        "每个人群、每个档次一条。有的通知只有一档，有的按年龄（when: {age_to: 17}）或身份分标准。有角分的加引号。\n"
        "同一人群、同一档次有几条的，取第一条符合的：范围小的放前面。",
        "One for each population and tier, by age or identity with when. The first that fits counts.",
        f"""rates:
  - population: resident
    tier: 1
    amount: 400
    {_UNIT}
    first_day: 2026-01-01
    last_day: 2026-12-31
    rule: DOC-1
  - population: resident
    tier: 2
    amount: '557.50'
    {_UNIT}
    first_day: 2026-01-01
    last_day: 2026-12-31
    when: {{age_to: 17}}
    rule: DOC-1""",
        many=True,
    ),
    "fiscal": Part(
        "财政补助", "Fiscal subsidy",
        "财政每人每年补助多少元；写明中央、省、县分担的，用 shares（金额或百分比，合计应等于总数）。",
        "What the treasury adds per head; shares of centre, province, county add up to it.",
        f"""fiscal:
  amount: 700
  {_UNIT}
  first_day: 2026-01-01
  last_day: 2026-12-31
  shares:
    - {{code: centre, zh: 中央, en: Centre, amount: 420}}
    - {{code: county, zh: 县, en: County, amount: 280}}
  rule: DOC-1""",
    ),
    "full_cost": Part(
        "全额缴费", "Full cost",
        "有的通知规定某日以后参保的不享受财政补助，由个人承担。新生儿是否例外：included 不例外，exempt 例外。",
        "From some day on the person pays the fiscal part too; newborns included or exempt.",
        "full_cost: {first_day: 2026-07-01, newborns: exempt, rule: DOC-1}",
    ),
    "windows": Part(
        "参保时段", "Enrolment windows",
        "哪些日子可以缴费，待遇从哪一天开始。集中参保期写 centralised: true；以后的另写。只对一部分人的用 who。\n"
        "starts：fixed_day 固定日、same_day 缴清当日、next_day 次日、next_month 次月一日、after_days 加 N 日、\n"
        "after_full_days 满 N 日后、after_months N 个月后、waiting 等待期满、silent 通知没有写。",
        "When one may pay, and when cover begins. Windows of some people only carry who, and go before the others.",
        """windows:
  - id: centralised
    first_day: 2025-09-15
    last_day: 2025-12-31
    centralised: true
    coverage: {starts: fixed_day, day: 2026-01-01}
    rule: DOC-1
  - id: late
    first_day: 2026-01-01
    last_day: 2026-06-30
    coverage: {starts: after_full_days, days: 90}
    rule: DOC-1""",
        many=True,
    ),
    "silences": Part(
        "通知没有规定的日子", "Days of which nothing is said",
        "两个时段之间通知没有提到的日子。金额照算，待遇起始日不作推定；在规则里用 ask 写明要请示的问题。",
        "Days between windows: amounts are known, the first day of cover is not guessed.",
        "silences:\n  - {first_day: 2026-07-01, last_day: 2026-07-31, rule: DOC-1}",
        many=True,
    ),
    "no_waiting": Part(
        "不设等待期的人", "Who does not wait",
        "错过集中参保期也从缴清当日起享受待遇的人，常见的是特困、低保、监测对象。",
        "Who is covered from the day of clearing when late.",
        "no_waiting:\n  - {identities: [extreme_poverty, orphan, dibao], rule: DOC-1}",
        many=True,
    ),
    "waiting": Part(
        "等待期", "Waiting period",
        "2024 年国家规定：未连续参保或未在集中参保期参保的，固定等待 3 个月；断保的每多断 1 年再加 1 个月；\n"
        "可以补缴，每补 1 年少 1 个月；断保 4 年及以上的，补缴后也不少于 6 个月（floor）。\n"
        "counted_from：clearing 缴清当日、next_month 次月一日、cover 原定的待遇起始日。\n"
        "要用到 missed_years，在 facts 中声明。",
        "A fixed part, a part that grows with missed years, buying back, and a least wait.",
        """waiting:
  months: 3
  per_missed_year: 1
  unit: months
  counted_from: clearing
  repair: {months: 1}
  floor: {missed_years: 4, months: 6}
  rule: DOC-1""",
    ),
    "newborn": Part(
        "新生儿", "Newborns",
        "出生后多少日（月）内参保的，待遇从出生之日起。有的通知分几档（3、6、12 个月），由短到长；\n"
        "有的档另定金额（amount）。born：哪些日子出生的算新生儿，不写为保险年度内出生的。",
        "Bands of days or months after birth, the shortest first; amount replaces the rate.",
        """newborn:
  populations: [resident]
  bands:
    - {within: 90, unit: days, coverage: {starts: birth}}
    - {within: 6, unit: months, coverage: {starts: next_day}}
  rule: DOC-1""",
    ),
    "students": Part(
        "大学生", "University students",
        "按学年参保的，写学年、开学日和开学后多少日内缴费；毕业生待遇延长的写 graduates。\n"
        "大学生与居民同样按自然年参保的，这一部分不写。",
        "An academic year of their own, days to pay from the first day of term, and what graduates get.",
        """students:
  population: university_student
  first_day: 2025-09-01
  last_day: 2026-08-31
  term_start: 2025-09-01
  days: 60
  unit: days
  graduates: {last_day: 2026-12-31}
  rule: DOC-1""",
    ),
    "identities": Part(
        "资助参保", "Who is subsidised",
        "每种身份由谁认定、谁出资，各档资助多少。金额（amount）、百分比（percent 和 of_tier）写一种，都写的互相核对。\n"
        "of_tier：1 为一档标准，own 为本人的标准。有期限的写 until；只能参加某一档的写 only_tier；按年龄、残疾等级\n"
        "区分的写 when。顺序有意义：金额相同时，或者按顺序资助（several: ranked）时，排在前面的为准。",
        "Who confirms, who pays, what each tier brings, until when. The order decides between equals, and when ranked.",
        f"""identities:
  - code: dibao
    confirmed_by: civil_affairs
    paid_by: medical_assistance
    until: {{before: 2026-07-01, rule: DOC-1}}
    subsidies:
      - {{tier: 1, amount: 200, percent: 50, of_tier: 1, {_UNIT}, rule: DOC-1}}
      - {{tier: 2, percent: 50, of_tier: own, {_UNIT}, rule: DOC-1}}""",
        many=True,
    ),
    "several": Part(
        "身份重复", "Several identities",
        "就高（highest），还是按顺序（ranked）。缴清以后取得或失去身份：nothing 不变、refund_difference 退差额、\n"
        "pay_afterwards 以后补助。",
        "The highest or the first in order, and what an identity gained or lost after clearing changes.",
        "several: {choose: highest, later_identity: nothing, rule: DOC-1}",
    ),
    "cap": Part(
        "资助上限", "What a subsidy never exceeds",
        "资助以个人缴费为限。系统总是如此计算，这里写依据。",
        "Subsidies end at the rate; this gives the clause.",
        "cap: {at: rate, rule: DOC-1}",
    ),
    "payers": Part(
        "出资部门", "Who pays",
        "由哪些部门出资，依据哪一条。",
        "On what the choice of paying departments rests.",
        "payers: {rule: DOC-1}",
    ),
    "snapshot": Part(
        "身份时点", "Snapshot of identities",
        "身份以某日 24 时的为准。以后取得的：nothing 不算，added 也算。要用到 snapshot_identities，在 facts 中声明。",
        "Identities count as of 24:00 on a day; later ones for nothing, or added.",
        "snapshot: {day: 2025-08-31, later: added, rule: DOC-1}",
    ),
    "rounding": Part(
        "舍入", "Rounding",
        "百分比算出的金额取到 yuan、jiao、fen，half_up 四舍五入、up 进位、down 舍去。不写的，四舍五入到分。",
        "How a percentage becomes money; without it whole fen, half a fen up.",
        "rounding: {to: yuan, mode: half_up, rule: DOC-1}",
    ),
    "ages": Part(
        "年龄", "Ages",
        "按年龄的规定以哪一天计算周岁：一个日期，或 clearing（缴清当日）。不写的，按保险年度第一天。",
        "The day ages are counted on.",
        "ages: {counted_on: 2026-01-01, rule: DOC-1}",
    ),
    "facts": Part(
        "需要的事实", "Facts needed",
        "测算必须知道的事实；缺的人员不予测算，并说明缺什么。只问某些身份的写 identities。\n"
        "disability_kind、disability_grade、missed_years、repaired_years、continuous_years、years_without_claims、\n"
        "enrolled_last_year、addons、payer_account_fen、snapshot_identities。",
        "What must be known of people; whoever lacks it is told so.",
        """facts:
  - {fact: missed_years, rule: DOC-1}
  - {fact: disability_grade, identities: [disabled_1_2], rule: DOC-1}""",
        many=True,
    ),
    "incentive": Part(
        "连续参保激励", "Incentive",
        "2024 年国家规定：连续参保满 4 年后每多 1 年、每个零报销年度，大病保险限额各提高不少于 1000 元，\n"
        "累计不超过 20%。"
        "benefit 指 benefits 中的一项。",
        "What unbroken enrolment and years without claims add to a ceiling in benefits.",
        f"""incentive:
  benefit: major_illness_ceiling
  after_years: 4
  per_year: 1000
  per_year_without_claims: 1000
  {_UNIT}
  most_percent: 20
  rule: DOC-1""",
    ),
    "family_account": Part(
        "家庭共济", "Payment from a relative's account",
        "近亲属的职工医保个人账户可以支付：personal 个人缴费、repair 补缴、addons 附加保险。",
        "What a relative's personal account of employee insurance may pay.",
        "family_account: {pays: [personal], rule: DOC-1}",
    ),
    "addons": Part(
        "附加保险", "Local add-on insurance",
        "与基本医保一起收的本地保险：人人都参加的 compulsory: true，自愿的 false。不享受资助。",
        "Local insurance collected beside the basic one, compulsory or chosen; not subsidised.",
        f"""addons:
  - code: accident
    zh: 意外伤害保险
    en: Accident insurance
    amount: 30
    {_UNIT}
    compulsory: false
    rule: DOC-1""",
        many=True,
    ),
    "benefits": Part(
        "待遇水平", "Benefit levels",
        "支付比例（percent）和限额（yuan/person/year），显示给居民看；分档的写 tier。",
        "Percentages and ceilings shown to residents.",
        f"""benefits:
  - {{name: inpatient_percent, value: 70, unit: percent, zh: 住院支付比例（约）, en: Inpatient share, rule: DOC-1}}
  - name: major_illness_ceiling
    value: 400000
    {_UNIT}
    zh: 大病保险限额
    en: Major-illness ceiling
    rule: DOC-1""",
        many=True,
    ),
    "groups": Part(
        "参保对象", "Who may enrol",
        "哪些人可以参保，凭什么证件。",
        "Who may enrol, and with what papers.",
        """groups:
  - {id: hukou, zh: 具有本县户籍的居民, en: Residents with hukou here, evidence: [id_card], rule: DOC-1}""",
        many=True,
    ),
    "excluded": Part(
        "不能参保的人", "Who may not enrol",
        "如已参加职工医保的人。",
        "Such as those in employee insurance.",
        "excluded:\n  - {code: employee_insurance, zh: 已参加职工医保, en: In employee insurance, rule: DOC-1}",
        many=True,
    ),
    "outreach": Part(
        "重点动员的人", "Whom to reach",
        "容易漏保的人。",
        "Those easily missed.",
        "outreach:\n  - {code: newborn, zh: 新生儿, en: Newborns, rule: DOC-1}",
        many=True,
    ),
    "enrol_at": Part(
        "到哪里参保", "Where to enrol",
        "各人群到哪里办理。",
        "Where each population enrols.",
        "enrol_at:\n  - {population: resident, place: village, zh: 村（社区）, en: Village, rule: DOC-1}",
        many=True,
    ),
    "channels": Part(
        "缴费渠道", "Channels",
        "线上（online: true）和线下的缴费办法。",
        "Ways to pay.",
        "channels:\n  - {code: wechat, zh: 微信, en: WeChat, online: true, rule: DOC-1}",
        many=True,
    ),
    "deadlines": Part(
        "期限", "Deadlines",
        "日期（day）、每周星期几（weekday）或工作日数（working_days）。编号以 refund 开头的是退费期限。",
        "A day, a weekday or working days; ids that begin with refund are the refund deadline.",
        "deadlines:\n  - {id: refund, day: 2026-02-28, zh: 退费截止, en: Last day for refunds, rule: DOC-1}",
        many=True,
    ),
    "signatories": Part(
        "签字", "Who signs",
        "只写职务，不写姓名。",
        "By office, never by name.",
        "signatories:\n  - {role: handler, zh: 经办人, en: Handler, rule: DOC-1}",
        many=True,
    ),
}  # fmt: skip
TITLES: dict[str, dict[str, str]] = {name: {"zh": part.title_zh, "en": part.title_en} for name, part in PARTS.items()}
TITLES["amends"] = {"zh": "修订", "en": "Amendment"}
