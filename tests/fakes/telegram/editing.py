"""The methods that change what stands in a chat already, and the answer to a tap."""

from __future__ import annotations

from tests.fakes.telegram.errors import NOT_MODIFIED, OLD_QUERY, Json, bad
from tests.fakes.telegram.given import Given
from tests.fakes.telegram.keyboards import read_markup
from tests.fakes.telegram.sending import own_message, read_caption, read_text
from tests.fakes.telegram.spans import units
from tests.fakes.telegram.state import Chat, Message
from tests.fakes.telegram.texts import Formatted
from tests.fakes.telegram.world import World

MOST_DELETED = 100


def edit_message_text(world: World, given: Given) -> Json:
    words = read_text(world, given)
    markup = read_markup(given.values.get("reply_markup"), world.limits, inline_only=True)
    message = _edited(world, given)
    if message.file is not None or not message.words.text:
        raise bad("there is no text in the message to edit")
    if units(words.text) > world.limits.text:
        raise bad("MESSAGE_TOO_LONG")  # seen so for edits, though sending has words for it
    return _change(world, message, words, markup)


def edit_message_caption(world: World, given: Given) -> Json:
    words = read_caption(world, given)
    markup = read_markup(given.values.get("reply_markup"), world.limits, inline_only=True)
    message = _edited(world, given)
    if message.file is None:
        raise bad("there is no caption in the message to edit")
    return _change(world, message, words, markup)


def edit_message_reply_markup(world: World, given: Given) -> Json:
    markup = read_markup(given.values.get("reply_markup"), world.limits, inline_only=True)
    message = _edited(world, given)
    return _change(world, message, message.words, markup)


def _edited(world: World, given: Given) -> Message:
    if not given.text("chat_id"):
        raise bad("chat_id is empty")
    if given.number("message_id") <= 0:
        raise bad("message identifier is not specified")
    return own_message(world, world.reachable(given.text("chat_id")), given.number("message_id"))


def _change(world: World, message: Message, words: Formatted, markup: Json | None) -> Json:
    """Whoever passes no keyboard takes it away: so it is with Telegram."""
    if (message.words, message.markup) == (words, markup):
        raise bad(NOT_MODIFIED)
    message.reworded = message.reworded or message.words != words
    message.words, message.markup, message.edit_date = words, markup, world.clock()
    world.changed(message)
    return world.message_json(message)


# --- deleting ---------------------------------------------------------------------------------------------------


def delete_message(world: World, given: Given) -> bool:
    if given.number("message_id") <= 0:
        raise bad("message identifier is not specified")
    chat = _chat(world, given)
    message = chat.messages.get(given.number("message_id"))
    if message is None:
        raise bad("message to delete not found")
    _delete(world, chat, [message])
    return True


def delete_messages(world: World, given: Given) -> bool:
    wanted = given.nested("message_ids")
    if not wanted:
        raise bad("message identifiers are not specified")
    if not isinstance(wanted, list):
        raise bad("expected an Array of message identifiers")
    if len(wanted) > MOST_DELETED:
        raise bad("too many message identifiers specified")
    if not all(isinstance(one, int) and one > 0 for one in wanted):
        raise bad("invalid message identifier specified")
    chat = _chat(world, given)
    _delete(world, chat, [chat.messages[one] for one in wanted if one in chat.messages])
    return True


def _chat(world: World, given: Given) -> Chat:
    if not given.text("chat_id"):
        raise bad("chat identifier is not specified")
    return world.reachable(given.text("chat_id"))


def _delete(world: World, chat: Chat, messages: list[Message]) -> None:
    """All or none: one message that is too old spares the others too."""
    for message in messages:
        if world.clock() - message.date > world.limits.delete_within:
            raise bad("message can't be deleted for everyone")
        if not chat.private and message.sender != world.bot.id:
            raise bad("message can't be deleted")
    for message in messages:
        chat.messages.pop(message.id, None)
    world.changed()


# --- taps -------------------------------------------------------------------------------------------------------


def answer_callback_query(world: World, given: Given) -> bool:
    click = world.clicks.get(given.text("callback_query_id"))
    if click is None or world.clock() - click.at > world.limits.click_life:
        raise bad(OLD_QUERY)
    if units(given.text("text")) > world.limits.answer:
        raise bad("MESSAGE_TOO_LONG")
    if not click.answered:  # the first answer is what the person sees
        click.answered, click.text, click.alert = True, given.text("text"), given.flag("show_alert")
        world.changed()
    return True
