"""``decide`` compiled by numba; imported only when a population is large enough to be worth it.

The compiled code is kept beside the source, or in the user's cache folder, so that only the first run compiles.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numba.extending import register_jitable

from yingbao.policy import decide as source

for _helper in (
    source.civil,
    source.place_of,
    source.find_problems,
    source.join_bytes,
    source.find_age,
    source.find_band,
    source.find_rank,
    source.find_cover,
    source.find_slot,
):
    register_jitable(_helper)


def _compile() -> Any:
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(source.decide)
    except RuntimeError:  # no folder to keep it in: compile it for this process
        return njit(nogil=True, error_model="numpy")(source.decide)


decide = _compile()
