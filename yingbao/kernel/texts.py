"""What people type, made fit to keep: nothing no keyboard types, and no longer than there is room for."""

from __future__ import annotations

import re

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say

# Control signs (PostgreSQL takes no NUL), those that turn the direction of what follows, and halves of signs.
NOT_TYPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str, *, limit: int) -> str:
    """Return a text without blanks around it, at most ``limit`` signs of it; empty where there is nothing.

    Raises BadInput where it is longer or holds a sign that no keyboard types.
    """
    text = text.strip()
    if len(text) > limit:
        raise BadInput(say(N_("填写的内容太长（最多 {limit} 字）。"), limit=limit))
    if NOT_TYPED.search(text):
        raise BadInput(
            say(N_("填写的内容中有不应有的字符。")), todo=say(N_("请删去后重新填写；从别处粘贴的，请手工输入。"))
        )
    return text
