"""Answers in the hands of a process that is gone: found when their lease is over, and claimed like all that is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import Session

from reminders import abandoned, claiming, hold, outbox, setback
from reminders.abandoned import SLACK
from reminders.outbox import GIVE_UP, LEASE
from storage.ids import first_id_at
from storage.lane import Lane
from storage.tables.counties import Setting
from storage.tables.mail import IN_HAND, Outbox, OutboxState
from tests.make import NOW, at
from tests.reminders.test_outbox import claim, finish, plan, seen

REAL = at("2030-01-01")  # the real clock, far from the people's on purpose
TICK, HOUR, WEEK = timedelta(milliseconds=1), timedelta(hours=1), timedelta(days=7)
_next = count(1)


def born(lane: Lane, moment: datetime = REAL, **more: Any) -> int:
    """An answer in the hands of "one", whose clock shows `moment`."""
    row = outbox.row(
        "reply", now=NOW, county_id=1, member_id=1, channel="sandbox", state=OutboxState.sending, owner="one",
        lease_until=moment + LEASE, attempts=1,
    )  # fmt: skip
    row |= {"id": first_id_at(moment) + next(_next), "ended": IN_HAND, **more}
    lane.run_now(lambda session: outbox.put(session, [row]))
    return int(row["id"])


def left(lane: Lane, real: datetime, seen_to: datetime | None = None) -> list[int]:
    return lane.run_now(lambda session: list(abandoned.left(session, seen_to, real_now=real)))


def see_to(lane: Lane, ids: list[int], real: datetime) -> None:
    lane.run_now(lambda session: abandoned.see_to(session, ids, real_now=real))


def look(lane: Lane, real: datetime, seen_to: datetime | None = None) -> list[int]:
    found = left(lane, real, seen_to)
    see_to(lane, found, real)
    return found


# --- a lease ---------------------------------------------------------------------------------------------------------


def test_within_its_lease_nobody_else_has_it(lane: Lane) -> None:
    row = born(lane)
    nearly = REAL + LEASE - TICK
    assert look(lane, nearly) == []
    assert claim(lane, "two", real=nearly) == []
    assert (seen(lane, row).owner, seen(lane, row).ended) == ("one", IN_HAND)


def test_after_its_lease_another_sends_it_and_knows_that_it_is_perhaps_there(lane: Lane) -> None:
    row, over = born(lane), REAL + LEASE
    assert claim(lane, "two", real=over) == []
    assert look(lane, over) == [row]
    assert claim(lane, "two", real=over) == [row]
    held = seen(lane, row)
    assert (held.state, held.owner, held.ended) == (OutboxState.sending, "two", None)
    assert (held.attempts, held.unanswered) == (2, 1)
    assert finish(lane, row, "two")
    assert left(lane, over + LEASE) == []


ENDS: dict[str, tuple[Callable[[Session, int], Any], OutboxState | None]] = {
    "sent": (lambda s, row: outbox.mark_sent(s, row, "one", ["r"], now=NOW), OutboxState.sent),
    "failed": (lambda s, row: outbox.mark_failed(s, row, "one", 1, "429", real_now=REAL), None),
    "put back": (lambda s, row: outbox.put_back(s, row, "one", until=REAL), None),
    "withdrawn by its holder": (lambda s, row: outbox.mark_withdrawn(s, row, "one"), OutboxState.withdrawn),
    "withdrawn": (lambda s, row: outbox.withdraw(s, [row]), OutboxState.withdrawn),
    "dead": (lambda s, row: outbox.mark_dead(s, row, "one", "gone"), OutboxState.dead),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_its_own_holder_has_finished_is_not_left(lane: Lane, end: str) -> None:
    (finishes, ended), row = ENDS[end], born(lane)
    assert lane.run_now(lambda session: finishes(session, row))
    assert seen(lane, row).ended == ended
    assert left(lane, REAL + LEASE) == []
    again = claim(lane, "two", real=REAL + LEASE)
    assert again == ([] if ended else [row])
    assert seen(lane, row).unanswered == 0


def test_what_was_finished_since_it_was_found_stays_so(lane: Lane) -> None:
    row, over = born(lane), REAL + LEASE
    found = left(lane, over)
    assert finish(lane, row, "one")
    see_to(lane, found, over)
    assert (seen(lane, row).state, seen(lane, row).ended) == (OutboxState.sent, OutboxState.sent)
    assert claim(lane, "two", real=over) == []


def test_a_late_mark_counts_until_somebody_else_has_claimed_it(lane: Lane) -> None:
    early, late, over = born(lane), born(lane, member_id=2), REAL + LEASE
    assert look(lane, over) == [early, late]
    assert finish(lane, early, "one")
    assert claim(lane, "two", real=over) == [late]
    assert not finish(lane, late, "one")
    assert (seen(lane, late).state, seen(lane, late).owner) == (OutboxState.sending, "two")


# --- how far it is looked --------------------------------------------------------------------------------------------


def test_no_further_back_than_may_not_have_been_seen_to(lane: Lane) -> None:
    first = REAL - LEASE - SLACK
    born(lane, first - TICK)
    row = born(lane, first)
    assert left(lane, REAL + HOUR, seen_to=REAL) == [row]


def test_after_a_restart_all_since_the_note(lane: Lane) -> None:
    see_to(lane, [], REAL - WEEK)
    born(lane, REAL - WEEK - HOUR)
    rows = [born(lane, REAL - WEEK + HOUR), born(lane, REAL - HOUR)]
    assert look(lane, REAL) == rows
    assert look(lane, REAL) == []


def test_without_a_note_as_long_as_anything_is_tried(lane: Lane) -> None:
    born(lane, REAL - GIVE_UP - LEASE - SLACK - TICK)
    row = born(lane, REAL - GIVE_UP)
    assert look(lane, REAL) == [row]


def test_the_note_of_a_clock_that_was_ahead_says_nothing(lane: Lane) -> None:
    see_to(lane, [], REAL + timedelta(days=2))
    row = born(lane, REAL - GIVE_UP)
    assert look(lane, REAL) == [row]
    noted = lane.run_now(lambda session: session.get_one(Setting, abandoned.NOTE))
    assert datetime.fromisoformat(noted.value) == REAL


@pytest.mark.parametrize("by", ["the note", "memory"])
def test_what_was_still_leased_at_the_last_look_is_found_at_the_next(lane: Lane, by: str) -> None:
    row = born(lane, REAL - LEASE + TICK)
    assert look(lane, REAL) == []
    assert left(lane, REAL + TICK, seen_to=None if by == "the note" else REAL) == [row]


def test_what_was_committed_late_or_by_a_clock_that_is_behind_is_found(lane: Lane) -> None:
    assert look(lane, REAL) == []
    row = born(lane, REAL - SLACK)
    assert look(lane, REAL + TICK, seen_to=REAL) == [row]


# --- a clock that was set back ---------------------------------------------------------------------------------------


def test_who_looked_by_a_clock_that_was_ahead_looks_from_now_on(lane: Lane) -> None:
    row = born(lane, REAL - LEASE)
    assert look(lane, REAL, seen_to=REAL + timedelta(days=2)) == [row]


def test_one_of_a_clock_that_was_ahead_keeps_a_lease_and_is_then_found(lane: Lane) -> None:
    ahead = REAL + timedelta(days=2)
    assert look(lane, ahead) == []
    row = born(lane, ahead)
    for _ in range(2):  # by two processes
        lane.run_now(lambda session: setback.cut(session, real_now=REAL))
    assert look(lane, REAL + LEASE - TICK, seen_to=ahead) == []
    assert look(lane, REAL + LEASE, seen_to=REAL) == [row]
    assert claim(lane, "two", real=REAL + LEASE) == [row]


# --- the whole outbox held -------------------------------------------------------------------------------------------


def test_one_that_is_old_when_the_outbox_is_released_is_withdrawn(lane: Lane) -> None:
    """Nobody ran meanwhile who could have seen to it."""
    row = born(lane, REAL - timedelta(hours=30), due_at=NOW - hold.OLD)

    def unit(session: Session) -> None:
        assert hold.hold(session, now=NOW)
        assert hold.release(session, now=NOW, real_now=REAL).withdrawn == 1

    lane.run_now(unit)
    assert seen(lane, row).state is OutboxState.withdrawn


# --- what the database does for it -----------------------------------------------------------------------------------


def test_no_claim_looks_at_it(lane: Lane) -> None:
    """Nor is anybody else's message behind it: none of the indexes of what is open knows it."""
    born(lane)
    behind = outbox.row("today", now=NOW, county_id=1, member_id=1)
    lane.run_now(lambda session: outbox.put(session, [behind]))
    assert not lane.run_now(lambda s: claiming.behind_others(s, [behind["id"]], now=NOW))
    assert claim(lane, "two", real=REAL + LEASE) == [behind["id"]]


@pytest.mark.parametrize("counted", [False, True])
def test_they_are_found_by_their_numbers(lane: Lane, counted: bool) -> None:
    """Among all that was ever sent, every quarter of a minute."""
    born(lane)
    first = first_id_at(REAL)
    found = plan(lane, abandoned._LEFT, counted=counted, first=first, last=abandoned._LAST)
    assert "pk_outbox" in found or "outbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in found, found


def test_a_row_of_everybodys_is_left_alone(lane: Lane) -> None:
    """What waits or was claimed out of the outbox is found there."""
    row = outbox.row("today", now=NOW, county_id=1, member_id=1)
    lane.run_now(lambda session: outbox.put(session, [row]))
    assert claim(lane, "one") == [row["id"]]
    assert left(lane, REAL + HOUR, seen_to=REAL - GIVE_UP * 999) == []
    assert lane.run_now(lambda session: session.get_one(Outbox, row["id"])).ended is None
