"""A channel reports money for an order nobody knows: it is in the books from that moment, and waits to be claimed."""

from __future__ import annotations

from datetime import datetime

from yingbao.demo.desk import POLICY
from yingbao.demo.season import Season
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.messages import N_
from yingbao.kernel.money import format_yuan
from yingbao.usecases.take_word import Word, take_word

MISTYPED = "YB20230928AAAAAAAAAAAA"
FEN = 96_000


def play(season: Season, *, at: datetime) -> list[Told]:
    """Let the channel say so; say what became of it."""
    word = Word("wechat", "DEMO-4200001", FEN, at, order=MISTYPED)
    take_word(season.desk.channels["wechat"], word, policy_name=POLICY, at=at)
    return [(N_("渠道到款：微信报来{yuan}元，订单和人都对不上，已入账，待区医保局认领"), {"yuan": format_yuan(FEN)})]
