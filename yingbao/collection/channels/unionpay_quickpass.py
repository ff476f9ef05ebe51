"""UnionPay QuickPass."""

from yingbao.collection.channels.guide import Guide
from yingbao.kernel.messages import N_

GUIDE = Guide(
    steps=(
        N_("打开“云闪付”，绑定本人银行卡；点“扫一扫”，对准窗口屏幕或手机上的二维码。"),
        N_("没有二维码的：搜索“社保缴费”，选“城乡居民医保”。"),
        N_("核对参保人姓名、年度、档次和金额。"),
        N_("点“确认付款”，输入银行卡密码或验证码，看到“支付成功”就可以了。"),
    ),
    reference=N_("交易流水号（云闪付“账单”里）"),
)
