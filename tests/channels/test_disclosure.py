"""The gate: whatever a message is made of, no channel hears more than its level may know."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from msgspec import structs

from bot.channels.disclosure import (
    NOTHING_LEFT,
    ON_PAGE,
    WITHHELD,
    Level,
    Undisclosable,
    check,
    may_tell,
    reduce,
)
from bot.messages import Button, FileRef, Message, act, render
from locales.phrase import (
    CaseName,
    CaseRef,
    Code,
    Count,
    Day,
    FreeText,
    Grade,
    Name,
    P,
    Reader,
    TaskCode,
    Unit,
    Value,
    line,
    several,
)
from tests.channels.values import CANARY, CODE, messages

READERS = [Reader(language, ZoneInfo("Asia/Shanghai"), date(2026, 11, 23)) for language in ("en", "zh_CN")]
DAY = date(2026, 12, 1)
sixty = settings(max_examples=60)  # messages are large: each draws a dozen values
BELOW_FULL = (Level.coded, Level.notice)


def words(message: Message) -> str:
    """Everything of a message that a vendor would see, in both languages."""
    seen = []
    for reader in READERS:
        shown = render(message, reader, "N")
        seen += [shown.text, *(f"{b.label} {b.token}" for row in shown.buttons for b in row), str(shown.file)]
    return "\n".join(seen)


@sixty
@given(messages)
def test_what_is_reduced_passes_the_gate_and_holds_no_canary(message: Message) -> None:
    for level in Level:
        check(reduce(message, level), level)
    for level in BELOW_FULL:
        assert CANARY not in words(reduce(message, level))
    assert CODE not in words(reduce(message, Level.notice))
    assert reduce(message, Level.full) is message


@sixty
@given(messages)
def test_the_gate_lets_nothing_through_that_was_not_reduced(message: Message) -> None:
    for level in BELOW_FULL:
        try:
            check(message, level)
        except Undisclosable:
            continue
        assert CANARY not in words(message)


@sixty
@given(messages)
def test_reducing_twice_takes_nothing_more_away_and_stricter_never_tells_more(message: Message) -> None:
    for level in BELOW_FULL:
        once = reduce(message, level)
        again = reduce(once, level)
        assert again == once
    check(reduce(message, Level.notice), Level.coded)


@sixty
@given(messages)
def test_a_message_always_says_something(message: Message) -> None:
    if any(each.msgid for each in message.lines):
        for level in BELOW_FULL:
            assert any(each.msgid for each in reduce(message, level).lines)


@sixty
@given(messages)
def test_where_there_are_pages_it_says_that_the_rest_stands_there(message: Message) -> None:
    for level in BELOW_FULL:
        without, with_pages = reduce(message, level), reduce(message, level, has_pages=True)
        check(with_pages, level)
        left_out = any(line.msgid in (WITHHELD, NOTHING_LEFT) for line in without.lines)
        assert (ON_PAGE in with_pages.lines) == left_out


# --- by example ------------------------------------------------------------------------------------------------------


def told(level: Level, *lines: object) -> list[str]:
    message = Message(tuple(each for each in lines))  # type: ignore[misc]
    return [each.render(READERS[0]) for each in reduce(message, level).lines]


def test_a_case_shrinks_to_its_code_and_then_to_nothing() -> None:
    said = P("Talk with {case} on {day}", case=CaseRef("JA-7K3Q", "张明"), day=DAY)
    assert told(Level.coded, said) == ["Talk with JA-7K3Q on 1 December"]
    assert told(Level.notice, said) == [NOTHING_LEFT]


def test_a_line_of_parts_keeps_the_parts_that_may_be_told() -> None:
    parts = line(P("Talk"), CaseName("JA-7K3Q", "张明"), TaskCode("T-2"), Unit("财政局"), Day(DAY))
    assert told(Level.coded, parts) == ["Talk | JA-7K3Q | T-2 | 1 December"]
    assert told(Level.notice, parts) == ["Talk | T-2 | 1 December"]


def test_a_line_goes_as_a_whole_and_the_reader_is_told_so() -> None:
    lines = (P("{n} tasks", n=2), P("{who} wrote: {text}", who=Name("李敏"), text="…"))
    assert told(Level.coded, *lines) == ["2 tasks", WITHHELD]


def test_a_list_is_as_strict_as_its_strictest_member() -> None:
    mixed = P("{all}", all=several([Code("JA-7K3Q"), Name("张明")]))
    assert told(Level.coded, mixed) == [NOTHING_LEFT]
    assert told(Level.coded, P("{all}", all=several([Code("a"), Code("b")]))) == ["a, b"]


def test_a_phrase_within_a_phrase_is_looked_into() -> None:
    nested = P("{outer}", outer=P("{inner}", inner=P("{name}", name=Name("张明"))))
    assert told(Level.coded, nested) == [NOTHING_LEFT]
    with pytest.raises(Undisclosable):
        check(Message((nested,)), Level.coded)


def test_an_empty_line_is_not_something() -> None:
    assert told(Level.coded, P(""), P("{t}", t="words")) == [NOTHING_LEFT]


def test_a_file_is_dropped_and_its_name_with_it() -> None:
    message = Message((P("Here it is."),), (), FileRef(P("{n}", n=Name("张明")), "text/plain", b"x"))
    for level in BELOW_FULL:
        assert reduce(message, level).file is None
        assert told_lines(reduce(message, level)) == ["Here it is.", WITHHELD]
        with pytest.raises(Undisclosable):
            check(message, level)
        with pytest.raises(Undisclosable):
            check(structs.replace(message, file=FileRef(P("a"), "", b"")), level)
    check(message, Level.full)


def told_lines(message: Message) -> list[str]:
    return [each.render(READERS[0]) for each in message.lines]


def test_a_label_is_a_line_too() -> None:
    message = Message((P("Who?"),), ((Button(P("{n}", n=Name("李敏")), act("reassign", to=1)),),))
    assert reduce(message, Level.coded).buttons == ()
    with pytest.raises(Undisclosable):
        check(message, Level.coded)


def test_a_kind_that_nobody_has_ruled_on_is_told_to_nobody() -> None:
    class Salary(Value, frozen=True):
        kind: ClassVar[str] = "salary"

        def render(self, reader: Reader) -> str:
            return "9000"

    for level in Level:
        assert not may_tell(Salary(), level)
    with pytest.raises(Undisclosable):
        check(Message((P("{v}", v=Salary()),)), Level.full)
    for level in BELOW_FULL:
        assert told(level, P("{v}", v=Salary())) == [NOTHING_LEFT]


@pytest.mark.parametrize("value", [Name("x"), Unit("x"), FreeText("x"), Grade("x"), CaseRef("a", "b")])
def test_names_units_grades_and_words_of_people_are_for_full_alone(value: Value) -> None:
    assert [may_tell(value, level) for level in Level] == [True, False, False]


@pytest.mark.parametrize("value", [Count(1), Day(DAY), TaskCode("T-2")])
def test_counts_days_and_task_codes_pass_everywhere(value: Value) -> None:
    assert all(may_tell(value, level) for level in Level)


# --- buttons keep their meaning --------------------------------------------------------------------------------------


def test_a_button_does_the_same_though_one_before_it_was_left_out() -> None:
    """The row in the outbox keeps the whole message: a token counts its buttons, not those that are shown."""
    cancel = Button(P("Cancel"), act("cancel"))
    whole = Message((P("Who?"),), ((Button(P("{n}", n=Name("李敏")), act("reassign", to=1)),), (cancel,)))
    shown = render(reduce(whole, Level.coded), READERS[0], "N", whole)
    assert [(b.label, b.token) for row in shown.buttons for b in row] == [("Cancel", "N.1")]


@sixty
@given(messages)
def test_every_shown_token_names_the_action_of_its_button(message: Message) -> None:
    kept = [button for row in message.buttons for button in row]
    for level in Level:
        told_now = reduce(message, level)
        assert told_now.draft == message.draft
        shown = render(told_now, READERS[0], "N", message)
        pairs = zip(
            (b for row in told_now.buttons for b in row),
            (b for row in shown.buttons for b in row),
            strict=True,
        )
        for button, seen in pairs:
            assert kept[int(seen.token.partition(".")[2])].action == button.action
