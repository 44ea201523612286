"""Any message fits any channel, and nothing of it is lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Capabilities
from bot.channels.fit import fit, split
from bot.messages import Rendered, RenderedButton

texts = st.text(st.sampled_from("ab张明\n😀龑"), min_size=1, max_size=300).filter(
    lambda text: text.strip("\n") != ""
)


def buttons(*labels: str) -> tuple[tuple[RenderedButton, ...], ...]:
    return tuple((RenderedButton(label, f"N.{number}"),) for number, label in enumerate(labels))


@given(texts, st.integers(4, 80))
def test_no_part_is_too_long_and_no_character_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert parts
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_a_text_is_cut_between_paragraphs_else_lines_else_characters() -> None:
    assert split("one\ntwo\n\nthree\nfour", 12) == ["one\ntwo", "three\nfour"]
    assert split("one\ntwo\nthree", 9) == ["one\ntwo", "three"]
    assert split("张明张明", 7) == ["张明", "张明"]
    assert split("short", None) == split("short", 5) == ["short"]


def test_buttons_and_the_file_go_with_the_last_part() -> None:
    message = Rendered("one\n\ntwo", buttons("A"), ("f.txt", "text/plain", b"x"))
    parts = fit(message, Capabilities(text_bytes=4, buttons=3, send_files=True))
    assert [part.text for part in parts] == ["one", "two"]
    assert [(part.buttons, part.file) for part in parts] == [((), None), (message.buttons, message.file)]


def test_a_channel_without_files_gets_none() -> None:
    message = Rendered("one", (), ("f.txt", "text/plain", b"x"))
    assert fit(message, Capabilities())[0].file is None


def test_as_many_buttons_as_there_is_room_for_stay_buttons() -> None:
    assert fit(Rendered("Q", buttons("A", "B")), Capabilities(buttons=2))[0].buttons == buttons("A", "B")
    assert fit(Rendered("Q", buttons("A", "B")), Capabilities())[0].buttons == buttons("A", "B")


def test_too_many_buttons_become_a_numbered_list() -> None:
    (shown,) = fit(Rendered("Q", buttons("A", "B", "C")), Capabilities(buttons=2))
    assert (shown.text, shown.buttons) == ("Q\n1. A\n2. B\n3. C", ())


def test_the_numbers_of_a_list_are_those_of_the_whole_message() -> None:
    shown = (RenderedButton("B", "N.1"), RenderedButton("D", "N.3"))
    assert fit(Rendered("Q", (shown,)), Capabilities(buttons=0))[0].text == "Q\n2. B\n4. D"
