"""Lengths, entities, marked-up texts and keyboards: what passes, and what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.telegram_fake.caller import Caller
from tests.fakes.telegram import User

OFFICER = "👮"  # two UTF-16 code units


async def refusal(call: Caller, user: User, **params: Any) -> str:
    refused = await call.refused("sendMessage", chat_id=user.id, **params)
    assert refused.code == 400
    return refused.description.removeprefix("Bad Request: ")


async def test_lengths_are_counted_in_utf16_after_parsing(call: Caller, user: User) -> None:
    await call("sendMessage", chat_id=user.id, text=OFFICER * 2048)
    assert await refusal(call, user, text=OFFICER * 2048 + "x") == "message is too long"
    await call("sendMessage", chat_id=user.id, text=f"<b>{'字' * 4096}</b>", parse_mode="HTML")
    assert await refusal(call, user, text="x" * 32_769) == "text is too long"
    assert await refusal(call, user, text="") == "message text is empty"
    assert await refusal(call, user, text=" \n ") == "text must be non-empty"


async def test_white_space_goes_and_entities_stay_on_their_words(call: Caller, user: User) -> None:
    bold: Any = [{"type": "bold", "offset": 4, "length": 2}]
    sent = await call("sendMessage", chat_id=user.id, text=f"\n {OFFICER}ab\r\n", entities=bold)
    assert sent["text"] == f"{OFFICER}ab"
    assert sent["entities"] == [{"type": "bold", "offset": 2, "length": 2}]
    assert user.chat[-1].shown("bold") == ["ab"]


async def test_half_a_character_is_refused(call: Caller, user: User) -> None:
    url = f"{call.base}{call.token}/sendMessage"
    body = f'{{"chat_id": {user.id}, "text": "\\ud83d"}}'
    answer = await call.client.post(url, content=body, headers={"content-type": "application/json"})
    assert answer.json()["description"] == "Bad Request: strings must be encoded in UTF-8"


@pytest.mark.parametrize(
    ("entity", "wrong"),
    [
        ({"offset": 0, "length": 4},
         "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 4"),
        ({"offset": 4, "length": 1}, "entity begins after the end of the text at UTF-16 offset 4"),
        ({"offset": 2, "length": 1}, "entity begins in a middle of a UTF-16 symbol at byte offset 2"),
        ({"offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
        ({"offset": 0}, 'can\'t parse MessageEntity: Can\'t find field "length"'),
        ({"offset": "0", "length": 1}, 'can\'t parse MessageEntity: Field "offset" must be of type Number'),
    ],
)  # fmt: skip
async def test_entities_have_to_fit(call: Caller, user: User, entity: Any, wrong: str) -> None:
    described = await refusal(call, user, text=f"x{OFFICER}", entities=[{"type": "bold", **entity}])
    assert described == wrong


async def test_entities_beyond_the_hundredth_are_dropped(call: Caller, user: User) -> None:
    many = [{"type": "bold", "offset": 2 * n, "length": 1} for n in range(120)]
    sent = await call("sendMessage", chat_id=user.id, text="a " * 120, entities=many)
    assert len(sent["entities"]) == 100


@pytest.mark.parametrize(
    ("mode", "source", "text", "kinds"),
    [
        ("HTML", "<b>a</b> &lt;<i>b</i> &amp; &#20013;", "a <b & 中", ["bold", "italic"]),
        ("HTML", '<a href="https://example.org">here</a>', "here", ["text_link"]),
        ("HTML", "<blockquote expandable>q</blockquote>", "q", ["expandable_blockquote"]),
        ("MarkdownV2", "*a* _b_ __c__ ~d~ ||e|| `f`", "a b c d e f",
         ["bold", "italic", "underline", "strikethrough", "spoiler", "code"]),
        ("MarkdownV2", r"1\. [x](https://example.org)", "1. x", ["text_link"]),
        ("MarkdownV2", ">q\n>r\ns", "q\nr\ns", ["blockquote"]),
    ],
)  # fmt: skip
async def test_marked_up_texts(
    call: Caller, user: User, mode: str, source: str, text: str, kinds: list[str]
) -> None:
    sent = await call("sendMessage", chat_id=user.id, text=source, parse_mode=mode)
    assert sent["text"] == text
    assert [entity["type"] for entity in sent["entities"]] == kinds


@pytest.mark.parametrize(
    ("mode", "source", "wrong"),
    [
        ("HTML", "中<b", "Unclosed start tag at byte offset 3"),
        ("HTML", "1 < 2 > 3", 'Unsupported start tag "" at byte offset 2'),
        ("HTML", "<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("HTML", "<b>x", "Can't find end tag corresponding to start tag b"),
        ("HTML", "<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
        ("MarkdownV2", "a_b", "Can't find end of Italic entity at byte offset 1"),
        ("MarkdownV2", "1.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "[x](y", "Can't find end of a URL at byte offset 4"),
    ],
)
async def test_marked_up_texts_that_are_broken(
    call: Caller, user: User, mode: str, source: str, wrong: str
) -> None:
    described = await refusal(call, user, text=source, parse_mode=mode)
    assert described == f"can't parse entities: {wrong}"


def keyboard(*rows: list[Any]) -> Any:
    return {"inline_keyboard": list(rows)}


def button(**more: Any) -> Any:
    return {"text": "x", "callback_data": "y", **more}


@pytest.mark.parametrize(
    ("markup", "wrong"),
    [
        (keyboard([button(callback_data="字" * 22)]), "BUTTON_DATA_INVALID"),
        (keyboard([button(callback_data="")]), "BUTTON_DATA_INVALID"),
        (keyboard([button()] * 9), "reply markup is too long"),
        (keyboard(*[[button()]] * 101), "reply markup is too long"),
        (keyboard([button(text="")]), "inline keyboard button text must be non-empty"),
        (keyboard([{"text": "x"}]),
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ([], "object expected as reply markup"),
        ("{", "can't parse reply keyboard markup JSON object"),
    ],
)  # fmt: skip
async def test_keyboards_that_are_none(call: Caller, user: User, markup: Any, wrong: str) -> None:
    assert await refusal(call, user, text="x", reply_markup=markup) == wrong


async def test_the_largest_keyboard_passes(call: Caller, user: User) -> None:
    rows = [[button(callback_data="字" * 21 + "x")] * 8] * 12
    await call("sendMessage", chat_id=user.id, text="x", reply_markup=keyboard(*rows))
    assert len(user.chat[-1].labels) == 96
