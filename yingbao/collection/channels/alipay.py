"""Alipay."""

from yingbao.collection.channels.guide import Guide
from yingbao.kernel.messages import N_

GUIDE = Guide(
    steps=(
        N_("打开支付宝，点首页“扫一扫”，对准窗口屏幕或手机上的二维码。"),
        N_("没有二维码的：在“市民中心”中找到“社保缴费”（各地名称可能不同），选“城乡居民医保”。"),
        N_("核对参保人姓名、年度、档次和金额；替别人缴的，填对方的姓名和证件号码。"),
        N_("点“确认付款”，输入支付密码。"),
        N_("看到“支付成功”就可以了；支付宝“账单”里能查到这笔钱，不用再到窗口缴。"),
    ),
    reference=N_("订单号（支付宝“账单”的账单详情里）"),
)
