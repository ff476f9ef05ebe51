"""The e-tax bureau."""

from yingbao.collection.channels.guide import Guide
from yingbao.kernel.messages import N_

GUIDE = Guide(
    steps=(
        N_("登录电子税务局网页或手机端，用本人身份登录。"),
        N_("进入“社保业务”，选“城乡居民社会保险费缴纳”。"),
        N_("填写参保人，核对姓名、年度、档次和金额。"),
        N_("选择付款方式完成支付；需要的可在网页上打印缴费证明。"),
    ),
    reference=N_("电子税票号码（缴费证明上）"),
)
