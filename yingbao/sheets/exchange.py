"""The two files exchanged with the tax agency-collection client, in our own layout (PJ-5.2.2).

The client's own layout is not public, and these claim no compatibility with it: an office names, orders and leaves
out columns as its client wants them.
"""

from __future__ import annotations

from yingbao.sheets.layout import Column, Kind, Layout

_BATCH = Column("batch", "申报批次", ("批次号", "批次"), required=False, width=10)
_LINE = Column("line", "行号", ("明细行号", "明细编号"), required=False, width=10)
_NAME = Column("name", "姓名", ("参保人姓名", "缴费人姓名"), required=False, width=10)
_ID = Column("cert_number", "证件号码", ("身份证号码", "身份证号", "身份证件号码"), required=False, width=21)

DECLARATION_FILE = Layout(
    "declaration",
    "居民医保费申报明细",
    (
        Column("number", "序号", required=False, kind=Kind.INTEGER, width=6),
        _BATCH,
        _LINE,
        Column("kind", "申报种类", required=False, width=10),
        _NAME,
        Column("cert_kind", "证件类型", required=False, width=9),
        _ID,
        Column("insutype", "险种", required=False, width=6),
        Column("year", "参保年度", required=False, width=9),
        Column("tier", "档次", required=False, width=6),
        Column("personal_fen", "个人应缴", required=False, kind=Kind.MONEY),
        Column("subsidy_fen", "资助金额", required=False, kind=Kind.MONEY),
        Column("fiscal_fen", "财政补助", required=False, kind=Kind.MONEY),
        Column("total_fen", "缴费总额", required=False, kind=Kind.MONEY),
        Column("identity", "资助身份", required=False, width=16),
        Column("household", "户号", required=False, width=12),
        Column("town", "镇街", required=False),
        Column("village", "村居", required=False),
        Column("collected_on", "收款日期", required=False, kind=Kind.DATE),
        Column("declared_on", "申报日期", required=False, kind=Kind.DATE),
        Column("agent", "经办人", required=False, width=10),
        Column("receipt", "票据号", required=False, width=16),
    ),
)

RESULT_FILE = Layout(
    "result",
    "居民医保费申报回执",
    (
        _BATCH,
        _LINE,
        _NAME,
        _ID,
        Column("amount_fen", "个人应缴", ("个人缴费金额", "实缴金额", "缴费金额"), False, Kind.MONEY),
        Column("answer", "受理结果", ("处理结果", "申报结果", "结果"), width=10),
        Column("cleared_on", "入库日期", ("到账日期", "缴款日期"), False, Kind.DATE),
        Column("reason", "退回原因", ("失败原因", "不通过原因"), required=False, width=30),
    ),
    key="answer",
)
