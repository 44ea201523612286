"""Our messages as Telegram's calls, and Telegram's refusals as ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    MessageEntity,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import Capabilities, ChannelError, Unit
from bot.messages import Rendered
from reminders.pace import Rate

# Limits as the Bot API documents them. Rates: 30 messages a second for the whole bot and one a second for each chat,
# short bursts excepted; of the latter a little below. No second ever sees one more than thirty (reminders/pace.py).
CAN = Capabilities(
    text=4096,
    caption=1024,
    unit=Unit.utf16,
    buttons=100,
    row=8,
    row_width=44,
    edit=True,
    cuts=True,
    remove=timedelta(hours=48),
    send_files=True,
    receive_files=True,
    overall=Rate(30, 1.01),
    each=(Rate(1, 1.05, burst=3),),
)
TOO_BIG = "file is too big"  # what is said of one of more than 20 MB, which no bot may fetch
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a vendor that fetches a one-use link has used it
DELETED_AT_ONCE = 100
_UNCHANGED, _ENTITIES = "message is not modified", "entit"  # the latter in several sentences
_NOT_THERE = "message to delete not found"
# Refusals that say that nobody is there. Anything else that is a bad request is the message's own fault.
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "input_user_deactivated")


async def send(bot: Bot, chat: int, message: Rendered) -> str:
    """Send one message; its number.

    Raises:
        TelegramError: it was not accepted.
    """
    if message.file is not None:
        return _number(await _send_file(bot, chat, message))
    try:
        return _number(await _send_text(bot, chat, message, _heading(message.text)))
    except BadRequest as error:
        if not _is(error, _ENTITIES):
            raise
        return _number(await _send_text(bot, chat, message, ()))


async def _send_text(bot: Bot, chat: int, message: Rendered, entities: tuple[MessageEntity, ...]) -> Message:
    # Protected: what is said here is not passed on with two taps.
    return await bot.send_message(
        chat,
        message.text,
        entities=entities or None,
        reply_markup=keyboard(message),
        link_preview_options=NO_PREVIEW,
        protect_content=True,
    )


async def _send_file(bot: Bot, chat: int, message: Rendered) -> Message:
    """A file goes unprotected: it was asked for in order to be kept."""
    name, media_type, content = message.file or ("", "", b"")
    beside: Mapping[str, Any] = {"caption": message.text or None, "reply_markup": keyboard(message)}
    file = InputFile(content, filename=name)
    if media_type in ("image/png", "image/jpeg"):
        return await bot.send_photo(chat, file, **beside)
    if media_type == "audio/ogg":
        return await bot.send_voice(chat, file, **beside)
    return await bot.send_document(chat, file, disable_content_type_detection=True, **beside)


async def put_in_place(bot: Bot, chat: int, number: int, message: Rendered) -> str:
    """Edit a message; the number of what stands there now. An answer to which nothing is there to edit is sent anew,
    for somebody waits for it.

    Raises:
        TelegramError: it was not accepted.
    """
    try:
        await edit(bot, chat, number, message)
    except BadRequest as error:
        if not message.answer or any(_is(error, words) for words in _NOBODY):
            raise
        return await send(bot, chat, message)
    return str(number)


async def edit(bot: Bot, chat: int, number: int, message: Rendered) -> None:
    """Put other words and buttons in the place of a message. That nothing changed is no error.

    Raises:
        TelegramError: there is no such message, or it cannot be edited.
    """
    try:
        await _edit(bot, chat, number, message, _heading(message.text))
    except BadRequest as error:
        if _is(error, _ENTITIES):
            await _edit(bot, chat, number, message, ())
        elif not _is(error, _UNCHANGED):
            raise


async def _edit(
    bot: Bot, chat: int, number: int, message: Rendered, entities: tuple[MessageEntity, ...]
) -> None:
    await bot.edit_message_text(
        message.text,
        chat,
        number,
        entities=entities or None,
        reply_markup=keyboard(message),
        link_preview_options=NO_PREVIEW,
    )


async def delete(bot: Bot, chat: int, numbers: Sequence[int], word: str | None) -> int:
    """Delete messages. What the vendor keeps (it is older than two days) becomes the `word`, if it is ours. How many
    are left as they were.

    Raises:
        TelegramError: the server could not be reached, or the chat is gone.
    """
    left = 0
    for at in range(0, len(numbers), DELETED_AT_ONCE):
        some = numbers[at : at + DELETED_AT_ONCE]
        try:
            await bot.delete_messages(chat, list(some))
        except BadRequest as error:
            if any(_is(error, words) for words in _NOBODY):
                raise
            # One that is too old spares the others: so each by itself.
            left += sum([not await _delete_one(bot, chat, number, word) for number in some])
    return left


async def _delete_one(bot: Bot, chat: int, number: int, word: str | None) -> bool:
    """Whether nothing is to be read there any more."""
    try:
        await bot.delete_message(chat, number)
    except BadRequest as error:
        if _is(error, _NOT_THERE):
            return True
        if word is None:
            return False
        try:
            await edit(bot, chat, number, Rendered(word))
        except BadRequest:
            return False  # theirs, and nobody can change it
    return True


def keyboard(message: Rendered) -> InlineKeyboardMarkup | None:
    """The buttons, each with its token and nothing else."""
    if not message.buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.token) for b in row] for row in message.buttons]
    )


def _heading(text: str) -> tuple[MessageEntity, ...]:
    """The first line of several stands out. Marked by position, so that no character of a text is ever markup."""
    head, more, _ = text.partition("\n")
    if not more or not head.strip():
        return ()
    return (MessageEntity(MessageEntity.BOLD, 0, len(head.encode("utf-16-le")) // 2),)


def _number(message: Message) -> str:
    return str(message.message_id)


def _is(error: TelegramError, words: str) -> bool:
    return words in error.message.lower()


def refusal_of(error: TelegramError) -> ChannelError:
    """What a refusal means for the message, the chat and the channel. It quotes no text of ours."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        pause = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        return ChannelError("too many requests", retry_after=pause)
    if isinstance(error, Forbidden) or (
        isinstance(error, BadRequest) and any(_is(error, w) for w in _NOBODY)
    ):
        return ChannelError("nobody there", unreachable=True)
    if isinstance(error, BadRequest | ChatMigrated):
        large = _is(error, TOO_BIG)
        return ChannelError("refused: " + type(error).__name__, permanent=True, too_large=large)
    if isinstance(error, InvalidToken):
        return ChannelError("token refused")  # a matter of the settings: the message waits for them
    return ChannelError(type(error).__name__, uncertain=not _certain(error))


def _certain(error: TelegramError) -> bool:
    """Whether the call had no effect for sure: it was refused, or never got as far as the server. A server's trouble, a
    page of a proxy's, a cut answer and silence say nothing of what happened before them."""
    never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    return isinstance(error, Conflict) or isinstance(error.__cause__, never_sent)
