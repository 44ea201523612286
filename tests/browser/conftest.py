"""A real browser on the browser chat. Without Playwright or Chromium these tests are skipped, and say why.

`sandbox_url` is the address of a demo server of its own, its clock standing at 08:30 on Monday 23 November 2026.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.chat import Chat

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The name server of this browser knows no host at all: a page that needs another one fails here.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module; not for the session, because Playwright keeps an event loop while it lives."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = own if os.path.exists(own) else next(filter(None, map(shutil.which, NAMES)), None)
        if not found:
            pytest.skip("no Chromium here (apt-get install chromium, or playwright install chromium)")
        # Chromium refuses its own sandbox to root, which is who runs tests in a container.
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", OFFLINE]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_chat(sandbox_url: str, chromium: Browser) -> Iterator[Callable[..., Chat]]:
    """Opens the chat, as often as a test likes. Whatever the console complained about fails the test at its end."""
    from tests.browser.chat import Chat

    opened: list[tuple[Any, Chat]] = []

    def open_(locale: str = "zh-CN", width: int = 1440, height: int = 900, **context: Any) -> Chat:
        made = chromium.new_context(
            locale=locale, viewport={"width": width, "height": height}, reduced_motion="reduce", **context
        )
        chat = Chat(made.new_page(), sandbox_url)
        opened.append((made, chat))
        return chat

    yield open_
    for made, chat in opened:
        made.close()
        assert chat.foreign == [], "the page asked another host"
        assert chat.complaints == [], "the console complained"
