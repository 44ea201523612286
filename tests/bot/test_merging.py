"""Several messages as one: nothing is lost, no button stands there twice, and what does not go together does not."""

from __future__ import annotations

from bot.merging import joined
from bot.messages import Button, Message, act
from locales.phrase import Name, P

WEEK = Button(P("This week"), act("week"))


def notice(name: str, visit: int) -> Message:
    record = Button(P("Record {case}", case=Name(name)), act("record", visit=visit))
    return Message((P("This task was given to you:"), P("{name}", name=Name(name))), ((record,), (WEEK,)))


def test_lines_follow_each_other_and_each_button_is_there_once() -> None:
    first, second = notice("张明", 1), notice("王芳", 2)
    whole = joined([first, second], None)
    assert whole is not None
    assert whole.lines == (*first.lines, P(""), *second.lines)
    assert whole.buttons == (*first.buttons, second.buttons[0])
    assert joined([first], 2) == first


def test_more_buttons_than_there_is_room_for_stay_apart() -> None:
    notices = [notice("张明", 1), notice("王芳", 2)]
    assert joined(notices, 3) is not None
    assert joined(notices, 2) is None


def test_what_reads_the_same_and_does_not_do_the_same_stays_apart() -> None:
    assert joined([notice("张明", 1), notice("张明", 2)], None) is None
    assert joined([notice("张明", 1), notice("张明", 1)], None) is not None


def test_what_was_put_twice_is_said_once() -> None:
    assert joined([notice("张明", 1), notice("王芳", 2), notice("张明", 1)], None) == joined(
        [notice("张明", 1), notice("王芳", 2)], None
    )
