"""The outbox: claimed by one, finished by the one who holds it, never lost, in order within a chat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlmodel import Session, select

from bot import typed
from reminders import calls, claiming, letters, outbox
from reminders.outbox import BACKOFF, GIVE_UP, LEASE
from storage.lane import Lane, open_lane
from storage.prepared import Prepared, driver_of
from storage.tables.mail import IN_HAND, UNASKED, URGENT, Outbox, OutboxState
from tests.make import NOW, at

REAL = at("2030-01-01")  # the real clock, far from the people's on purpose
TICK = timedelta(microseconds=1)


def put(
    lane: Lane, member_id: int | None = 1, due_at: datetime = NOW, kind: str = "today", **more: Any
) -> int:
    row = outbox.row(kind, now=NOW, county_id=1, member_id=member_id, due_at=due_at, **more)
    lane.run_now(lambda session: outbox.put(session, [row]))
    return int(row["id"])


def claim(
    lane: Lane, owner: str = "a", *, now: datetime = NOW, real: datetime = REAL, limit: int = 50
) -> list[int]:
    def unit(session: Session) -> list[int]:
        return [row.id for row in claiming.claim(session, owner, now=now, real_now=real, limit=limit)]

    return lane.run_now(unit)


def seen(lane: Lane, row_id: int) -> Outbox:
    return lane.run_now(lambda session: session.get_one(Outbox, row_id))


def finish(lane: Lane, row_id: int, owner: str = "a") -> bool:
    return lane.run_now(lambda session: outbox.mark_sent(session, row_id, owner, ["r1"], now=NOW))


@pytest.fixture
def beside(lane: Lane, database_url: str) -> Iterator[Lane]:
    """Another process on the same database."""
    other = open_lane(database_url)
    yield other
    other.close()


def test_an_answer_in_hand_says_what_any_leased_row_says(lane: Lane) -> None:
    """Five of its values stand in the text of its statement."""
    whose: dict[str, Any] = {"county_id": 1, "member_id": 2, "channel": "sandbox", "owner": "a"}
    answer = outbox.in_hand({"message": "text"}, now=NOW, **whose)
    whose |= {"state": OutboxState.sending, "lease_until": answer["lease_until"], "attempts": 1}
    row = outbox.row("reply", now=NOW, payload={"message": "text"}, **whose) | {"ended": IN_HAND}

    def unit(session: Session) -> list[dict[str, Any]]:
        outbox.put_in_hand(session, [answer])
        outbox.put(session, [row])
        return [session.get_one(Outbox, one["id"]).model_dump() for one in (answer, row)]

    said, as_usual = lane.run_now(unit)
    own = {"id", "nonce", "payload_sealed"}
    assert {name for name in said if said[name] != as_usual[name]} == own
    for one in (said, as_usual):
        assert outbox.payload_of(one["id"], one["payload_sealed"]) == {"message": "text"}
        assert outbox.row_called(Session(), one["nonce"]) == one["id"]


# --- claiming --------------------------------------------------------------------------------------------------------


def test_what_is_due_is_claimed_oldest_first(lane: Lane) -> None:
    later, first = put(lane, 1, NOW - timedelta(minutes=1)), put(lane, 2, NOW - timedelta(hours=1))
    put(lane, 3, NOW + TICK)
    assert claim(lane) == [first, later]
    assert claim(lane) == []


def test_a_claim_takes_no_more_than_asked(lane: Lane) -> None:
    rows = [put(lane, number) for number in range(5)]
    assert claim(lane, limit=2) == rows[:2]
    assert claim(lane, "b", limit=2) == rows[2:4]


def test_a_claim_is_a_lease(lane: Lane) -> None:
    row = put(lane)
    assert claim(lane) == [row]
    held = seen(lane, row)
    assert (held.state, held.owner, held.attempts) == (OutboxState.sending, "a", 1)
    assert claim(lane, "b", real=REAL + LEASE - TICK) == []
    assert claim(lane, "b", real=REAL + LEASE) == [row]
    assert seen(lane, row).attempts == 2


def test_moving_the_peoples_clock_frees_no_lease(lane: Lane) -> None:
    put(lane)
    claim(lane)
    assert claim(lane, "b", now=NOW + timedelta(days=90)) == []


def test_a_sender_that_slept_past_its_lease_finishes_nothing(lane: Lane) -> None:
    row = put(lane)
    claim(lane, "slow")
    assert claim(lane, "quick", real=REAL + LEASE) == [row]

    def late(session: Session) -> list[bool]:
        return [
            outbox.mark_sent(session, row, "slow", "r", now=NOW),
            outbox.mark_failed(session, row, "slow", 1, "x", real_now=REAL),
            outbox.mark_dead(session, row, "slow", "x"),
            outbox.mark_withdrawn(session, row, "slow"),
        ]

    assert lane.run_now(late) == [False] * 4
    assert (seen(lane, row).state, seen(lane, row).owner) == (OutboxState.sending, "quick")
    assert finish(lane, row, "quick")


def test_a_finished_row_is_never_claimed_again(lane: Lane) -> None:
    ends = {
        OutboxState.sent: lambda s, row: outbox.mark_sent(s, row, "a", "r", now=NOW),
        OutboxState.withdrawn: lambda s, row: outbox.mark_withdrawn(s, row, "a"),
        OutboxState.dead: lambda s, row: outbox.mark_dead(s, row, "a", "x" * 200),
    }
    for member_id, (state, end) in enumerate(ends.items()):
        row = put(lane, member_id)
        claim(lane)
        assert lane.run_now(lambda session, end=end, row=row: end(session, row))  # type: ignore[misc]
        assert (seen(lane, row).state, seen(lane, row).ended) == (state, state)
    assert claim(lane, "b", real=REAL + timedelta(days=9)) == []


def test_what_a_process_of_the_version_before_has_ended_is_not_claimed_and_holds_up_nobody(
    lane: Lane,
) -> None:
    """While an upgrade is under way: it knows only the state."""
    put(lane)

    def ends(session: Session) -> None:
        session.execute(text("UPDATE outbox SET state = 'sent'"))

    lane.run_now(ends)
    behind = put(lane)
    assert claim(lane) == [behind]


# --- failing ---------------------------------------------------------------------------------------------------------


def test_pauses_grow(lane: Lane) -> None:
    row, real, pauses = put(lane), REAL, []
    for attempt in range(1, 8):
        assert claim(lane, real=real) == [row]
        assert seen(lane, row).attempts == attempt
        lane.run_now(lambda s, a=attempt, r=real: outbox.mark_failed(s, row, "a", a, "429", real_now=r))  # type: ignore[misc]
        after = seen(lane, row)
        assert after.lease_until is not None
        assert after.error == "429"
        assert claim(lane, real=after.lease_until - TICK) == []
        pauses.append((after.lease_until - real).total_seconds())
        real = after.lease_until
    assert pauses == [*BACKOFF, *[BACKOFF[-1]] * (7 - len(BACKOFF))]


def test_trying_ends_by_age_however_few_attempts_that_were(lane: Lane) -> None:
    row = put(lane)

    def enough(real: datetime) -> bool:
        return lane.run_now(lambda s: outbox.has_tried_enough(s, row, real_now=real))

    assert not enough(REAL + 2 * GIVE_UP)  # nobody has tried yet, though it may have lain here for days
    claim(lane)
    lane.run_now(lambda s: outbox.mark_failed(s, row, "a", 1, "x", real_now=REAL, after=timedelta(hours=30)))
    assert claim(lane, "b", real=REAL + timedelta(hours=30)) == [
        row
    ]  # the first attempt counts, not the last
    assert not enough(REAL + GIVE_UP - TICK)
    assert enough(REAL + GIVE_UP)


def test_to_wait_is_not_to_try(lane: Lane) -> None:
    """What was put back untried may lie for days: its first failure is its first. What was tried keeps counting."""
    row = put(lane)
    claim(lane)
    lane.run_now(lambda s: outbox.put_back(s, row, "a"))
    later = REAL + 2 * GIVE_UP
    claim(lane, real=later)

    def enough(real: datetime) -> bool:
        return lane.run_now(lambda s: outbox.has_tried_enough(s, row, real_now=real))

    assert not enough(later)
    lane.run_now(lambda s: outbox.mark_failed(s, row, "a", 1, "429", real_now=later))
    again = later + timedelta(hours=1)
    claim(lane, real=again)
    lane.run_now(lambda s: outbox.put_back(s, row, "a"))
    claim(lane, real=again)
    assert enough(later + GIVE_UP)


# --- perhaps sent twice ----------------------------------------------------------------------------------------------


def doubts(lane: Lane, row_id: int) -> int:
    return seen(lane, row_id).unanswered


def test_a_lease_that_ran_out_leaves_a_doubt(lane: Lane) -> None:
    row = put(lane)
    claim(lane)
    assert doubts(lane, row) == 0
    claim(lane, "b", real=REAL + LEASE)
    assert doubts(lane, row) == 1
    finish(lane, row, "b")
    assert doubts(lane, row) == 1


def test_what_was_refused_or_put_back_leaves_no_doubt(lane: Lane) -> None:
    row = put(lane)
    claim(lane)
    lane.run_now(lambda s: outbox.put_back(s, row, "a"))
    claim(lane)
    lane.run_now(lambda s: outbox.mark_failed(s, row, "a", 1, "429", real_now=REAL))
    assert claim(lane, real=REAL + timedelta(days=1)) == [row]
    assert doubts(lane, row) == 0


def test_an_attempt_without_an_answer_leaves_a_doubt(lane: Lane) -> None:
    row = put(lane)
    claim(lane)
    lane.run_now(lambda s: outbox.mark_failed(s, row, "a", 1, "cut", real_now=REAL, uncertain=True))
    assert doubts(lane, row) == 1
    claim(lane, real=REAL + timedelta(days=1))
    lane.run_now(lambda s: outbox.mark_dead(s, row, "a", "cut", uncertain=True))
    assert doubts(lane, row) == 2


@pytest.mark.parametrize("kind", outbox.NO_MESSAGE)
def test_what_changes_a_message_is_never_there_twice(lane: Lane, kind: str) -> None:
    row = outbox.row(kind, now=NOW, county_id=1, member_id=1)
    lane.run_now(lambda session: outbox.put(session, [row]))
    claim(lane)
    claim(lane, "b", real=REAL + LEASE)
    assert doubts(lane, row["id"]) == 0


# --- several at once -------------------------------------------------------------------------------------------------


def behind(lane: Lane, first: int, *kinds: str) -> list[int]:
    def unit(session: Session) -> list[int]:
        row = session.get_one(Outbox, first)
        found = claiming.claim_behind(session, row, kinds, now=NOW, real_now=REAL, limit=9)
        assert all((one.owner, one.lease_until) == (row.owner, row.lease_until) for one in found)
        return [one.id for one in found]

    return lane.run_now(unit)


def test_what_waits_behind_a_row_is_claimed_with_it_up_to_the_first_that_is_not_ready(lane: Lane) -> None:
    first, second, third = put(lane), put(lane), put(lane)
    put(lane, 2)  # somebody else's
    put(lane, 1, NOW + TICK)  # not yet due, and so in nobody's way
    tried = put(lane)  # and perhaps there
    put(lane)
    assert claim(lane, limit=1) == [first]
    lane.run_now(lambda s: setattr(s.get_one(Outbox, tried), "unanswered", 1))
    assert behind(lane, first, "alert") == []
    assert behind(lane, first, "today") == [second, third]
    assert behind(lane, first, "today") == []  # they are held
    assert all(finish(lane, row) for row in (first, second, third))
    assert tried in claim(lane, "b")


# --- order within one chat -------------------------------------------------------------------------------------------


def drain(lane: Lane, *, real: datetime = REAL) -> list[int]:
    """Claim and finish until nothing is left; the order in which that went."""
    order: list[int] = []
    while batch := claim(lane, real=real):
        order += sorted(batch)  # the post office sends one chat in the order of the ids
        assert all(finish(lane, row) for row in batch)
    return order


def test_one_chat_keeps_its_order_whatever_the_size_of_a_claim(lane: Lane) -> None:
    rows = [put(lane) for _ in range(6)]
    done: list[int] = []
    while batch := claim(lane, limit=2):
        done += batch
        assert all(finish(lane, row) for row in batch)
    assert done == rows


def test_a_younger_message_waits_for_an_older_one_that_is_on_its_way(lane: Lane) -> None:
    first, second, elsewhere = put(lane), put(lane), put(lane, member_id=2)
    claim(lane, limit=1)
    assert claim(lane, "b") == [elsewhere]
    finish(lane, first)
    assert claim(lane, "b") == [second]


def test_a_younger_message_waits_for_an_older_one_that_failed(lane: Lane) -> None:
    first, second, elsewhere = put(lane), put(lane), put(lane, member_id=2)
    claim(lane, limit=1)
    lane.run_now(lambda s: outbox.mark_failed(s, first, "a", 1, "502", real_now=REAL))
    assert claim(lane, "b") == [elsewhere]
    assert drain(lane, real=REAL + timedelta(seconds=5)) == [first, second]


def test_nobody_waits_for_what_takes_something_back_and_it_waits_for_what_went_before(lane: Lane) -> None:
    question, removal, answer = put(lane), put(lane, kind=outbox.REMOVAL), put(lane)
    assert claim(lane) == [question]
    finish(lane, question)
    assert claim(lane) == [removal, answer]


def test_a_message_for_later_holds_up_nobody(lane: Lane) -> None:
    put(lane, due_at=NOW + timedelta(hours=1))
    younger = put(lane)
    assert claim(lane) == [younger]


def test_messages_to_strangers_do_not_wait_for_each_other(lane: Lane) -> None:
    rows = [put(lane, member_id=None) for _ in range(3)]
    assert claim(lane, limit=1) == rows[:1]
    assert claim(lane, "b") == rows[1:]


def test_order_holds_though_the_older_claim_is_not_committed_yet(lane: Lane, beside: Lane) -> None:
    first, second = put(lane), put(lane)
    claimed, asked = threading.Event(), threading.Event()

    def slowly(session: Session) -> list[int]:
        rows = claiming.claim(session, "a", now=NOW, real_now=REAL, limit=1)
        claimed.set()
        asked.wait(0.3)  # SQLite has the other wait for our commit: then this is the time that it waits
        return [row.id for row in rows]

    with ThreadPoolExecutor(2) as threads:
        mine = threads.submit(lane.run_now, slowly)
        assert claimed.wait(60)
        other = threads.submit(claim, beside, "b").result()
        asked.set()
        assert mine.result() == [first]
    assert other == []
    finish(lane, first)
    assert claim(beside, "b") == [second]


# --- safety calls ----------------------------------------------------------------------------------------------------


def alarm(lane: Lane, member_id: int = 1, kind: str = "safety", due_at: datetime = NOW) -> int:
    row = outbox.row(kind, now=NOW, county_id=1, member_id=member_id, due_at=due_at)
    lane.run_now(lambda session: outbox.put(session, [row]))
    return int(row["id"])


def test_a_safety_call_goes_before_all_that_was_due_earlier(lane: Lane) -> None:
    earlier = [put(lane, number, NOW - timedelta(hours=1)) for number in range(10)]
    urgent = [alarm(lane, 20 + number, kind) for number, kind in enumerate(sorted(calls.KINDS))]
    assert claim(lane, limit=5) == [*urgent, *earlier[:2]]


def test_a_safety_call_waits_behind_nothing_but_safety_calls(lane: Lane) -> None:
    """Not behind what waits for the same person, nor behind what somebody is sending or failed to send to them."""
    failed = put(lane)
    claim(lane)
    lane.run_now(lambda s: outbox.mark_failed(s, failed, "a", 1, "502", real_now=REAL))
    sending = put(lane, 2)
    claim(lane)
    waiting = put(lane, 2)
    first, second, other = alarm(lane), alarm(lane), alarm(lane, 2)
    assert claim(lane, "b") == [first, other]
    assert claim(lane, "b") == []
    finish(lane, first, "b")
    assert claim(lane, "c") == [second]
    finish(lane, sending)
    assert claim(lane, "c") == [waiting]


def test_a_safety_call_is_held_for_its_time_and_by_its_lease(lane: Lane) -> None:
    alarm(lane, due_at=NOW + TICK)
    assert claim(lane) == []
    urgent = alarm(lane, 2)
    assert claim(lane) == [urgent]
    assert claim(lane, "b") == []
    assert claim(lane, "b", real=REAL + LEASE) == [urgent]
    assert seen(lane, urgent).unanswered == 1


def test_while_there_is_room_for_nothing_else_safety_calls_are_claimed(lane: Lane) -> None:
    put(lane)
    urgent = alarm(lane, 2)

    def only(session: Session) -> list[int]:
        return claiming.claim_ids(session, "a", now=NOW, real_now=REAL, only_urgent=True)

    assert lane.run_now(only) == [urgent]
    assert lane.run_now(only) == []


# --- what the database does for it -----------------------------------------------------------------------------------


def plan(lane: Lane, question: Prepared, *, counted: bool = True, **values: Any) -> str:
    """How the database finds what is asked for, among five hundred that wait and as many that are over. `counted`: it
    has been told how many there are of what."""

    def unit(session: Session) -> str:
        rows = [outbox.row("today", now=NOW, county_id=1, member_id=number) for number in range(1000)]
        for row in rows[::2]:
            row |= {"state": OutboxState.sent, "ended": OutboxState.sent}
        outbox.put(session, rows)
        connection = session.connection()
        if counted:
            session.execute(text("ANALYZE outbox"))
        elif connection.dialect.name == "postgresql":
            # Whatever the server has counted by itself meanwhile.
            session.execute(
                text("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'outbox'::regclass")
            )
        prepared = copy(question._plan(connection.dialect, values))
        explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        prepared.sql = f"{explain} {prepared.sql}"
        given = prepared.handed({"now": NOW, "real_now": REAL, **values})
        return str(driver_of(session)[0].execute(prepared.sql, given).fetchall())

    return lane.run_now(unit)


def test_what_is_urgent_is_found_by_an_index_of_its_own(lane: Lane) -> None:
    """Else each look for a safety call would read all that waits, in a morning ten thousand rows."""
    assert "ix_outbox_urgent" in plan(lane, claiming._LOOK)


def test_what_is_urgent_is_all_of_safety_calls_and_nothing_else() -> None:
    assert set(URGENT) == calls.KINDS


def test_a_new_row_is_put_into_its_indexes_without_a_table_made_for_it(lane: Lane) -> None:
    """Of a list in an index's condition SQLite makes one each time: `kind IN (…)` was a quarter of a row's time."""

    def unit(session: Session) -> None:
        driver, dialect = driver_of(session)
        if dialect.name == "sqlite":
            new = outbox.row("reply", now=NOW, county_id=1, member_id=1)
            plan = outbox._INSERT._plan(dialect, new)
            steps = driver.execute(f"EXPLAIN {plan.sql}", plan.handed(new)).fetchall()
            assert "OpenEphemeral" not in {step[1] for step in steps}

    lane.run_now(unit)


def test_a_look_for_what_is_due_reads_one_row(lane: Lane) -> None:
    assert "ix_outbox_open" in plan(lane, claiming._LOOK)


def test_a_claim_asks_the_indexes_what_is_open_and_what_is_before_it(lane: Lane) -> None:
    claimed = plan(lane, claiming._CLAIM, most=3, claimer="a", until=REAL)
    if claimed.startswith("[('"):  # PostgreSQL, for whom so small a table is soon read as a whole
        assert "ix_outbox_" in claimed, claimed
    else:
        assert {"ix_outbox_open", "ix_outbox_line"} <= set(claimed.split()), claimed


@pytest.mark.parametrize("counted", [False, True])
def test_whether_a_row_is_behind_another_is_looked_up_in_its_own_line(lane: Lane, counted: bool) -> None:
    """Before PostgreSQL has counted what is there, it would go through all that waits for each single row: a claim
    among five thousand took four seconds, by then most of a lease was over."""
    claimed = plan(lane, claiming._CLAIM, counted=counted, most=3, claimer="a", until=REAL)
    if claimed.startswith("[('"):
        assert "ix_outbox_line" in claimed or "ix_outbox_member_kind" in claimed, claimed
        assert "(member_id = outbox_1.member_id)" in claimed, claimed
    else:
        assert "ix_outbox_line (member_id=? AND id<?)" in claimed, claimed


def test_the_dead_are_found_among_many(lane: Lane) -> None:
    assert "ix_outbox_dead" in plan(lane, Prepared(select(Outbox.id).where(letters._DEAD)))


def test_what_somebody_was_shown_last_is_read_from_the_end(lane: Lane) -> None:
    """It is asked for whatever they type. Who had been sent thousands waited for all of them to be read and put in
    order: a step took five times as long."""
    found = plan(lane, typed._LATEST, member=2, since=NOW, channel="sandbox")
    assert "ix_outbox_shown" in found, found
    assert not any(word in found for word in ("ORDER BY", "Sort")), found


def test_a_button_leads_to_its_row_by_what_it_says_or_how_it_was_called_before(lane: Lane) -> None:
    named = plan(lane, typed._BY_NONCE, row=1, nonce="x", member=2, since=NOW)
    assert "PRIMARY KEY" in named or "pk_outbox" in named, named
    assert "ix_outbox_nonce" in plan(lane, outbox._OF_OLD_NONCE, nonce="x")


def test_what_went_out_unasked_is_found_by_its_kind(lane: Lane) -> None:
    """An answer is not, which most of what anybody is sent is."""
    of_kind = select(Outbox.id).where(
        Outbox.member_id == bindparam("member"),
        text(f"outbox.{UNASKED}"),
        Outbox.kind == bindparam("kind"),
    )
    assert "ix_outbox_member_kind" in plan(lane, Prepared(of_kind), member=2, kind="digest")


def test_a_claim_writes_no_index(lane: Lane) -> None:
    """Those of what waits ask for nothing that a claim changes. It is what most of its time went into."""
    rows = [outbox.row("today", now=NOW, county_id=1, member_id=number) for number in range(20)]
    lane.run_now(lambda session: outbox.put(session, rows))

    def unit(session: Session) -> None:
        assert len(claiming.claim_ids(session, "a", now=NOW, real_now=REAL)) == 20
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            seen = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'outbox'"
            assert tuple(session.execute(text(seen)).one()) == (20, 20)
            return
        sql = claiming._CLAIM._plan(connection.dialect, {}).sql
        steps = connection.exec_driver_sql(f"EXPLAIN {sql}", (None,) * sql.count("?")).all()
        found = connection.exec_driver_sql("SELECT rootpage, name FROM sqlite_master").all()
        names = dict(map(tuple, found))
        opened = {step.p1: names.get(step.p2) for step in steps if step.opcode == "OpenWrite"}
        changed = {opened[step.p1] for step in steps if step.opcode == "IdxDelete"}
        assert changed <= {"ix_outbox_doubted"}  # where nobody knows whether it arrived

    lane.run_now(unit)


# --- side by side ----------------------------------------------------------------------------------------------------


def test_two_senders_never_hold_the_same_message(lane: Lane, beside: Lane) -> None:
    rows = [outbox.row("today", now=NOW, county_id=1, member_id=number) for number in range(200)]
    lane.run_now(lambda session: outbox.put(session, rows))

    def sender(mine: Lane, owner: str) -> list[int]:
        taken: list[int] = []
        while batch := claim(mine, owner, limit=7):
            taken += batch
        return taken

    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(sender, each, f"s{n}") for n, each in enumerate([lane, beside] * 2)]
        taken = [row for job in jobs for row in job.result()]
    assert sorted(taken) == sorted(row["id"] for row in rows)


def test_one_key_is_one_message(lane: Lane, beside: Lane) -> None:
    def once(mine: Lane) -> bool:
        row = outbox.row("chase", now=NOW, county_id=1, member_id=1, dedupe="chase:1")
        return mine.run_now(lambda session: outbox.put_once(session, row))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(once, [lane, beside] * 4)) == 1
    assert len(claim(lane)) == 1


def test_the_payload_is_sealed_to_its_row(lane: Lane) -> None:
    row = put(lane, payload={"visit": 7, "words": "张明"})
    sealed = seen(lane, row).payload_sealed
    assert sealed is not None
    assert "张明".encode() not in sealed
    assert outbox.payload_of(row, sealed) == {"visit": 7, "words": "张明"}
