"""Updates as Telegram sends them → what happened. Whatever comes is one event, one sign or nothing, never an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import IncomingFile, Sign
from bot.channels.telegram.reading import read

ME = {"id": 7_000_000_001, "is_bot": False, "first_name": "李敏", "language_code": "zh-hans"}
CHAT = {"id": 7_000_000_001, "type": "private", "first_name": "李敏"}
GROUP = {"id": -100_200_300, "type": "supergroup", "title": "发改局"}


def message(**content: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": {"message_id": 9, "date": 1, "chat": CHAT, "from": ME, **content}}


def tap(**content: Any) -> dict[str, Any]:
    given = {
        "id": "77",
        "from": ME,
        "chat_instance": "1",
        "data": "N.0",
        "message": {"chat": CHAT, "date": 0},
    }
    return {"update_id": 6, "callback_query": {**given, **content}}


def presence(status: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    return {"update_id": 5, "my_chat_member": {"chat": chat, "new_chat_member": {"status": status}}}


def test_a_text() -> None:
    found = read(message(text="／记录　张明"))
    assert found is not None
    assert found.incoming is not None
    assert (found.incoming.channel, found.incoming.address) == ("telegram", "7000000001")
    assert (found.incoming.text, found.incoming.receipt) == ("／记录　张明", "9")
    assert (found.incoming.event_id, found.incoming.language) == ("5.9", "zh_CN")


def test_a_tap_also_on_a_message_that_is_out_of_reach() -> None:
    found = read(tap())
    assert found is not None
    assert found.incoming is not None
    assert (found.incoming.token, found.incoming.text, found.tap) == ("N.0", None, "77")


@pytest.mark.parametrize(
    ("content", "kind", "name", "reference"),
    [
        ({"document": {"file_id": "f", "file_name": "名册.xlsx"}}, "document", "名册.xlsx", "f"),
        ({"document": {"file_id": "f"}, "caption": "这份"}, "document", "document", "f"),
        ({"voice": {"file_id": "v", "duration": 3}}, "voice", "voice.ogg", "v"),
        ({"photo": [{"file_id": "small"}, {"file_id": "large"}]}, "photo", "photo.jpg", "large"),
    ],
)
def test_a_file(content: dict[str, Any], kind: str, name: str, reference: str) -> None:
    found = read(message(**content))
    assert found is not None
    assert found.incoming is not None
    assert found.incoming.file == IncomingFile(kind, name, reference)


SIGNS: list[tuple[str, dict[str, Any], Sign | None]] = [
    ("sticker", message(sticker={"file_id": "s"}), Sign.unreadable),
    ("poll", message(poll={"id": "1"}), Sign.unreadable),
    ("location", message(location={"latitude": 1, "longitude": 2}), Sign.place),
    ("venue", message(venue={"title": "t"}, location={"latitude": 1, "longitude": 2}), Sign.place),
    ("a place that moves", {"update_id": 5, "edited_message": message(location={})["message"]}, None),
    ("a kind nobody knows", message(hologram={"file_id": "h"}), Sign.unreadable),
    ("a pinned message", message(pinned_message={"message_id": 1}), None),
    ("a bot", message(**{"from": {**ME, "is_bot": True}, "text": "hi"}), None),
    ("a group", message(chat=GROUP, text="查询 张明"), Sign.group),
    ("a code in a group", message(chat=GROUP, text="/start ABC"), Sign.group),
    ("somebody joins a group", message(chat=GROUP, new_chat_members=[ME]), None),
    ("edited", {"update_id": 5, "edited_message": message(text="new")["message"]}, Sign.edited),
    ("edited in a group", {"update_id": 5, "edited_message": message(chat=GROUP, text="n")["message"]}, None),
    ("a tap in a group", tap(message={"chat": GROUP, "date": 1}), Sign.group),
    ("blocked", presence("kicked"), Sign.left),
    ("back", presence("member"), Sign.returned),
    ("a group lost us", presence("left", GROUP), None),
    ("a channel post", {"update_id": 5, "channel_post": {"message_id": 1, "chat": GROUP, "text": "x"}}, None),
    ("an update of an unknown kind", {"update_id": 5, "purchased_dream": {"id": 1}}, None),
    ("an update without content", {"update_id": 5}, None),
    ("a message without a chat", {"update_id": 5, "message": {"message_id": 1, "text": "x"}}, None),
    ("a message of odd types", message(message_id=[], text={"a": 1}), None),
]  # fmt: skip


@pytest.mark.parametrize(("update", "sign"), [row[1:] for row in SIGNS], ids=[row[0] for row in SIGNS])
def test_a_sign_or_nothing(update: dict[str, Any], sign: Sign | None) -> None:
    found = read(update)
    assert found is not None
    assert found.update_id in (5, 6)
    assert (found.incoming.sign if found.incoming else None) == sign


def test_half_a_character_and_nul_do_not_get_in() -> None:
    found = read(message(text="a\ud83db\x00c"))
    assert found is not None
    assert found.incoming is not None
    assert found.incoming.text == "a?bc"


@pytest.mark.parametrize("update", [None, [], "x", 5, {}, {"update_id": "5"}, {"message": {}}])
def test_what_is_no_update_is_nothing(update: Any) -> None:
    assert read(update) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")


@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=3), json_values)
def test_nothing_that_json_can_say_is_an_error(update: dict[str, Any], other: Any) -> None:
    assert read({"update_id": 1, **update}) is not None
    read(other)


@given(
    st.dictionaries(st.sampled_from(["chat", "from", "text", "photo", "voice", "message_id"]), json_values)
)
def test_nor_is_a_message_with_anything_in_the_place_of_its_parts(parts: dict[str, Any]) -> None:
    assert read(message(**parts)) is not None
    assert read(tap(**parts)) is not None
