"""The table of methods. Their names are read without regard to case, as on the real server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.fakes.telegram import account, editing, sending
from tests.fakes.telegram.given import Given
from tests.fakes.telegram.world import World

Method = Callable[[World, Given], object]

GET_UPDATES = "getUpdates"  # the only one that waits, so it is called otherwise

METHODS: dict[str, Method] = {
    "getMe": account.get_me,
    "setWebhook": account.set_webhook,
    "deleteWebhook": account.delete_webhook,
    "getWebhookInfo": account.get_webhook_info,
    "setMyCommands": account.set_my_commands,
    "getMyCommands": account.get_my_commands,
    "deleteMyCommands": account.delete_my_commands,
    "setMyName": partial(account.set_about, what="name"),
    "setMyDescription": partial(account.set_about, what="description"),
    "setMyShortDescription": partial(account.set_about, what="short_description"),
    "getMyName": partial(account.get_about, what="name"),
    "getMyDescription": partial(account.get_about, what="description"),
    "getMyShortDescription": partial(account.get_about, what="short_description"),
    "sendMessage": sending.send_message,
    "sendDocument": sending.send_document,
    "sendPhoto": sending.send_photo,
    "sendVoice": sending.send_voice,
    "sendChatAction": sending.send_chat_action,
    "getFile": sending.get_file,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
}

_BY_LOWER_CASE = {name.lower(): name for name in (*METHODS, GET_UPDATES)}


def canonical(name: str) -> str:
    """`sendmessage` is sendMessage; a name nobody knows stays as it is."""
    return _BY_LOWER_CASE.get(name.lower(), name)
