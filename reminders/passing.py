"""When a message finds nobody, or cannot be delivered: the next in line hears instead, so that nothing overdue stays
silent."""

from __future__ import annotations

from datetime import date, datetime
from itertools import chain

from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.ladder import Recipients, is_reachable, tell
from reminders.mechanism import Mechanism, mechanism_of
from storage.queries.access import Actor, active_members, may_direct
from storage.tables.mail import Outbox
from storage.tables.members import Address, Member, MemberState, Role
from storage.tables.visits import Reminder, Visit, VisitState

WORRIES = frozenset({"safety", "concern"})
OFFICERS = frozenset({"digest", "today", "chase", "assigned", "extended"})


def give_up(
    session: Session, row_id: int, owner: str, error: str, *, now: datetime, uncertain: bool = False
) -> bool:
    """Nobody sends this message any more: a person has to look, and the next in line hears. False where somebody else
    finishes the row."""
    if not outbox.mark_dead(session, row_id, owner, error, uncertain=uncertain):
        return False
    row = session.get_one(Outbox, row_id, populate_existing=True)
    if row.member_id is not None:
        county = session.get_one(Member, row.member_id).county_id
        pass_on(session, row, mechanism_of(session, county), now=now)
    return True


def pass_on(session: Session, row: Outbox, mechanism: Mechanism, *, now: datetime) -> None:
    """Have somebody else hear of what this message was about; once, however often that is asked."""
    if row.member_id is None:
        return
    if row.kind == "alert":
        _overdue(session, row, mechanism, now)
    elif row.kind in WORRIES:
        _worry(session, row, now)
    elif row.kind in OFFICERS:
        _absence(session, session.get_one(Member, row.member_id), mechanism, now)


def hand_on(session: Session, row: Outbox, reader: Actor, mechanism: Mechanism, *, now: datetime) -> bool:
    """An alert is about to be sent: of a visit that its reader may direct no more they are told nothing, and whoever
    may now hears of the step instead. Whether there was such a visit."""
    handed_on = False
    people = Recipients(session, reachable=True, without=row.member_id)
    for reminder in session.exec(select(Reminder).where(Reminder.outbox_id == row.id)).all():
        visit = session.get_one(Visit, reminder.visit_id)
        # A step may be for the officer: of a visit of one's own one may always hear.
        if visit.officer_id != reader.member_id and not may_direct(session, reader, visit):
            session.delete(reminder)
            _tell_again(session, reminder, visit, people, mechanism, now)
            handed_on = True
    return handed_on


def _overdue(session: Session, row: Outbox, mechanism: Mechanism, now: datetime) -> None:
    """The same step of the ladder once more, for those who can be reached."""
    people = Recipients(session, reachable=True, without=row.member_id)
    for reminder in session.exec(select(Reminder).where(Reminder.outbox_id == row.id)).all():
        visit = session.get_one(Visit, reminder.visit_id)
        _tell_again(session, reminder, visit, people, mechanism, now)


def _tell_again(
    session: Session,
    reminder: Reminder,
    visit: Visit,
    people: Recipients,
    mechanism: Mechanism,
    now: datetime,
) -> None:
    if visit.state == VisitState.planned and visit.due_on == reminder.due_on:
        step = rules.step(visit.due_on, reminder.step, mechanism.rulebook, mechanism.calendar, mechanism.zone)
        tell(session, visit, step, people, mechanism, now=now)


def _worry(session: Session, row: Outbox, now: datetime) -> None:
    """Worry about somebody goes to the office; where nobody there can be reached, to the leading group."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    visit = session.get_one(Visit, payload["visit"])
    roles = (Role.commission_staff, Role.leader)
    for member_id in _first_reachable(session, visit.county_id, *roles, without=row.member_id):
        key = f"{row.kind}:{visit.id}:{visit.due_on}:{member_id}"
        _put(session, row.kind, visit.county_id, member_id, {"visit": visit.id}, key, now)


def _absence(session: Session, officer: Member, mechanism: Mechanism, now: datetime) -> None:
    payload = {"member": officer.id}
    if is_reachable(session, officer.id):
        payload |= {"undelivered": 1}
    for member_id, key in absence(session, officer, mechanism.day(now)):
        _put(session, "absent", officer.county_id, member_id, payload, key, now)


def absence(session: Session, officer: Member, today: date) -> list[tuple[int, str]]:
    """An officer cannot be told of their visits: their supervisor, or else the office, has to know that. Their ids,
    each with the key under which they are told once. Of one who can be reached, and whose message could not be
    delivered all the same, they hear once a day."""
    supervisor = session.get(Member, officer.supervisor_id) if officer.supervisor_id else None
    if (
        supervisor is not None
        and supervisor.state == MemberState.active
        and is_reachable(session, supervisor.id)
    ):
        hearers = [supervisor.id]
    else:
        hearers = _first_reachable(session, officer.county_id, Role.commission_staff, Role.leader)
    if is_reachable(session, officer.id):
        occasion = f"undelivered:{today.isoformat()}"
    else:
        since = session.exec(
            select(Address.unreachable_at)
            .where(Address.member_id == officer.id)
            .order_by(col(Address.unreachable_at).desc())
        ).first()
        occasion = since.isoformat() if since else "unbound"
    return [(member_id, f"absent:{officer.id}:{occasion}:{member_id}") for member_id in hearers]


def _first_reachable(session: Session, county_id: int, *roles: Role, without: int | None = None) -> list[int]:
    """The members of the first of these roles in which anybody can be reached, somebody apart."""
    in_line = (
        [
            member.id
            for member in active_members(session, county_id, role)
            if member.id != without and is_reachable(session, member.id)
        ]
        for role in roles
    )
    return next(chain((found for found in in_line if found), [[]]))


def _put(
    session: Session,
    kind: str,
    county_id: int,
    member_id: int,
    payload: dict[str, int],
    key: str,
    now: datetime,
) -> None:
    row = outbox.row(kind, now=now, county_id=county_id, member_id=member_id, payload=payload, dedupe=key)
    outbox.put_once(session, row)
