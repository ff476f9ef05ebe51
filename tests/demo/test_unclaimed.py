"""The demo's money for nobody, on the small town of the journeys."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast as as_type

import pytest

from tests.journeys.cast import at, people_the_town
from tests.journeys.test_receiving import holds
from yingbao.collection.models import KeptMoney
from yingbao.demo.desk import SHOWN_ON
from yingbao.demo.season import Season
from yingbao.demo.unclaimed import play


@pytest.mark.django_db
def test_it_is_kept_and_told() -> None:
    town = people_the_town()
    desk = SimpleNamespace(channels={"wechat": town.wechat})
    ((sentence, words),) = play(as_type(Season, SimpleNamespace(desk=desk)), at=at(SHOWN_ON))
    assert "待区医保局认领" in sentence and words == {"yuan": "960.00"}
    assert KeptMoney.objects.get().state == "kept"
    assert holds(town)
