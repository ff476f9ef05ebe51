"""Whatever a page links to opens for whoever is shown the link: no dead end, no door that is shut."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import Login, Story

LINK = re.compile(r'<a [^>]*href="([^"#]+)"')
MOST = 400
PARTS = ["", "bureau", "tax", "health", "town-clerk", "village-agent", "auditor", "administrator", "resident", "school"]


@pytest.mark.parametrize("part", PARTS)
def test_every_link_opens(story: Story, login: Login, part: str) -> None:
    client = login(part)
    waiting, seen, shut = ["/" if part else "/policy/"], {"/login/"}, {}
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        if response.status_code != 200:
            shut[address] = response.status_code
        elif response["Content-Type"].startswith("text/html"):
            path = address.split("?")[0]
            found = [link.replace("&amp;", "&") for link in LINK.findall(response.content.decode())]
            waiting += [path + link if link.startswith("?") else link for link in found]
    allowed = {"/": 302} if not part else {}  # the brand leads to the workbench, which asks for a login
    assert shut == allowed
    assert len(seen) > 5
