"""The channels' guides by code."""

from __future__ import annotations

from collections.abc import Mapping

from yingbao.collection.channels import alipay, etax, unionpay_quickpass, wechat, yukuaiban
from yingbao.collection.channels.guide import Guide
from yingbao.collection.kinds import Channel

GUIDES: Mapping[str, Guide] = {
    Channel.WECHAT.value: wechat.GUIDE,
    Channel.ALIPAY.value: alipay.GUIDE,
    Channel.YUKUAIBAN.value: yukuaiban.GUIDE,
    Channel.UNIONPAY.value: unionpay_quickpass.GUIDE,
    Channel.ETAX.value: etax.GUIDE,
}
