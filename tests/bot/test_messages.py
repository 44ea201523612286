"""A message as the outbox keeps it: said in JSON, and read again, also as an older version said it."""

from __future__ import annotations

from hypothesis import given
from msgspec.json import decode, encode

from bot.messages import Action, Button, FileRef, Message, Select, Together, act
from locales.phrase import P
from tests.channels.values import messages


@given(messages)
def test_every_message_survives_json(message: Message) -> None:
    assert Message.load(decode(encode(message))) == message


def test_what_a_message_has_not_got_is_not_kept() -> None:
    """Most have no file, and half of them no button."""
    assert set(decode(encode(Message((P("Help"),))))) == {"lines"}


def test_a_message_that_was_kept_by_an_older_version_reads_as_it_did() -> None:
    """What its buttons do stood there apart: the verb, and the arguments by name. They may be tapped for months."""
    word: list[object] = ["phrase", "Done", {}, None]
    kept = {
        "lines": [word],
        "buttons": [
            [[word, "today", {}]],
            [[word, "draft", {"id": 7, "do": "toggle", "value": "x"}, "ticked"]],
        ],
        "file": [word, "text/plain", "eA=="],
        "together": [[word], [[word, [[word, "draft", {"value": "y"}]]]], [word, "draft", {"do": "fill"}]],
    }
    done = P("Done")
    assert Message.load(kept) == Message(
        (done,),
        (
            (Button(done, Action("today")),),
            (Button(done, act("draft", id=7, do="toggle", value="x"), "ticked"),),
        ),
        FileRef(done, "text/plain", b"x"),
        Together(
            (done,),
            (Select(done, (Button(done, act("draft", value="y")),)),),
            Button(done, act("draft", do="fill")),
        ),
    )
