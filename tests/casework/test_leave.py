"""Leave: taken, covered, withdrawn, by whom and for which days; and what a cover may do, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import leave, notes, people, visits
from casework.notes import NoteData
from casework.people import NewMember
from reminders import outbox
from storage.errors import Conflict, NotFound, Refused
from storage.lane import Lane
from storage.queries.access import access_visit
from storage.tables.audit import AuditRecord
from storage.tables.leaves import Leave
from storage.tables.members import Member, MemberState, Role
from tests import make
from tests.make import MONDAY, NOW, Town, at

FRIDAY = date(2026, 11, 27)
LATER = date(2026, 12, 31)


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def acts(lane: Lane, member_id: int, act: Callable[..., Any], *args: Any, now: datetime = NOW) -> Any:
    def unit(session: Session) -> Any:
        return act(session, make.actor(session, session.get_one(Member, member_id)), *args, now=now)

    return lane.run_now(unit)


def take(
    lane: Lane,
    who: int,
    first: date = MONDAY,
    last: date = FRIDAY,
    cover: int | None = None,
    *,
    now: datetime = NOW,
) -> int:
    return int(acts(lane, who, leave.take, first, last, cover, now=now).id)


def letters(lane: Lane, town: Town) -> list[tuple[str, str]]:
    return [
        (row.kind, town.who(row.member_id or 0))
        for row in lane.run_now(make.mail)
        if row.kind in ("cover", "leave", "leave_off")
    ]


def test_the_cover_and_the_supervisor_are_told_once(lane: Lane, town: Town) -> None:
    made = take(lane, town.officer, cover=town.colleague)
    assert sorted(letters(lane, town)) == [("cover", "colleague"), ("leave", "supervisor")]
    row = lane.run_now(lambda s: next(r for r in make.mail(s, "cover")))
    assert outbox.payload_of(row.id, row.payload_sealed) == {"leave": made}
    (record,) = lane.run_now(
        lambda s: s.exec(select(AuditRecord).where(AuditRecord.verb == "leave_taken")).all()
    )
    assert record.facts == {"first_on": "2026-11-23", "last_on": "2026-11-27", "cover": town.colleague}


def test_without_a_cover_the_supervisor_alone_and_where_there_is_none_the_office(
    lane: Lane, town: Town
) -> None:
    take(lane, town.officer)
    assert letters(lane, town) == [("leave", "supervisor")]

    def alone(session: Session) -> None:
        session.get_one(Member, town.colleague).supervisor_id = None

    lane.run_now(alone)
    take(lane, town.colleague)
    assert letters(lane, town)[1:] == [("leave", "staff")]


def test_a_supervisor_on_leave_is_not_the_one_who_hears(lane: Lane, town: Town) -> None:
    take(lane, town.supervisor)
    assert letters(lane, town) == []
    take(lane, town.officer)
    assert letters(lane, town) == [("leave", "staff")]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 24), date(2026, 11, 23)),  # the wrong way round
        (date(2026, 11, 20), date(2026, 11, 22)),  # over
        (date(2026, 11, 15), MONDAY),  # begun more than seven days ago
        (date(2027, 5, 23), date(2027, 5, 24)),  # 181 days ahead
        (MONDAY, date(2027, 2, 21)),  # 91 days
    ],
)
def test_days_that_are_refused(lane: Lane, town: Town, first: date, last: date) -> None:
    with pytest.raises(Refused):
        take(lane, town.officer, first, last)
    assert letters(lane, town) == []


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (MONDAY, MONDAY),
        (date(2026, 11, 16), MONDAY),
        (date(2027, 5, 22), date(2027, 5, 22)),
        (MONDAY, date(2027, 2, 20)),
    ],
)
def test_days_at_the_very_edge(lane: Lane, town: Town, first: date, last: date) -> None:
    assert take(lane, town.officer, first, last)


@pytest.mark.parametrize(
    ("first", "last", "free"),
    [
        (date(2026, 11, 27), date(2026, 12, 2), False),
        (date(2026, 11, 20), date(2026, 11, 23), False),
        (date(2026, 11, 28), date(2026, 12, 2), True),
    ],
)
def test_leave_does_not_overlap(lane: Lane, town: Town, first: date, last: date, free: bool) -> None:
    take(lane, town.officer)
    if free:
        take(lane, town.officer, first, last)
    else:
        with pytest.raises(Conflict):
            take(lane, town.officer, first, last)


@pytest.mark.parametrize("cover", ["officer", "supervisor", "staff", "suspended", "away", "foreign"])
def test_who_cannot_cover(lane: Lane, town: Town, cover: str) -> None:
    if cover == "suspended":
        lane.run_now(lambda s: people.suspend(s, town.colleague, now=NOW))
    if cover == "away":
        take(lane, town.colleague, FRIDAY, LATER)
    if cover == "foreign":
        other = lane.run_now(lambda s: make.member(s, make.county(s, "ZZ")).id)
    else:
        other = {"suspended": town.colleague, "away": town.colleague}.get(cover) or getattr(town, cover)
    with pytest.raises(Refused):
        take(lane, town.officer, cover=other)


def test_a_cover_named_afterwards(lane: Lane, town: Town) -> None:
    made = take(lane, town.officer)
    acts(lane, town.officer, leave.name_cover, made, town.colleague)
    assert sorted(letters(lane, town)) == [
        ("cover", "colleague"),
        ("leave", "supervisor"),
        ("leave", "supervisor"),
    ]
    with pytest.raises(Conflict):
        acts(lane, town.officer, leave.name_cover, made, town.colleague)


def test_leave_is_ones_own(lane: Lane, town: Town) -> None:
    made = take(lane, town.officer, cover=town.colleague)
    for other in (town.colleague, town.supervisor, town.staff):
        with pytest.raises(NotFound):
            acts(lane, other, leave.withdraw, made)
    with pytest.raises(NotFound):
        acts(lane, town.officer, leave.withdraw, 4711)


def test_whoever_is_not_reminded_of_anything_takes_no_leave(lane: Lane, town: Town) -> None:
    def subject(session: Session) -> int:
        from storage.tables.counties import County

        return make.member(session, session.get_one(County, town.county), Role.unit_party_org, name="郑华").id

    with pytest.raises(Refused):
        take(lane, lane.run_now(subject))


# --- back ------------------------------------------------------------------------------------------------------------


def test_leave_that_has_not_begun_never_was(lane: Lane, town: Town) -> None:
    made = take(lane, town.officer, date(2026, 11, 24), FRIDAY, town.colleague)
    gone = acts(lane, town.officer, leave.withdraw, made)
    assert gone.withdrawn_at == NOW
    assert letters(lane, town)[2:] in (
        [("leave_off", "supervisor"), ("leave_off", "colleague")],
        [("leave_off", "colleague"), ("leave_off", "supervisor")],
    )
    with pytest.raises(NotFound):
        acts(lane, town.officer, leave.withdraw, made)
    take(lane, town.officer)


def test_leave_that_runs_ended_yesterday(lane: Lane, town: Town) -> None:
    made = take(lane, town.officer, cover=town.colleague)
    lane.run_now(lambda s: setattr(s.get_one(Member, town.officer), "digest_at", at("2026-11-30", "08:30")))
    acts(lane, town.officer, leave.withdraw, made, now=at("2026-11-25", "10:00"))
    kept = lane.run_now(lambda s: s.get_one(Leave, made))
    assert (kept.last_on, kept.withdrawn_at) == (date(2026, 11, 24), None)
    assert lane.run_now(lambda s: s.get_one(Member, town.officer).digest_at) == at("2026-11-26", "08:30")


# --- what a cover may do ---------------------------------------------------------------------------------------------


def may_record(lane: Lane, town: Town, who: int, day: date) -> bool:
    def unit(session: Session) -> bool:
        actor = make.actor(session, session.get_one(Member, who))
        try:
            access_visit(session, actor, town.visit, to="record", today=day)
        except NotFound:
            return False
        return True

    return lane.run_now(unit)


def test_a_cover_records_while_the_leave_runs_and_not_a_day_longer(lane: Lane, town: Town) -> None:
    take(lane, town.officer, date(2026, 11, 24), FRIDAY, town.colleague)
    expected = {23: False, 24: True, 25: True, 27: True, 28: False}
    assert {n: may_record(lane, town, town.colleague, date(2026, 11, n)) for n in expected} == expected
    assert may_record(lane, town, town.officer, FRIDAY), "the officer may still write what they did"
    assert not may_record(lane, town, town.supervisor, FRIDAY)


def test_a_cover_has_no_hand_in_what_falls_due_after_the_leave(lane: Lane, town: Town) -> None:
    take(lane, town.officer, date(2026, 11, 19), date(2026, 11, 22), town.colleague, now=at("2026-11-18"))
    assert not may_record(lane, town, town.colleague, date(2026, 11, 20))  # due on the 23rd


def test_a_cover_who_goes_on_leave_covers_no_more(lane: Lane, town: Town) -> None:
    take(lane, town.officer, cover=town.colleague)
    take(lane, town.colleague, date(2026, 11, 25), FRIDAY)
    assert may_record(lane, town, town.colleague, date(2026, 11, 24))
    assert not may_record(lane, town, town.colleague, date(2026, 11, 25))


def test_a_cover_acts_like_the_officer(lane: Lane, town: Town) -> None:
    take(lane, town.officer, cover=town.colleague)
    moved = acts(lane, town.colleague, visits.reschedule, town.visit, FRIDAY, "ill")
    assert (moved.due_on, moved.officer_id) == (FRIDAY, town.officer)
    note = NoteData(town.visit, "talk", 1, MONDAY, {"work": "…"})
    recorded = acts(lane, town.colleague, notes.record_visit, note)
    assert recorded.visit.done_on == MONDAY
    following = recorded.following
    assert following is not None
    assert following.officer_id == town.officer, "the care officer stays"


def test_a_cover_who_oversees_does_not_direct_what_is_theirs_to_make(lane: Lane, town: Town) -> None:
    def also_supervises(session: Session) -> None:
        colleague = session.get_one(Member, town.colleague)
        people.grant(session, colleague, NewMember("吴涛", Role.supervisor), now=NOW, actor=None)
        session.get_one(Member, town.officer).supervisor_id = colleague.id

    lane.run_now(also_supervises)
    acts(lane, town.colleague, visits.chase, town.visit)
    take(lane, town.officer, cover=town.colleague)
    with pytest.raises(NotFound):
        acts(lane, town.colleague, visits.extend, town.visit)


def test_a_chase_goes_to_the_cover_and_without_one_nowhere(lane: Lane, town: Town) -> None:
    made = take(lane, town.officer)
    with pytest.raises(Refused, match="Nobody is there"):
        acts(lane, town.supervisor, visits.chase, town.visit)
    acts(lane, town.officer, leave.name_cover, made, town.colleague)
    acts(lane, town.supervisor, visits.chase, town.visit)
    assert [row.member_id for row in lane.run_now(lambda s: make.mail(s, "chase"))] == [town.colleague]


def test_nobody_on_leave_takes_a_visit_over(lane: Lane, town: Town) -> None:
    take(lane, town.colleague)
    assert acts(lane, town.supervisor, visits.candidates, town.visit) == []


@pytest.mark.parametrize(
    ("who", "found"),
    [("吴涛", ["吴涛"]), ("老吴", ["吴涛"]), ("小吴", ["吴涛", "吴波"]), ("wutao", ["吴涛"]), ("wt", ["吴涛"]),
     ("老王", []), ("李敏", []), ("无此人", []), ("成员3", ["吴涛"]), ("member 99", [])],
)  # fmt: skip
def test_whom_a_name_means(lane: Lane, town: Town, who: str, found: list[str]) -> None:
    def unit(session: Session) -> list[str]:
        from storage.tables.counties import County

        if len(found) > 1:
            make.member(session, session.get_one(County, town.county), name="吴波")
        actor = make.actor(session, session.get_one(Member, town.officer))
        return [member.name for member in leave.meant(session, actor, who, MONDAY, FRIDAY)]

    assert lane.run_now(unit) == found


def test_a_suspended_officer_is_nobodys_cover(lane: Lane, town: Town) -> None:
    take(lane, town.officer, cover=town.colleague)
    lane.run_now(lambda s: setattr(s.get_one(Member, town.colleague), "state", MemberState.suspended))
    with pytest.raises(Refused, match="Nobody is there"):
        acts(lane, town.supervisor, visits.chase, town.visit)
