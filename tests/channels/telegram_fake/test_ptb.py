"""python-telegram-bot works against the fake as it is, in its own ways of sending."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.fakes.telegram import FakeTelegram, User

pytest.importorskip("telegram")

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)


@pytest.fixture
async def bot(fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the library warns about its own numbers
    async with Bot(fake.token, base_url=fake.api_base, base_file_url=fake.file_base) as running:
        yield running


def keyboard(label: str, data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


async def test_a_conversation(bot: Bot, user: User) -> None:
    await user.start("CODE")
    message = (await bot.get_updates(timeout=1))[0].message
    assert message is not None
    assert message.from_user is not None
    assert (message.text, message.from_user.language_code) == ("/start CODE", "zh-hans")

    bold = [MessageEntity(MessageEntity.BOLD, 0, 2)]
    buttons = keyboard("记录", "y:1")
    sent = await bot.send_message(user.id, "今日", entities=bold, reply_markup=buttons)
    assert sent.reply_markup == buttons
    assert user.chat[-1].shown("bold") == ["今日"]

    await user.taps("记录")
    query = (await bot.get_updates(offset=-1))[0].callback_query
    assert query is not None
    assert query.data == "y:1"
    await query.answer("好")
    await query.edit_message_text("已记录")
    assert (user.spinning, user.clicks[0].text, user.chat[-1].text) == (False, "好", "已记录")
    assert await bot.delete_messages(user.id, [user.chat[-1].id])


async def test_files(bot: Bot, user: User) -> None:
    document = await bot.send_document(user.id, b"PK", filename="表.xlsx", caption="c")
    photo = await bot.send_photo(user.id, b"png", filename="a.png")
    voice = await bot.send_voice(user.id, b"ogg")
    assert document.document is not None
    assert voice.voice is not None
    assert (document.document.file_name, len(photo.photo)) == ("表.xlsx", 1)
    await user.sends_voice(b"said")
    message = (await bot.get_updates(offset=-1))[0].message
    assert message is not None
    assert message.voice is not None
    file = await message.voice.get_file()
    assert bytes(await file.download_as_bytearray()) == b"said"


async def test_every_kind_of_update_can_be_read(fake: FakeTelegram, bot: Bot, user: User) -> None:
    await user.sends_sticker()
    await user.sends_poll()
    await user.sends_location()
    await user.blocks()
    await user.unblocks()
    await user.says("x")
    await user.edits(user.chat[-1], "y")
    await user.forwards(user.chat[-1])
    await user.taps_data("x")
    fake.channel_post("news")
    fake.inject({"moon_phase": {}})
    assert len(await bot.get_updates()) == 11


async def test_settings(bot: Bot) -> None:
    commands = [BotCommand("help", "帮助")]
    scope = BotCommandScopeAllPrivateChats()
    assert await bot.set_my_commands(commands, scope=scope, language_code="zh")
    assert await bot.get_my_commands(scope=scope, language_code="zh") == tuple(commands)
    assert await bot.set_my_short_description("助手", language_code="zh")
    assert await bot.set_webhook("http://127.0.0.1:1/hook", secret_token="s", allowed_updates=["message"])
    info = await bot.get_webhook_info()
    assert (info.url, info.allowed_updates) == ("http://127.0.0.1:1/hook", ("message",))
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()


async def test_errors_become_its_own(fake: FakeTelegram, bot: Bot, user: User) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "x")
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(user.id, "x", reply_markup=keyboard("x", "字" * 22))
    fake.faults.too_many(7, method="sendMessage")
    with pytest.raises(RetryAfter) as flood:
        await bot.send_message(user.id, "x")
    assert flood.value.retry_after == timedelta(seconds=7)
    fake.floods.forgive()
    for script in (fake.faults.reset, fake.faults.bad_gateway, fake.faults.server_error):
        script(method="sendMessage")
        with pytest.raises(NetworkError):
            await bot.send_message(user.id, "x")
    fake.faults.cut(method="sendMessage")
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(user.id, "x")
    fake.faults.unauthorized(method="sendMessage")
    with pytest.raises(InvalidToken):
        await bot.send_message(user.id, "x")
    await user.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(user.id, "x")
