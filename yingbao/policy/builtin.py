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
    _rule("window.closed", N_("不在参保时段"), N_("缴清日期（未缴的，为测算的那一天）在通知的所有参保时段之外。")),
    _rule("window.gap", N_("通知未作规定"), N_("缴清日期落在两个参保时段之间，通知未作规定，请向医保局请示。")),
    _rule("coverage.too_late", N_("待遇期内无可享受日"), N_("按规定推算的待遇起始日晚于待遇截止日，请向医保局请示。")),
    _rule("identity.unsubsidised", N_("身份不在资助范围"), N_("持有的身份中有本通知不予资助的，不产生资助。")),
)
BUILTIN_RULES = {rule.id: rule for rule in _RULES}
