from __future__ import annotations

import pytest

from tests.imports.cast import Cast, people_the_district
from tests.support.passwords import passwords_hashed_once

__all__ = ["passwords_hashed_once"]


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_district()
