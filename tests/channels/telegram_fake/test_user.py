"""The person's side: what a phone can do, what it cannot, and what it shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.channels.telegram_fake.caller import Caller, Refusal
from tests.fakes.telegram import CannotDo, FakeTelegram, User

GROUP = -1_001_234_567_890


async def news(call: Caller) -> Any:
    """The newest update."""
    return (await call("getUpdates", offset=-1))[0]


async def test_start_carries_the_code(fake: FakeTelegram, call: Caller) -> None:
    person = fake.user(7_000_000_009, "Anna Example", "en", "anna_example")
    await person.start("CODE_1-a")
    message = (await news(call))["message"]
    assert message["text"] == "/start CODE_1-a"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"] == {
        "id": 7_000_000_009,
        "is_bot": False,
        "first_name": "Anna Example",
        "username": "anna_example",
        "language_code": "en",
    }
    with pytest.raises(CannotDo, match="64"):
        await person.start("no spaces")


async def test_a_tap_tells_all_about_itself(call: Caller, user: User) -> None:
    sent = await call.keyboard(user.id, "上一页", "下一页")
    await user.taps("下一")
    query = (await news(call))["callback_query"]
    assert (query["data"], query["from"]["id"]) == ("下一页", user.id)
    assert query["id"]
    assert query["chat_instance"]
    assert query["message"] == sent
    with pytest.raises(CannotDo, match="no button"):
        await user.taps("第三")


async def test_a_late_phone_taps_what_it_saw(call: Caller, user: User) -> None:
    await call.keyboard(user.id, "old")
    stale = user.chat[-1]
    place: Any = {"chat_id": user.id, "message_id": stale.id}
    await call("editMessageText", **place, text="new")
    await user.taps("old", on=stale)
    assert (await news(call))["callback_query"]["message"]["text"] == "new"
    await call("deleteMessage", **place)
    await user.taps_data("forged", on=stale)
    gone = (await news(call))["callback_query"]["message"]
    assert gone == {"chat": gone["chat"], "message_id": stale.id, "date": 0}
    assert user.again(stale) is None


async def test_hearing(call: Caller, user: User) -> None:
    await call("sendMessage", chat_id=user.id, text="before")
    await user.says("question")
    hearing = asyncio.create_task(user.hears(lambda message: "answer" in message.text))
    await asyncio.sleep(0.01)
    await call("sendMessage", chat_id=user.id, text="an answer")
    assert (await hearing).text == "an answer"
    with pytest.raises(TimeoutError, match="李敏 did not hear"):
        await user.hears(lambda message: message.text == "before", timeout=0.02)
    assert (await user.hears(lambda message: message.text == "before", ever=True)).from_bot
    await call("editMessageText", chat_id=user.id, message_id=user.told[0].id, text="before, edited")
    assert (await user.hears(lambda message: "before" in message.text)).edited


async def test_blocking_and_coming_back(call: Caller, user: User) -> None:
    await user.blocks()
    member = (await news(call))["my_chat_member"]
    assert (member["old_chat_member"]["status"], member["new_chat_member"]["status"]) == ("member", "kicked")
    with pytest.raises(CannotDo, match="blocked"):
        await user.says("x")
    await user.start()
    assert [list(update)[1] for update in await call("getUpdates")][-2:] == ["my_chat_member", "message"]
    await call("sendMessage", chat_id=user.id, text="welcome back")


async def test_forwarding_loses_the_buttons(fake: FakeTelegram, call: Caller, user: User) -> None:
    await call.keyboard(user.id, "a", text="t")
    message = user.chat[-1]
    other, group = fake.user(8, "王建国"), fake.group(GROUP, [user])
    handed = await user.forwards(message, to=other)
    assert (handed.text, handed.labels, other.chat) == ("t", [], [])
    assert (await user.forwards(message, to=group)).labels == []
    forwarded = (await news(call))["message"]
    assert forwarded["forward_origin"]["sender_user"]["is_bot"]
    assert forwarded["chat"] == {"id": GROUP, "type": "supergroup", "title": "Group"}
    await call("sendMessage", chat_id=user.id, text="secret", protect_content=True)
    with pytest.raises(CannotDo, match="protected"):
        await user.forwards(user.chat[-1], to=other)


async def test_everything_else_one_can_send(call: Caller, user: User) -> None:
    await user.sends_sticker()
    await user.sends_poll()
    await user.sends_location(44.4, 26.1)
    await user.sends_voice(b"ogg")
    await user.says("wrong")
    await user.edits(user.chat[-1], "right")
    updates = await call("getUpdates")
    kinds = ["sticker", "poll", "location", "voice", "text"]
    assert all(kind in update["message"] for kind, update in zip(kinds, updates[:5], strict=True))
    assert updates[5]["edited_message"]["text"] == "right"
    assert (user.chat[-1].text, user.chat[-1].edited) == ("right", True)


async def test_groups_and_channels(fake: FakeTelegram, call: Caller, user: User) -> None:
    group = fake.group(GROUP, [user], "办公室")
    await user.says_in(group, "大家好")
    assert (await news(call))["message"]["chat"]["title"] == "办公室"
    await call("sendMessage", chat_id=GROUP, text="你好")
    assert [message.text for message in group.chat] == ["大家好", "你好"]
    group.removes_bot(user.id)
    refused = await call.refused("sendMessage", chat_id=GROUP, text="x")
    assert refused == Refusal(403, "Forbidden: bot was kicked from the supergroup chat")
    fake.channel_post("news")
    assert (await news(call))["channel_post"]["sender_chat"]["type"] == "channel"
    with pytest.raises(ValueError, match="negative"):
        fake.group(5)
