"""Any message fits any channel, and nothing of it is lost on the way."""

from __future__ import annotations

from datetime import UTC, date

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Capabilities, Unit
from bot.channels.fit import fit, split
from bot.messages import Button, Message, Rendered, RenderedButton, act, render
from locales.phrase import Link, P, Reader

texts = st.text(st.sampled_from("ab张明\n😀龑"), min_size=1, max_size=300).filter(
    lambda text: text.strip("\n") != ""
)


def buttons(*labels: str) -> tuple[tuple[RenderedButton, ...], ...]:
    return tuple((RenderedButton(label, f"N.{number}"),) for number, label in enumerate(labels))


@given(texts, st.integers(4, 80))
def test_no_part_is_too_long_and_no_character_is_lost(text: str, limit: int) -> None:
    parts = split(text, Capabilities(text=limit))
    assert parts
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_a_text_is_cut_between_paragraphs_else_lines_else_characters() -> None:
    def cut(text: str, limit: int | None, unit: Unit = Unit.utf8) -> list[str]:
        return split(text, Capabilities(text=limit, unit=unit))

    assert cut("one\ntwo\n\nthree\nfour", 12) == ["one\ntwo", "three\nfour"]
    assert cut("one\ntwo\nthree", 9) == ["one\ntwo", "three"]
    assert cut("张明张明", 7) == ["张明", "张明"]
    assert cut("张明😀张", 4, Unit.utf16) == ["张明😀", "张"]
    assert cut("short", None) == cut("short", 5) == ["short"]


def test_buttons_and_the_file_go_with_the_last_part() -> None:
    message = Rendered("one\n\ntwo", buttons("A"), ("f.txt", "text/plain", b"x"))
    parts = fit(message, Capabilities(text=4, buttons=3, send_files=True))
    assert [part.text for part in parts] == ["one", "two"]
    assert [(part.buttons, part.file) for part in parts] == [((), None), (message.buttons, message.file)]


def test_the_link_goes_with_the_last_part() -> None:
    parts = fit(Rendered("one\n\ntwo", link="https://x.org"), Capabilities(text=4))
    assert [part.link for part in parts] == ["", "https://x.org"]


def test_only_a_message_with_one_link_and_no_buttons_is_for_opening_it() -> None:
    page, other = (P("Your page: {link}", link=Link(f"https://x.org/{n}")) for n in (1, 2))
    reader = Reader("en", UTC, date(2026, 11, 23))
    told = Button(P("Today"), act("today"))
    assert render(Message((page, P("Today"))), reader, "N").link == "https://x.org/1"
    assert render(Message((page, other)), reader, "N").link == ""
    assert render(Message((page,), ((told,),)), reader, "N").link == ""


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


def test_a_text_too_long_to_stand_beside_a_file_goes_before_it() -> None:
    message = Rendered("one two", buttons("A"), ("f.txt", "text/plain", b"x"))
    parts = fit(message, Capabilities(caption=4, send_files=True))
    assert parts == [Rendered("one two"), Rendered("", message.buttons, message.file)]
    assert fit(message, Capabilities(caption=7, send_files=True)) == [message]


def rows(*labels: str, **can: int) -> list[list[str]]:
    row = tuple(RenderedButton(label, f"N.{number}") for number, label in enumerate(labels))
    (shown,) = fit(Rendered("Q", (row,)), Capabilities(**can))  # type: ignore[arg-type]
    return [[button.label for button in each] for each in shown.buttons]


def test_a_row_is_broken_where_its_labels_could_not_be_read() -> None:
    assert rows("催办", "改派本次任务", "同意延期", "知悉", row_width=36) == [
        ["催办", "改派本次任务"],
        ["同意延期", "知悉"],
    ]
    assert rows("跳过", "上一步", "取消", row_width=36) == [["跳过", "上一步", "取消"]]
    assert rows("一个长得任何一行都放不下的按钮名称一个长得任何一行", row_width=36) == [
        ["一个长得任何一行都放不下的按钮名称一个长得任何一行"]
    ]
    assert rows("1", "2", "3", "4", "5", row=4) == [["1", "2", "3"], ["4", "5"]]
