"""The town of the demo's seed, peopled once for all tests: none of them changes it."""

from __future__ import annotations

import pytest

from yingbao.demo import town
from yingbao.demo.people import Town

SEED = 2023


@pytest.fixture(scope="session")
def pingjin() -> Town:
    """Return the synthetic town."""
    return town.build(SEED)
