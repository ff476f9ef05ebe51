"""``decide`` compiled by numba; imported only when a population is large enough to be worth it.

The compiled code is kept beside the source, or in the user's cache folder, so that only the first run compiles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numba.extending import overload, register_jitable

from yingbao.policy import decide as source

_HELPERS = (
    source.civil,
    source.place_of,
    source.find_problems,
    source.join_bytes,
    source.find_age,
    source.find_band,
    source.find_rank,
    source.find_answer,
    source.find_cover,
    source.find_money,
    source.find_key,
    source.find_slot,
    source.look_closer,
)
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
}  # nothing is allocated: no references to count


def _compile() -> Any:
    # An unsigned index spares the compiled code to ask, at every look-up, whether it counts from the end.
    overload(source.at)(lambda place: lambda place: np.uint64(place))
    for helper in _HELPERS:
        register_jitable(forceinline=True)(helper)
    try:
        return njit(cache=True, **_OPTIONS)(source.decide)
    except RuntimeError:  # no folder to keep it in: compile it for this process
        return njit(**_OPTIONS)(source.decide)


decide = _compile()
