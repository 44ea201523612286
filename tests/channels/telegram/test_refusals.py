"""Telegram's refusals as ours: who is gone, who has to wait, and whether the message may be there all the same."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from telegram import error as said

from bot.channels.telegram.robot import Robot
from bot.channels.telegram.sending import refusal_of
from tests.fakes.telegram import FakeTelegram


@pytest.mark.parametrize(
    ("error", "uncertain"),
    [
        (said.BadRequest("message text is empty"), False),
        (said.Forbidden("bot was blocked by the user"), False),
        (said.InvalidToken(), False),
        (said.RetryAfter(timedelta(seconds=3)), False),
        (said.Conflict("terminated by other getUpdates request"), False),
        (said.ChatMigrated(5), False),
        (said.TimedOut(), True),
        (said.NetworkError("Internal Server Error"), True),
        (said.TelegramError("Invalid server response"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_refusal_is_certain_and_silence_is_not(error: said.TelegramError, uncertain: bool) -> None:
    assert refusal_of(error).uncertain is uncertain


@pytest.mark.parametrize(
    ("cause", "uncertain"),
    [
        (httpx.ConnectError("no such host"), False),
        (httpx.ConnectTimeout(""), False),
        (httpx.PoolTimeout(""), False),
        (httpx.ReadTimeout(""), True),
        (httpx.WriteTimeout(""), True),
        (httpx.ReadError(""), True),
        (httpx.RemoteProtocolError(""), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_never_left_us_is_not_there(cause: Exception, uncertain: bool) -> None:
    error = said.NetworkError("httpx")
    error.__cause__ = cause
    assert refusal_of(error).uncertain is uncertain


async def test_a_host_that_is_not_there_leaves_no_doubt() -> None:
    """By the library's own way to say so."""
    robot = Robot(FakeTelegram().token, "http://127.0.0.1:9/bot")
    await robot.open()
    with pytest.raises(said.NetworkError) as raised:
        await robot.send_message(1, "x")
    await robot.close_requests()
    assert not refusal_of(raised.value).uncertain
