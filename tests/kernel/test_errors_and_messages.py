from __future__ import annotations

import pytest

from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused, RowProblem, YingbaoError
from yingbao.kernel.messages import Message, say, translate


def test_a_message_fills_its_parameters_and_those_that_are_messages() -> None:
    inner = say("第 {row} 行", row=3)
    assert str(say("{where}有误", where=inner)) == "第 3 行有误"


def test_a_parameter_is_never_read_as_a_template() -> None:
    assert str(say("姓名{name}", name="{0.__class__}")) == "姓名{0.__class__}"


def test_a_sentence_without_translation_stays_chinese() -> None:
    assert translate("没有译文的句子", "en") == "没有译文的句子"
    assert Message("没有译文的句子").render("en-gb") == "没有译文的句子"


def test_an_error_says_what_which_fact_and_what_to_do() -> None:
    error = Refused(say("不能缴费"), fact=say("已参加职工医保"), todo=say("请核对"))
    assert str(error) == "不能缴费。已参加职工医保。请核对"
    assert str(Refused(say("不能缴费"))) == "不能缴费"
    assert error.render("fr") == "不能缴费. 已参加职工医保. 请核对"
    assert str(Refused(say("不能缴费！"), todo=say("请核对"))) == "不能缴费！请核对"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(YingbaoError, "error"), (Refused, "refused"), (NotFound, "not-found"), (Forbidden, "forbidden"),
     (BadInput, "bad-input"), (Conflict, "conflict")],
)  # fmt: skip
def test_codes_are_stable(kind: type[YingbaoError], code: str) -> None:
    assert kind.code == code
    assert issubclass(kind, YingbaoError)


def test_a_row_problem_is_fatal_unless_said_otherwise() -> None:
    assert RowProblem(5, "姓名", "", say("为空")).fatal
