"""A message as the outbox keeps it: said in JSON, and read again, also as an older version said it."""

from __future__ import annotations

from hypothesis import given
from msgspec.json import decode, encode
from msgspec.structs import replace

from bot.messages import Action, Button, FileRef, Message, Select, Together, act, flat, of_draft
from locales.phrase import P
from tests.channels.values import messages


@given(messages)
def test_every_message_survives_json(message: Message) -> None:
    """Afterwards its buttons say by themselves what they do."""
    rows = tuple(
        tuple(replace(button, action=of_draft(button.action, message.draft)) for button in row)
        for row in message.buttons
    )
    kept = Message.load(decode(encode(message)))
    assert kept == replace(message, buttons=rows)
    assert Message.load(decode(encode(kept))) == kept


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


def test_the_buttons_of_a_question_are_of_the_draft_that_their_message_names() -> None:
    """Said once, and meant by every button that names none: also by the answers to several questions at once."""
    done, other = P("Done"), act("draft", id=8, do="resume")
    asked = Message(
        (done,),
        (
            (Button(done, act("draft", do="answer", value="x")),),
            (Button(done, other), Button(done, act("brief", visit=3))),
        ),
        together=Together(
            (done,),
            (Select(done, (Button(done, act("draft", do="pick", key="a", value="y")),)),),
            Button(done, act("draft", do="fill")),
        ),
        draft=(7, 2),
    )
    said = encode(asked)
    assert (said.count(b'"id"'), said.count(b'"rev"'), decode(said)["draft"]) == (1, 0, [7, 2])
    assert [button.action for button in flat(Message.load(decode(said)))] == [
        act("draft", id=7, rev=2, do="answer", value="x"),
        other,
        act("brief", visit=3),
        act("draft", id=7, rev=2, do="pick", key="a", value="y"),
        act("draft", id=7, rev=2, do="fill"),
    ]


def test_a_message_whose_buttons_name_their_draft_each_is_read_as_it_stands() -> None:
    """So it was kept until 2026-11-30."""
    word: list[object] = ["phrase", "Done", {}, None]
    does: dict[str, str | int] = {"id": 7, "rev": 2, "do": "answer", "value": "x"}
    kept = Message.load({"lines": [word], "buttons": [[[word, ["draft", does]]]]})
    assert kept == Message((P("Done"),), ((Button(P("Done"), Action("draft", does)),),))
