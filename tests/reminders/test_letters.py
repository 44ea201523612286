"""The outbox as an operator sees it, and once more for what died."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from reminders import letters, outbox
from reminders.letters import LOOKED_BACK, STUCK, Which
from reminders.waiting import Why
from storage import ids
from storage.clock import lease_now
from storage.errors import NotFound
from storage.lane import Lane
from storage.tables.audit import AuditRecord
from storage.tables.mail import IN_HAND, Outbox, OutboxState
from storage.tables.members import Role
from tests import make
from tests.make import NOW


def put(session: Session, member_id: int | None, state: OutboxState, **more: Any) -> int:
    columns: dict[str, Any] = {
        name: more.pop(name) for name in ("unanswered", "receipt", "error") if name in more
    }
    row = outbox.row(
        more.pop("kind", "today"),
        now=NOW,
        county_id=None,
        member_id=member_id,
        due_at=more.pop("due_at", NOW),
        **more,
    )
    outbox.put(session, [{**row, "state": state, "ended": state.at_its_end, **columns}])
    return int(row["id"])


@pytest.fixture
def officer(lane: Lane) -> int:
    return lane.run_now(lambda s: make.member(s, make.county(s)).id)


def test_each_list_shows_what_it_is_for_and_by_number(lane: Lane, officer: int) -> None:
    def unit(session: Session) -> dict[str, int]:
        return {
            "dead": put(session, officer, OutboxState.dead, unanswered=1),
            "waits": put(session, officer, OutboxState.todo, due_at=NOW - STUCK),
            "later": put(session, officer, OutboxState.todo, due_at=NOW + timedelta(seconds=1)),
            "sent": put(session, officer, OutboxState.sent),
            "twice": put(session, None, OutboxState.sent, unanswered=2),
        }

    made = lane.run_now(unit)
    names = {row_id: name for name, row_id in made.items()}

    def shown(*which: Which, limit: int = 50) -> list[str]:
        found = lane.run_now(lambda s: letters.listed(s, which, limit, now=NOW, real_now=NOW))
        return [names[letter.row.id] for letter in found]

    assert shown(Which.dead) == ["dead"]
    assert shown(Which.waiting) == ["waits"]
    assert shown(Which.twice) == ["twice"]
    assert shown(*Which) == ["dead", "waits", "twice"]
    assert shown(*Which, limit=1) == ["twice"]
    (letter,) = lane.run_now(lambda s: letters.listed(s, [Which.dead], 9, now=NOW, real_now=NOW))
    assert (letter.number, letter.roles) == (1, (Role.care_officer,))


def test_an_answer_in_the_hands_of_its_process_is_listed_as_being_sent(lane: Lane, officer: int) -> None:
    """No index knows it: it is looked for among what was made in the last hour."""
    real = lease_now()

    def unit(session: Session) -> tuple[int, list[tuple[int, Why | None]], int]:
        leased = {"owner": "one", "lease_until": real + outbox.LEASE}
        row = put(session, officer, OutboxState.sending, kind="reply", **leased)
        session.get_one(Outbox, row).ended = IN_HAND
        session.flush()
        listed = letters.listed(session, [Which.waiting], 9, now=NOW, real_now=real)
        later = real + letters.IN_HAND_SHOWN + timedelta(minutes=1)
        return (
            row,
            [(letter.row.id, letter.why) for letter in listed],
            len(letters.listed(session, [Which.waiting], 9, now=NOW, real_now=later)),
        )

    row, shown, later = lane.run_now(unit)
    assert (shown, later) == ([(row, Why.sending)], 0)


def test_what_an_operator_has_to_look_at(lane: Lane, officer: int) -> None:
    def unit(session: Session) -> tuple[int, int, int]:
        put(session, officer, OutboxState.dead)
        put(session, officer, OutboxState.dead, due_at=NOW - LOOKED_BACK)  # long ago
        put(session, officer, OutboxState.dead, kind="update")  # an edit that came too late is no loss
        put(session, None, OutboxState.dead)  # a stranger who went away
        put(session, officer, OutboxState.todo, due_at=NOW - STUCK)
        put(session, officer, OutboxState.sending, due_at=NOW - STUCK + timedelta(seconds=1))
        put(session, officer, OutboxState.sent, unanswered=1)
        now = lease_now()
        return (
            letters.died(session, now=NOW),
            letters.stuck(session, now=NOW, real_now=now).total(),
            letters.perhaps_twice(session, real_now=now),
        )

    assert lane.run_now(unit) == (1, 1, 1)


def test_one_is_tried_once_more_by_its_name_and_that_is_on_record(lane: Lane, officer: int) -> None:
    def unit(session: Session) -> int:
        put(session, officer, OutboxState.dead)
        chosen = put(session, officer, OutboxState.dead, error="refused", unanswered=1)
        assert letters.retry(session, ids.short(chosen).lower(), now=NOW) == 1
        return chosen

    chosen = lane.run_now(unit)

    def after(session: Session) -> tuple[list[Outbox], list[AuditRecord]]:
        open_rows = session.exec(select(Outbox).where(Outbox.state == OutboxState.todo)).all()
        return list(open_rows), list(
            session.exec(select(AuditRecord).where(AuditRecord.verb == "outbox_retried"))
        )

    (row,), (record,) = lane.run_now(after)
    assert (row.id, row.attempts, row.error, row.unanswered) == (chosen, 0, None, 1)
    assert (record.subject_id, record.facts) == (chosen, {"kind": "today"})


def test_all_of_them_and_none(lane: Lane, officer: int) -> None:
    def unit(session: Session) -> list[int]:
        for _ in range(3):
            put(session, officer, OutboxState.dead)
        return [letters.retry(session, None, now=NOW) for _ in range(2)]

    assert lane.run_now(unit) == [3, 0]
    with pytest.raises(NotFound):
        lane.run_now(lambda s: letters.retry(s, "2222222", now=NOW))


@pytest.mark.parametrize(
    ("more", "kept"),
    [({}, False), ({"kind": "reply"}, True), ({"receipt": "1"}, True)],
    ids=["a notice", "an answer", "a part is there"],
)
def test_words_that_may_be_true_no_longer_are_found_anew(
    lane: Lane, officer: int, more: dict[str, Any], kept: bool
) -> None:
    def unit(session: Session) -> dict[str, Any]:
        chosen = put(session, officer, OutboxState.dead, payload={"visit": 1, "message": {}}, **more)
        letters.retry(session, None, now=NOW)
        row = session.get_one(Outbox, chosen)
        return outbox.payload_of(row.id, row.payload_sealed)

    assert lane.run_now(unit) == {"visit": 1} | ({"message": {}} if kept else {})
