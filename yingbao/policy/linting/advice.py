"""What each finding means and how it is mended: one sentence per code, shown under every finding and in the manual."""

from __future__ import annotations

from yingbao.kernel.messages import N_

_SILENT = N_("在通知中再找一遍；确实没有的，把下面的问题发给主管部门，答复写入政策包。")
_ESSENTIAL = N_("没有这一部分，任何人都不能测算。从通知中补上。")

ADVICE: dict[str, str] = {
    # windows and days
    "uncovered-days": N_("这些天缴清的人得不到答复。通知有规定的，补一个参保时段；没有的，写入 silences，并请示。"),
    "overlapping-windows": N_("同一天有两种答复。改正其中一个的日期，或者用 who 写明各适用于谁。"),
    "ambiguous-windows": N_("有人同时符合两个时段，系统取先开始的。请示后把 who 写到互不相交。"),
    "missing-coverage-rule": N_("金额能算，待遇起始日不作推定，答复为“通知未规定”。请示后改写 coverage。"),
    "waiting-without-rule": N_("补上 waiting（等待几个月，从哪一天算起），或者改写 coverage。"),
    "cover-outside-year": N_("核对待遇起始日和保险年度，改正写错的一个。"),
    "silence-in-window": N_("有参保时段的日子不是空白。改正 silences 或 windows 的日期。"),
    "no-window-for": N_("给这些人补一个参保时段，或者放宽已有时段的 who。"),
    "until-outside-season": N_("核对资助期限（before 是不含当日的）和参保时段。"),
    "snapshot-after-opening": N_("时点应早于参保开始；确为如此的，请示此前缴费的人怎么办。"),
    "amendment-outside-season": N_("核对修订的生效日；已参保的人要重新计算的，写 retroactive: true。"),
    "full-cost-outside-season": N_("核对日期；参保结束以后没有人会按全额缴费。"),
    "days-reversed": N_("把两个日期对调，或者改正写错的一个。"),
    "empty-deadline": N_("补上 day（日期）、weekday（星期几）或 working_days（工作日数）之一。"),
    "cover-too-late": N_("钱收了，却没有一天待遇。请示后缩短参保时段，或者写明这些人怎样办。"),
    "year-mismatch": N_("改正 year 或 coverage_year。"),
    "rate-outside-year": N_("多半是从去年的政策包抄来的日期，改成本年度的。"),
    # money
    "never-reached": N_("缴费标准和资助都取第一个符合的。把范围小的放到前面，或者删去这一条。"),
    "ambiguous-amount": N_("请示以哪个为准，然后把条件写到互不相交，或者把为准的放到前面。"),
    "age-hole": N_("多半是年龄上下限差了一岁。补上缺的年龄，或者请示。"),
    "subsidy-above-rate": N_("资助不会超过个人缴费。所有人都超过的，多半是金额或档次写错了。"),
    "tier-without-rate": N_("补上这个档次的缴费标准，或者删去这一条。"),
    "percent-mismatch": N_("通知自相矛盾，或者抄写有误。核对后只留一个，或者请示。"),
    "percent-without-rate": N_("补上所依据档次的缴费标准，或者改正 of_tier。"),
    "no-rounding": N_("请示怎样舍入，写入 rounding。"),
    "shares-mismatch": N_("核对各级分担的金额或百分比，合计应等于财政补助。"),
    "full-cost-without-fiscal": N_("补上 fiscal：不知道财政补助是多少，就算不出全额。"),
    # identities and words
    "tier-without-subsidy": N_("通知没有写的，选择该档的人按没有资助计算。只能参加某一档的，写 only_tier；否则请示。"),
    "ranked-below-highest": N_("按顺序资助时，有人得到的比就高的少，系统会逐人注明。请示是否本意如此。"),
    "tie-between-payers": N_("金额相同时由排在前面的部门出资。请示后调整顺序，并写 payers。"),
    "class-without-parent": N_("名单应注明类别；或者给不分类别的人写一条资助。"),
    "class-without-subsidy": N_("补上这一类的资助标准；不资助的，请示后确认。"),
    "no-department": N_("资助要有认定部门和出资部门，结算清册才有去处。从通知补上，或者请示。"),
    "unknown-identity": N_(
        "用 yingbao policy identities liangping-2023 查常用代码；本地特有的身份写入 words.identities。"
    ),
    "bad-division": N_('写作 division: "990322000000"：十二位数字，外面只加一层引号。'),
    "unknown-population": N_("人群是 resident 或 university_student；本地另有的写入 words.populations。"),
    "unknown-parent": N_("类别代码写作“上级代码.类别”，上级代码必须已有。"),
    "word-clash": N_("换一个代码或名称：一个名称只能指一种身份，身份也不能超过 63 种。"),
    "word-repeated": N_("删去自己写的一遍；要改名称的，换一个代码。"),
    # sources
    "no-clause": N_("写明 rule；规则要有 source（文件和条款）。说不出依据的数字不能用来收钱。"),
    "no-sentence": N_("把通知中的原句抄入 text：居民和复核的人要看到依据。"),
    "unknown-rule": N_("改正编号，或者在 rules 中补上这一条。"),
    "unknown-document": N_("在 documents 中列出这份文件。"),
    "interpretation": N_("通知没有说清，系统按此理解执行。请主管部门确认，确认后可删去 interpretation。"),
    "duplicate-id": N_("同一个名称只能写一条。删去一条，或者给其中一条改名；各档、各类的资助写在同一条里。"),
    "years-never-apply": N_("多半是从往年抄来的。核对年度，或者删去。"),
    # facts and conditions
    "undeclared-fact": N_("在 facts 中声明，缺这一项的人员就会得到明白的提示。"),
    "unused-fact": N_("删去声明，或者补上用到它的规定。"),
    "never-holds": N_("改正条件：要求的身份又全部排除了。"),
    "age-day-unsaid": N_("请示后写入 ages：一个日期，或 clearing（缴清当日）。"),
    "band-order": N_("由短到长排列。"),
    "newborn-outside-year": N_("核对 born 的日期。"),
    "newborn-born-before-year": N_(
        "把答复写入 newborn 的 born：哪一天至哪一天出生的算新生儿。没有写的，只算保险年度内出生的。"
    ),
    "population-without-rate": N_("补上这一人群的缴费标准，或者删去。"),
    "graduates-end-early": N_("核对日期；毕业生的待遇只会延长。"),
    "repair-without-growth": N_("补上 per_missed_year，或者删去 repair。"),
    "refers-to-nothing": N_("删去，或者补上它所指的部分。"),
    "unknown-benefit": N_("在 benefits 中补上这一项，单位为元。"),
    "cannot-compile": N_("政策包的形式没有错，但引擎无法据此测算；原因见上。"),
    # what is not there at all
    "no-rates": _ESSENTIAL,
    "no-windows": _ESSENTIAL,
    "no-coverage-year": _ESSENTIAL,
    "silent-fiscal": _SILENT,
    "silent-late": _SILENT,
    "silent-newborn": _SILENT,
    "silent-several": _SILENT,
    "silent-identities": _SILENT,
    "silent-no-waiting": _SILENT,
    "silent-cap": _SILENT,
    "silent-payers": _SILENT,
    "silent-waiting": _SILENT,
    "silent-students": _SILENT,
    "silent-graduates": _SILENT,
    "silent-refund": _SILENT,
    "silent-family-account": _SILENT,
    "silent-groups": _SILENT,
    "silent-channels": _SILENT,
    "silent-benefits": _SILENT,
}
