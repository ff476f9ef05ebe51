from __future__ import annotations

import pytest

from tests.imports.cast import Cast, people_the_district


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_district()
