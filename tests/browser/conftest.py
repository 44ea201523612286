"""A real browser on the browser chat. Without Playwright or Chromium these tests are skipped, and say why.

`sandbox_url` is the address of a demo server of its own, its clock standing at 08:30 on Monday 23 November 2026.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from bot import demo_server
from bot.app import build, open_storage, web_of
from storage.clock import SandboxClock
from tests.conftest import OPENING, settings_of

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
    # Only a failure waits so long; two workers may share one slow core.
    api.expect.set_options(timeout=20_000)
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
def sandbox_url(lived_in: Path, tmp_path: Path) -> Iterator[str]:
    """A demo server of this test's own, in a thread: Playwright keeps an event loop in the main one."""
    shutil.copytree(lived_in, tmp_path / "demo")
    settings = settings_of(f"sqlite:///{tmp_path / 'demo' / 'county.db'}", tmp_path / "demo" / "county.key")
    house = build(settings, open_storage(settings), SandboxClock(OPENING, standing=True))
    server = demo_server.Server(
        uvicorn.Config(web_of(house), port=0, log_level="warning", timeout_graceful_shutdown=1), house, ""
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.stop_pages()
    server.should_exit = True
    thread.join()


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
