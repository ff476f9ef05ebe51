"""Take pictures of the pages of a running server, as each role sees them, in both languages and themes.

``python -m tests.support.screenshots http://127.0.0.1:8000 FOLDER [--only NAME …] [--look light-zh …]``
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.browser import FLAGS, TIMEOUT_MS, find_chromium

DESK, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
PASSWORD = "yingbao-demo"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    theme: str
    language: str
    size: dict[str, int]


LOOKS = {
    "light-zh": Look("light", "zh-hans", DESK),
    "dark-zh": Look("dark", "zh-hans", DESK),
    "light-en": Look("light", "en", DESK),
    "dark-en": Look("dark", "en", DESK),
    "phone-zh": Look("light", "zh-hans", PHONE),
    "phone-dark-en": Look("dark", "en", PHONE),
}


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its name, the demo login that looks at it, and the way there.

    ``path`` may end in ``> pattern``: the first link on that page whose address matches is followed, and so on;
    ``> css:selector`` follows the first link that fits. ``press`` is clicked before the picture is taken.
    """

    name: str
    login: str
    path: str
    press: str = ""


# In a list of residents: the household of the first who is neither enrolled nor insured elsewhere.
UNENROLLED = "tbody tr:not(:has(.good)):not(:has(td:nth-child(6) .chip)) a[href*=households]"
SHOTS = (
    Shot("login", "", "/login/"),
    Shot("dashboard", "zhen1", "/"),
    Shot("dashboard-village", "cun01", "/"),
    Shot("dashboard-bureau", "yibao", "/"),
    Shot("home-department", "minzheng", "/"),
    Shot("home-administrator", "guanli", "/"),
    Shot("residents", "zhen1", "/residents/"),
    Shot("resident", "yibao", r"/settlements/ > css:tbody tr:nth-child(2) a > /residents/\d+/$"),
    Shot("household", "cun01", f"/residents/ > css:{UNENROLLED}", "input[name^=tier_][value='1']"),
    Shot("payment", "cun01", r"/payments/ > /payments/\d+/$"),
    Shot("day", "cun01", "/day/"),
    Shot("work", "zhen1", "/work/"),
    Shot("progress", "zhen1", "/progress/"),
    Shot("week", "zhen1", r"/progress/ > /progress/[\d-]+/$"),
    Shot("money", "zhen1", "/money/"),
    Shot("transfers", "shuiwu", "/money/transfers/"),
    Shot("declarations", "shuiwu", "/money/declarations/"),
    Shot("settlements", "yibao", "/settlements/"),
    Shot("settlement", "yibao", r"/settlements/ > /settlements/\d+/$"),
    Shot("notices", "zhen1", "/notices/"),
    Shot("files", "yibao", "/files/?kind=roster"),
    Shot("file", "yibao", r"/files/?kind=roster > /files/\d+/$"),
    Shot("policy", "", "/policy/liangping-2023/"),
    Shot("rule", "", "/policy/liangping-2023/rules/PJ-7.2d/"),
    Shot("audit", "shenji", "/audit/"),
    Shot("users", "guanli", "/users/"),
)


def main() -> None:
    """Take the pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--look", nargs="*", default=list(LOOKS), choices=list(LOOKS))
    parser.add_argument("--plain", action="store_true", help="name the files after the pages alone (one look only)")
    parser.add_argument("--whole", action="store_true", help="the whole page, not only what a screen shows")
    options = parser.parse_args()
    shots = [shot for shot in SHOTS if not options.only or shot.name in options.only]
    options.folder.mkdir(parents=True, exist_ok=True)
    with _chromium() as browser:
        for name in options.look:
            take_all(browser, options, shots, name)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))


def take_all(browser: Browser, options: argparse.Namespace, shots: list[Shot], look: str) -> None:
    """Take every shot in one look, logging in once per login."""
    contexts: dict[str, BrowserContext] = {}
    for shot in shots:
        if shot.login not in contexts:
            contexts[shot.login] = enter(browser, options.server, shot.login, LOOKS[look])
        page = contexts[shot.login].new_page()
        go(page, shot.path)
        if shot.press:
            page.locator(shot.press).first.click()
            page.wait_for_load_state("networkidle")
        path = options.folder / (f"{shot.name}.png" if options.plain else f"{shot.name}-{look}.png")
        page.screenshot(path=path, full_page=options.whole)
        page.close()
        print(path)


def enter(browser: Browser, server: str, login: str, look: Look) -> BrowserContext:
    """Return a fresh profile with this look, logged in where a login is named."""
    context = browser.new_context(
        base_url=server, viewport={"width": look.size["width"], "height": look.size["height"]}
    )
    context.set_default_timeout(TIMEOUT_MS)
    cookies = {"theme": look.theme, "django_language": look.language}
    context.add_cookies([{"name": name, "value": value, "url": server} for name, value in cookies.items()])
    if login:
        page = context.new_page()
        page.goto("/login/")
        page.fill("#id_username", login)
        page.fill("#id_password", PASSWORD)
        page.click("form.login button")
        page.wait_for_url(re.compile("(?<!login)/$"))
        page.close()
    return context


def go(page: Page, path: str) -> None:
    """Open the first address of ``path`` and follow a link for every pattern behind it."""
    first, *patterns = path.split(" > ")
    page.goto(first)
    for pattern in patterns:
        if pattern.startswith("css:"):
            page.goto(page.locator(pattern.removeprefix("css:")).first.get_attribute("href") or "")
            continue
        addresses = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.href)")
        page.goto(next(address for address in addresses if re.search(pattern, address)))


if __name__ == "__main__":
    main()
