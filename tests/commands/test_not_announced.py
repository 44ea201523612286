"""Days of a year whose days off are not announced yet: wherever one is offered or told as counted, it says so."""

from __future__ import annotations

from datetime import date, timedelta

from casework import days
from casework.notice_text import ReadNotice
from tests.commands.world import World, at, plan

MARK = "The days off of 2027 are not announced yet: its days are estimated by the law and may move."


def test_a_visit_is_moved_into_a_year_that_is_not_announced(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-12-29")
    world.now = at("2026-12-29")
    asked = world.taps("officer", "reschedule", visit=visit)
    assert MARK in asked.lines
    told = world.follows("officer", asked, "4 January 2027")
    while "Submit" not in [label for row in told.buttons for label in row]:
        told = world.follows("officer", told, told.buttons[0][0])
    done = world.follows("officer", told, "Submit")
    assert done.lines[-2:] == ["It is now planned for 4 January 2027.", MARK]
    assert MARK in world.asks("officer", "查询 JA-7K3Q").lines


def test_nothing_is_said_of_a_year_that_is_announced(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-12-29")
    assert MARK not in world.taps("officer", "reschedule", visit=visit).lines
    world.now = at("2026-12-29")
    off = {date(2027, 1, 1) + timedelta(n): "元旦" for n in range(3)}
    notice = ReadNotice(2027, off=off, worked={date(2027, 1, 9): "元旦"})
    notice.named.update(["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"])
    world.do(lambda session: days.import_notice(session, None, notice, now=world.now))
    assert MARK not in world.taps("officer", "reschedule", visit=visit).lines
