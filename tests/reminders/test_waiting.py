"""Why a message waits can be read, whatever holds it up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col

from reminders import hold, outbox, waiting
from reminders.waiting import Why
from storage.lane import Lane
from storage.tables.mail import Outbox, OutboxState
from tests.make import NOW, at

REAL = at("2030-01-01")
LATER, BEFORE = REAL + timedelta(minutes=1), REAL - timedelta(minutes=1)
TODO, SENDING = OutboxState.todo, OutboxState.sending


def put(session: Session, member_id: int | None = None, kind: str = "today", **columns: Any) -> Outbox:
    row = outbox.row(kind, now=NOW, county_id=None, member_id=member_id)
    outbox.put(session, [{**row, **columns}])
    return session.get_one(Outbox, row["id"])


def why(session: Session, *rows: Outbox) -> list[Why]:
    found = waiting.reasons(session, rows, now=NOW, real_now=REAL)
    return [found[row.id] for row in rows]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({}, Why.free),
        ({"state": SENDING, "lease_until": LATER}, Why.sending),
        ({"state": SENDING, "lease_until": BEFORE}, Why.free),  # whoever held it is gone
        ({"lease_until": LATER, "error": "TimedOut"}, Why.failed),
        ({"lease_until": BEFORE, "error": "TimedOut"}, Why.free),  # it may be tried now
        ({"lease_until": LATER, "error": waiting.full("day")}, Why.day),
        ({"lease_until": LATER, "error": waiting.full("chat")}, Why.chat),
        ({"lease_until": LATER, "error": waiting.full("channel")}, Why.channel),
        ({"lease_until": BEFORE, "error": waiting.full("day")}, Why.free),
        ({"lease_until": LATER}, Why.behind),  # put back untried, for one before it did not get through
    ],
)
def test_of_one_message(lane: Lane, columns: dict[str, Any], reason: Why) -> None:
    assert lane.run_now(lambda session: why(session, put(session, **columns))) == [reason]


def test_behind_another_to_the_same_person_and_a_safety_call_behind_none(lane: Lane) -> None:
    def unit(session: Session) -> list[Why]:
        rows = [put(session, 1), put(session, 1), put(session, 2), put(session, 1, "safety")]
        return why(session, *rows)

    assert lane.run_now(unit) == [Why.free, Why.behind, Why.free, Why.free]


def test_what_is_held_as_a_whole_and_how_many_wait_for_what(lane: Lane) -> None:
    def unit(session: Session) -> list[dict[Why, int]]:
        for member_id in (1, 1, 2):
            put(session, member_id)
        put(session, 3, lease_until=LATER, error=waiting.full("day"))
        put(session, 4, state=OutboxState.sent)
        put(session, 5, state=SENDING, lease_until=LATER)
        counts = [dict(waiting.counted(session, col(Outbox.due_at) <= NOW, now=NOW, real_now=REAL))]
        hold.hold(session, now=NOW)
        return [*counts, dict(waiting.counted(session, col(Outbox.due_at) <= NOW, now=NOW, real_now=REAL))]

    assert lane.run_now(unit) == [
        {Why.free: 2, Why.behind: 1, Why.day: 1, Why.sending: 1},
        {Why.held: 4, Why.sending: 1},
    ]


def test_what_was_put_back_says_what_was_used_up_until_it_is_sent(lane: Lane) -> None:
    def unit(session: Session) -> tuple[str | None, int, str | None]:
        row = put(session, state=SENDING, owner="a", attempts=1)
        outbox.put_back(session, row.id, "a", until=LATER, why=waiting.full("day"))
        session.refresh(row)
        said, attempts = row.error, row.attempts
        row.owner = "b"
        session.flush()
        outbox.mark_sent(session, row.id, "b", ["1"], now=NOW)
        session.refresh(row)
        return said, attempts, row.error

    assert lane.run_now(unit) == ("full: day", 0, None)
