"""The methods answer as the real server does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.telegram_fake.caller import Caller, Refusal, StandingClock
from tests.fakes.telegram import FakeTelegram, User

DAY = 86_400


def bad(what: str) -> Refusal:
    return Refusal(400, f"Bad Request: {what}")


async def test_get_me_says_what_libraries_need(call: Caller) -> None:
    me = await call("getMe")
    assert (me["id"], me["is_bot"]) == (123, True)
    assert me["first_name"]
    assert me["username"]


async def test_the_wrong_token_and_the_unknown_method(fake: FakeTelegram, call: Caller) -> None:
    assert await call.refused("getChatMenuButton") == Refusal(404, "Not Found")
    call.token = "123:other"
    assert await call.refused("getMe") == Refusal(401, "Unauthorized")
    nowhere = await call.client.get(f"{fake.url}/elsewhere")
    assert nowhere.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_parameters_come_by_query_form_json_and_multipart(call: Caller, user: User) -> None:
    url = f"{call.base}{call.token}/SENDMESSAGE"
    await call.client.get(url, params={"chat_id": user.id, "text": "query"})
    await call.client.post(url, data={"chat_id": str(user.id), "text": "form"})
    await call.client.post(url, json={"chat_id": user.id, "text": "json", "entities": []})
    await call.client.post(url, files={"chat_id": (None, str(user.id)), "text": (None, "multipart")})
    assert [message.text for message in user.told] == ["query", "form", "json", "multipart"]


async def test_every_call_is_noted(
    fake: FakeTelegram, call: Caller, user: User, clock: StandingClock
) -> None:
    await call("sendmessage", chat_id=user.id, text="x", reply_markup={"inline_keyboard": []})
    await call.refused("sendMessage", chat_id=user.id, text="")
    good, wrong = fake.calls_of("sendMessage", user.id)
    assert (good.params["text"], good.params["reply_markup"]) == ("x", {"inline_keyboard": []})
    assert (good.status, good.at, wrong.status) == (200, clock.now, 400)
    assert wrong.error == "Bad Request: message text is empty"


async def test_a_sent_message_looks_as_it_should(call: Caller, user: User, clock: StandingClock) -> None:
    first = await call.keyboard(user.id, "记录")
    second = await call("sendMessage", chat_id=user.id, text="2", protect_content=True)
    assert first["date"] == int(clock.now)
    assert first["chat"] == {"id": user.id, "type": "private", "first_name": "李敏"}
    assert first["from"]["is_bot"]
    assert first["reply_markup"]["inline_keyboard"] == [[{"text": "记录", "callback_data": "记录"}]]
    assert second["message_id"] > first["message_id"]
    assert second["has_protected_content"]


async def test_who_cannot_be_written_to(fake: FakeTelegram, call: Caller, user: User) -> None:
    async def refusal(chat: Any) -> Refusal:
        return await call.refused("sendMessage", chat_id=chat, text="x")

    stranger = fake.user(7_000_000_002)
    assert await refusal(stranger.id) == bad("chat not found")
    assert await refusal(999) == bad("chat not found")
    for nobody in ("@nobody", "--5", "²"):
        assert await refusal(nobody) == bad("chat not found")
    assert await refusal("") == bad("chat_id is empty")
    await user.blocks()
    assert await refusal(user.id) == Refusal(403, "Forbidden: bot was blocked by the user")
    user.leaves_telegram()
    assert await refusal(user.id) == Refusal(403, "Forbidden: user is deactivated")


async def test_a_reply_needs_its_message(call: Caller, user: User) -> None:
    gone: Any = {"message_id": 77}
    wrong = await call.refused("sendMessage", chat_id=user.id, text="x", reply_parameters=gone)
    assert wrong == bad("message to be replied not found")
    gone["allow_sending_without_reply"] = True
    sent = await call("sendMessage", chat_id=user.id, text="x", reply_parameters=gone)
    answer = await call(
        "sendMessage", chat_id=user.id, text="y", reply_parameters={"message_id": sent["message_id"]}
    )
    assert answer["reply_to_message"]["text"] == "x"


# --- editing ----------------------------------------------------------------------------------------------------


async def test_an_edit_without_keyboard_takes_the_keyboard_away(call: Caller, user: User) -> None:
    sent = await call.keyboard(user.id, "a")
    place: Any = {"chat_id": user.id, "message_id": sent["message_id"]}
    edited = await call("editMessageText", **place, text="new")
    assert "reply_markup" not in edited
    assert "edit_date" in edited
    assert (user.chat[-1].text, user.chat[-1].labels, user.chat[-1].edited) == ("new", [], True)


async def test_an_edit_that_changes_nothing(call: Caller, user: User) -> None:
    sent = await call("sendMessage", chat_id=user.id, text="same")
    place: Any = {"chat_id": user.id, "message_id": sent["message_id"]}
    wrong = await call.refused("editMessageText", **place, text=" same ")
    assert wrong == bad(
        "message is not modified: specified new message content and reply markup are exactly the same as a "
        "current content and reply markup of the message"
    )
    await call(
        "editMessageReplyMarkup",
        **place,
        reply_markup={"inline_keyboard": [[{"text": "a", "url": "tg://x"}]]},
    )
    assert (user.chat[-1].labels, user.chat[-1].edited) == (["a"], False)


async def test_what_cannot_be_edited(call: Caller, user: User) -> None:
    await user.says("mine")
    document = await call("sendDocument", {"document": ("a.txt", b"a")}, chat_id=user.id)
    text = await call("sendMessage", chat_id=user.id, text="x")

    async def refusal(method: str, message: int, **new: str) -> Refusal:
        return await call.refused(method, chat_id=user.id, message_id=message, **new)

    assert await refusal("editMessageText", 999, text="y") == bad("message to edit not found")
    assert await refusal("editMessageText", user.chat[1].id, text="y") == bad("message can't be edited")
    no_text, no_caption = document["message_id"], text["message_id"]
    assert await refusal("editMessageText", no_text, text="y") == bad(
        "there is no text in the message to edit"
    )
    wrong = await refusal("editMessageCaption", no_caption, caption="y")
    assert wrong == bad("there is no caption in the message to edit")
    assert await refusal("editMessageText", no_caption, text="x" * 4097) == bad("MESSAGE_TOO_LONG")
    edited = await call("editMessageCaption", chat_id=user.id, message_id=no_text, caption="c")
    assert edited["caption"] == "c"


# --- deleting ---------------------------------------------------------------------------------------------------


async def test_deleting_and_its_48_hours(call: Caller, user: User, clock: StandingClock) -> None:
    old = await call("sendMessage", chat_id=user.id, text="old")
    clock.passes(2 * DAY + 1)
    new = await call("sendMessage", chat_id=user.id, text="new")

    async def refusal(message: int) -> Refusal:
        return await call.refused("deleteMessage", chat_id=user.id, message_id=message)

    assert await refusal(old["message_id"]) == bad("message can't be deleted for everyone")
    assert await call("deleteMessage", chat_id=user.id, message_id=new["message_id"])
    assert await refusal(new["message_id"]) == bad("message to delete not found")
    assert [message.text for message in user.told] == ["old"]


async def test_deleting_many_skips_the_unknown(call: Caller, user: User) -> None:
    ids = [(await call("sendMessage", chat_id=user.id, text="x"))["message_id"] for _ in range(3)]
    assert await call("deleteMessages", chat_id=user.id, message_ids=[*ids, 999])
    assert user.told == []
    many = await call.refused("deleteMessages", chat_id=user.id, message_ids=list(range(1, 102)))
    assert many == bad("too many message identifiers specified")
    none = await call.refused("deleteMessages", chat_id=user.id, message_ids=[])
    assert none == bad("message identifiers are not specified")


# --- taps -------------------------------------------------------------------------------------------------------


async def test_a_tap_waits_for_its_answer_and_not_for_ever(
    call: Caller, user: User, clock: StandingClock
) -> None:
    await call.keyboard(user.id, "记录一次")
    await user.taps("记录")
    assert user.spinning
    assert await call("answerCallbackQuery", callback_query_id=user.clicks[0].id, text="好", show_alert=True)
    assert (user.spinning, user.clicks[0].text, user.clicks[0].alert) == (False, "好", True)

    await user.taps("记录")
    clock.passes(151)
    too_old = bad("query is too old and response timeout expired or query ID is invalid")
    assert await call.refused("answerCallbackQuery", callback_query_id=user.clicks[1].id) == too_old
    assert await call.refused("answerCallbackQuery", callback_query_id="1") == too_old
    assert [click.answered for click in user.clicks] == [True, False]


async def test_an_answer_has_200_characters(call: Caller, user: User) -> None:
    await call.keyboard(user.id, "a")
    await user.taps("a")
    query = user.clicks[0].id
    long = await call.refused("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    assert long == bad("MESSAGE_TOO_LONG")


# --- commands and texts -----------------------------------------------------------------------------------------


async def test_commands_by_scope_and_language(fake: FakeTelegram, call: Caller) -> None:
    chinese = [{"command": "help", "description": "帮助"}]
    english = [{"command": "/help", "description": "Help"}]
    await call("setMyCommands", commands=english)
    await call("setMyCommands", commands=chinese, language_code="zh")
    await call("setMyCommands", commands=[], scope={"type": "all_group_chats"})
    assert fake.commands("zh") == await call("getMyCommands", language_code="zh") == chinese
    assert fake.commands() == [{"command": "help", "description": "Help"}]
    assert await call("getMyCommands", scope={"type": "all_group_chats"}) == []
    await call("deleteMyCommands", language_code="zh")
    assert await call("getMyCommands", language_code="zh") == []


@pytest.mark.parametrize(
    ("command", "description", "wrong"),
    [
        ("Help", "x", "BOT_COMMAND_INVALID"),
        ("帮助", "x", "BOT_COMMAND_INVALID"),
        ("a" * 33, "x", "command length must not exceed 32"),
        ("help", "", "command description must be non-empty"),
        ("help", "x" * 257, "command description length must not exceed 256"),
    ],
)
async def test_commands_that_are_none(call: Caller, command: str, description: str, wrong: str) -> None:
    commands = [{"command": command, "description": description}]
    assert await call.refused("setMyCommands", commands=commands) == bad(wrong)


async def test_commands_have_a_number_a_scope_and_a_language(call: Caller) -> None:
    one = {"command": "a", "description": "a"}
    assert await call.refused("setMyCommands", commands=[one] * 101) == bad("BOT_COMMANDS_TOO_MUCH")
    wrong = await call.refused("setMyCommands", commands=[one], language_code="zh-hans")
    assert wrong == bad("invalid language code specified")
    scope = await call.refused("setMyCommands", commands=[one], scope={"type": "moon"})
    assert scope == bad("can't parse BotCommandScope: Unsupported type specified")


async def test_name_and_descriptions(call: Caller) -> None:
    await call("setMyShortDescription", short_description="助手", language_code="zh")
    await call("setMyName", name="Helper")
    assert await call("getMyShortDescription", language_code="zh") == {"short_description": "助手"}
    assert await call("getMyShortDescription") == {"short_description": ""}
    assert await call("getMyName", language_code="ro") == {"name": "Helper"}
    assert (await call.refused("setMyDescription", description="x" * 513)).code == 400


async def test_chat_actions(fake: FakeTelegram, call: Caller, user: User) -> None:
    assert await call("sendChatAction", chat_id=user.id, action="typing")
    assert fake.world.chats[user.id].actions == ["typing"]
    wrong = await call.refused("sendChatAction", chat_id=user.id, action="singing")
    assert wrong == bad("wrong parameter action in request")
