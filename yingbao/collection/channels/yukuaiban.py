"""Yukuaiban, the city's app."""

from yingbao.collection.channels.guide import Guide
from yingbao.kernel.messages import N_

GUIDE = Guide(
    steps=(
        N_("打开“渝快办”，用本人手机号登录，并完成实名认证。"),
        N_("搜索“城乡居民医保缴费”，进入缴费页面。"),
        N_("填写或选择参保人，核对姓名、年度、档次和金额；家里老人孩子可以由您代缴。"),
        N_("选择付款方式完成支付，看到“缴费成功”后截屏保存。"),
    ),
    reference=N_("缴费流水号（缴费成功页面上）"),
)
