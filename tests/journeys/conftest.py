from __future__ import annotations

import pytest

from tests.journeys.cast import Cast, people_the_town


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()
