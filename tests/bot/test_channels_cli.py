"""Channels at the command line: what doctor says of them, and who approved what they are told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlmodel import Session

from bot.config import read_settings
from bot.operator import opened
from storage.tables.counties import Setting
from tests.bot.test_cli import county, does, fails, folder, migrated, one_line, run
from tests.fakes.telegram import FakeTelegram

__all__ = ["county", "folder", "migrated"]
WELL = "ok   Telegram: connected as @"


F = TypeVar("F", bound=AbstractAsyncContextManager[Any])


@contextmanager
def elsewhere(fake: F) -> Iterator[F]:
    """The fake in a thread of its own: a command of the command line blocks this one."""
    loop, up, down = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def live() -> None:
        async with fake:
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    assert up.wait(60)
    yield fake
    loop.call_soon_threadsafe(down.set)
    thread.join(60)
    loop.close()


@pytest.fixture
def telegram(county: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    with elsewhere(FakeTelegram()) as fake:
        monkeypatch.setenv("FANGPINGCHA_TELEGRAM_TOKEN", fake.token)
        monkeypatch.setenv("FANGPINGCHA_TELEGRAM_API_BASE", fake.api_base)
        yield fake


def doctor() -> tuple[int, list[str]]:
    result = run("doctor")
    return result.exit_code, [
        line for line in result.stdout.splitlines() if "Telegram" in line or "Channels" in line
    ]


def approve(*more: str) -> str:
    return does("channel", "approve", "telegram", "--by", "袁志新", "--document", "嘉纪办〔2026〕12号", *more)


def test_without_a_channel_it_says_so(county: Path) -> None:
    assert doctor() == (0, ["ok   Channels: none is set up, so nobody can be told anything yet"])
    assert does("channel", "list").startswith("ok   Channels: none")


def test_doctor_asks_the_vendor_and_for_an_approval(telegram: FakeTelegram) -> None:
    code, lines = doctor()
    assert code == 1
    assert lines[0].startswith(WELL)
    assert lines[1] == "ok   Telegram: receives by polling"
    assert lines[2].startswith("FAIL Telegram: nobody has approved yet that it is told “coded”.")
    assert approve() == "Recorded: telegram may be told “coded”.\n"
    code, lines = doctor()
    assert code == 0
    assert lines[2].startswith("ok   Telegram: “coded” was approved on ")


def test_a_level_beyond_what_was_approved(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    approve("--level", "notice", "--on", "2026-11-20")
    said = does("channel", "list")
    assert (
        said == "FAIL Telegram: it is told “coded”, but no more than “notice” was approved on 20 November.\n"
    )
    monkeypatch.setenv("FANGPINGCHA_TELEGRAM_DISCLOSURE", "notice")
    assert does("channel", "list") == "ok   Telegram: “notice” was approved on 20 November\n"
    approve("--level", "full")
    monkeypatch.setenv("FANGPINGCHA_TELEGRAM_DISCLOSURE", "full")
    assert does("channel", "list").startswith("ok   Telegram: “full” was approved")


def test_a_channel_that_is_told_almost_nothing_needs_our_pages(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve("--level", "notice")
    monkeypatch.setenv("FANGPINGCHA_TELEGRAM_DISCLOSURE", "notice")
    code, lines = doctor()
    assert code == 1
    assert lines[-1] == (
        "FAIL Telegram: at “notice” forms are filled in on our pages, but FANGPINGCHA_PUBLIC_URL is not set"
    )
    monkeypatch.setenv("FANGPINGCHA_PUBLIC_URL", "https://care.example.org/")
    assert "FANGPINGCHA_PUBLIC_URL" not in "".join(doctor()[1])


def test_what_doctor_says_when_telegram_is_not_well(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve()
    telegram.faults.unauthorized(method="getMe")
    assert doctor() == (
        1,
        ["FAIL Telegram: the token is refused; take it from BotFather once more", _approved()],
    )
    telegram.faults.server_error(method="getMe")
    assert doctor() == (1, ["FAIL Telegram: cannot be reached (NetworkError)", _approved()])
    monkeypatch.setenv("FANGPINGCHA_PUBLIC_URL", "https://care.example.org/")
    monkeypatch.setenv("FANGPINGCHA_TELEGRAM_WEBHOOK_SECRET", "sixteen-letters-x")
    code, lines = doctor()
    assert (code, lines[1]) == (1, "FAIL Telegram: the webhook is not set; “fangpingcha serve” sets it")
    monkeypatch.setenv("FANGPINGCHA_TELEGRAM_API_BASE", "http://127.0.0.1:9/bot")
    assert doctor() == (1, ["FAIL Telegram: cannot be reached (NetworkError)", _approved()])


def _approved() -> str:
    return does("channel", "list").strip()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("pigeon", "--by", "a", "--document", "b"), "There is no channel pigeon."),
        (("telegram", "--by", " ", "--document", "b"), "An approval names who gave it"),
        (("telegram", "--by", "a" * 201, "--document", "b"), "has at most 200 characters"),
        (
            ("telegram", "--by", "a", "--document", "b", "--on", "2099-01-01"),
            "still to come",
        ),
    ],
)
def test_an_approval_that_says_too_little_is_refused(county: Path, args: tuple[str, ...], said: str) -> None:
    assert said in one_line("channel", "approve", *args)


def test_an_approval_wants_its_words(county: Path) -> None:
    assert "--by" in fails("channel", "approve", "telegram", code=2)


def test_an_invitation_has_a_link_once_the_name_is_known(telegram: FakeTelegram) -> None:
    does("member", "add", "--name", "李敏", "--role", "care_officer")
    assert "t.me" not in does("member", "invite", "1")

    def learn(session: Session) -> None:
        session.merge(Setting(key="telegram_username", value="care_bot"))

    with opened(read_settings()) as lane:
        lane.run_now(learn)
    code, how, link = does("member", "invite", "1").splitlines()
    assert link == f"Or opens: https://t.me/care_bot?start={code}"
    assert code in how


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TELEGRAM_TOKEN", "secret", "this is not a bot's token as BotFather gives it"),
        ("TELEGRAM_WEBHOOK_SECRET", "short", "16 to 256 letters"),
        ("TELEGRAM_API_BASE", "api.telegram.org", "an address that begins with https://"),
        ("PUBLIC_URL", "care.example.org", "an address that begins with https://"),
        ("TELEGRAM_DISCLOSURE", "all", "'full', 'coded' or 'notice'"),
    ],
)
def test_a_wrong_setting_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"FANGPINGCHA_{name}", value)
    line = one_line("doctor")
    assert line.startswith(f"FANGPINGCHA_{name}: ")
    assert said in line
    assert value not in line or value == "all"
