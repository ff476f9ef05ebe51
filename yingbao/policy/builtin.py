"""Reasons that come from the form of the question itself and not from a notice: they explain like any rule."""

from __future__ import annotations

from yingbao.kernel.messages import N_, say
from yingbao.policy.load import Rule

ENGINE = "yingbao"


def _rule(rule_id: str, title: str, text: str) -> Rule:
    return Rule(rule_id, say(title), say(text), None, None, None, None, ENGINE)


_RULES = (
    _rule("input.birth_date", N_("出生日期有误"), N_("出生日期为空或不是日期（应为 YYYY-MM-DD）。")),
    _rule("input.population", N_("人群有误"), N_("人群只能是 resident 或 university_student。")),
    _rule("input.tier", N_("档次有误"), N_("该人群没有这个缴费档次。")),
    _rule("input.identities", N_("身份代码有误"), N_("身份中有词汇表以外的代码。")),
    _rule("input.paid_on", N_("缴清日期有误"), N_("缴清日期不是日期（应为 YYYY-MM-DD，未缴留空）。")),
    _rule("input.graduating", N_("是否毕业有误"), N_("是否当年毕业只能是 true、false 或空。")),
    _rule("input.term_start", N_("开学日期有误"), N_("开学日期不是日期，或不在学年开始的那一年。")),
    _rule("input.birth_after_payment", N_("出生晚于缴费"), N_("出生日期晚于缴清日期。")),
    _rule("input.columns", N_("列数不对"), N_("这一行的列数与表头不同。")),
    _rule("input.disability_kind", N_("残疾类别缺失或有误"), N_("本政策需要残疾类别：0（无）至 7 的整数。")),
    _rule("input.disability_grade", N_("残疾等级缺失或有误"), N_("本政策需要残疾等级：0（无）至 4 的整数。")),
    _rule("input.missed_years", N_("断保年数缺失或有误"), N_("本政策需要断保年数：0 至 99 的整数。")),
    _rule(
        "input.repaired_years",
        N_("修复年数有误"),
        N_("修复年数应为 0 至断保年数之间的整数；本政策没有修复规定的，只能为 0。"),
    ),
    _rule("input.continuous_years", N_("连续参保年数缺失或有误"), N_("本政策需要连续参保年数：0 至 120 的整数。")),
    _rule("input.years_without_claims", N_("零报销年数缺失或有误"), N_("零报销年数应为 0 至 120 的整数。")),
    _rule("input.enrolled_last_year", N_("上年是否参保缺失或有误"), N_("本政策需要上年是否参保：true 或 false。")),
    _rule("input.addons", N_("附加保险有误"), N_("附加保险代码不在本政策内，或不符合其参加条件。")),
    _rule("input.payer_account_fen", N_("共济账户余额缺失或有误"), N_("共济账户余额应为以分计的整数。")),
    _rule(
        "input.snapshot_identities", N_("基准日身份缺失或有误"), N_("本政策按基准日的身份资助，需要基准日持有的身份。")
    ),
    _rule("input.identity_class", N_("身份未分类"), N_("本政策按类别资助该身份，须写明属于哪一类。")),
    _rule(
        "identity.ranked_lower",
        N_("按顺序取的身份资助较低"),
        N_("通知规定按顺序确定身份；其中另有一个身份资助更高，请核对。"),
    ),
    _rule("window.closed", N_("不在参保时段"), N_("缴清日期（未缴的，为测算的那一天）在通知的所有参保时段之外。")),
    _rule("window.gap", N_("通知未作规定"), N_("缴清日期落在两个参保时段之间，通知未作规定，请向医保局请示。")),
    _rule("coverage.too_late", N_("待遇期内无可享受日"), N_("按规定推算的待遇起始日晚于待遇截止日，请向医保局请示。")),
    _rule("identity.unsubsidised", N_("身份不在资助范围"), N_("持有的身份中有本通知不予资助的，不产生资助。")),
)
BUILTIN_RULES = {rule.id: rule for rule in _RULES}
