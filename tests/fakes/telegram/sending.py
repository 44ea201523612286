"""The methods that put something new into a chat, and those about files."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.errors import Json, bad, too_large
from tests.fakes.telegram.given import Given
from tests.fakes.telegram.keyboards import read_markup
from tests.fakes.telegram.spans import units
from tests.fakes.telegram.state import Chat, Message, StoredFile
from tests.fakes.telegram.texts import Formatted, read_formatted
from tests.fakes.telegram.world import World

ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
NAMELESS = {"photo": "photo.jpg", "voice": "voice.ogg"}


def read_text(world: World, given: Given) -> Formatted:
    """The `text` of a message; its length is judged later, by whoever knows the right error."""
    text = given.text("text")
    if not text:
        raise bad("message text is empty")
    if len(text.encode("utf-8", "surrogatepass")) > world.limits.raw_text:
        raise bad("text is too long")
    entities = given.nested("entities")
    words = read_formatted(text, given.text("parse_mode"), entities, world.limits.entities)
    if not words.text:
        raise bad("text must be non-empty")
    return words


def read_caption(world: World, given: Given) -> Formatted:
    caption, entities = given.text("caption"), given.nested("caption_entities")
    words = read_formatted(caption, given.text("parse_mode"), entities, world.limits.entities)
    if units(words.text) > world.limits.caption:
        raise bad("message caption is too long")
    return words


def send_message(world: World, given: Given) -> Json:
    words = read_text(world, given)
    markup = read_markup(given.values.get("reply_markup"), world.limits)
    chat = world.reachable(given.text("chat_id"))
    if units(words.text) > world.limits.text:
        raise bad("message is too long")
    return _post(world, given, chat, words=words, markup=markup)


def send_document(world: World, given: Given) -> Json:
    return _send_file(world, given, "document")


def send_photo(world: World, given: Given) -> Json:
    return _send_file(world, given, "photo")


def send_voice(world: World, given: Given) -> Json:
    return _send_file(world, given, "voice")


def _send_file(world: World, given: Given, kind: str) -> Json:
    words = read_caption(world, given)
    markup = read_markup(given.values.get("reply_markup"), world.limits)
    chat = world.reachable(given.text("chat_id"))
    file = _file(world, given, kind)
    return _post(world, given, chat, words=words, markup=markup, file=file)


def _file(world: World, given: Given, kind: str) -> StoredFile:
    """The uploaded part, or a file the server has already, by its id."""
    upload = given.upload(kind)
    if upload is None:
        return _known_file(world, given.text(kind), kind)
    size = len(upload.content)
    if not size:
        raise bad("file must be non-empty")
    if kind == "photo" and size > world.limits.photo:
        most = world.limits.photo
        raise bad(f"file of size {size} bytes is too big for a photo; the maximum size is {most} bytes")
    if size > world.limits.upload:
        raise too_large()
    name = NAMELESS.get(kind, upload.name) if upload.name == "file" else upload.name
    return world.store(name, upload.content, kind, upload.mime)


def _known_file(world: World, reference: str, kind: str) -> StoredFile:
    if not reference:
        raise bad(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")  # this server fetches nothing from anywhere
    if reference not in world.files:
        raise bad("wrong remote file identifier specified: Wrong character in the string")
    if world.files[reference].kind != kind:
        raise bad(f"can't use file of type {world.files[reference].kind.title()} as {kind.title()}")
    return world.files[reference]


def _post(world: World, given: Given, chat: Chat, **content: Any) -> Json:
    reply_to = _replied_to(given, chat)
    world.floods.admit(chat.id, private=chat.private)
    protected = given.flag("protect_content")
    message = world.post(chat, world.bot.id, protected=protected, reply_to=reply_to, **content)
    return world.message_json(message)


def _replied_to(given: Given, chat: Chat) -> int | None:
    reply = given.nested("reply_parameters") or {}
    if not isinstance(reply, dict):
        raise bad("object expected as reply parameters")
    wanted = int(reply.get("message_id") or given.number("reply_to_message_id"))
    if not wanted:
        return None
    if wanted in chat.messages:
        return wanted
    if reply.get("allow_sending_without_reply") or given.flag("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def send_chat_action(world: World, given: Given) -> bool:
    if given.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    world.reachable(given.text("chat_id")).actions.append(given.text("action"))
    return True


def get_file(world: World, given: Given) -> Json:
    file_id = given.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    file = world.files.get(file_id)
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > world.limits.download:
        raise bad("file is too big")
    size = len(file.content)
    return {"file_id": file.id, "file_unique_id": f"u{file.id}", "file_size": size, "file_path": file.path}


def own_message(world: World, chat: Chat, message_id: int) -> Message:
    """A message the bot may edit."""
    message = chat.messages.get(message_id)
    if message is None:
        raise bad("message to edit not found")
    if message.sender != world.bot.id:
        raise bad("message can't be edited")
    return message
