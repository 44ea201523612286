"""When a message finds nobody: the next in line hears instead, so that nothing overdue stays silent."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.ladder import Recipients, is_reachable, overseers_of, tell
from reminders.mechanism import Mechanism
from storage.queries import leaves
from storage.queries.access import active_members
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox
from storage.tables.members import Address, Member, Role
from storage.tables.visits import Reminder, Visit, VisitState

WORRIES = frozenset({"safety", "concern"})
OFFICERS = frozenset({"digest", "today", "chase", "assigned", "extended", "cover"})
ABSENCES = frozenset({"leave", "leave_off"})
LADDER = frozenset({"digest", "today", "alert"})


def pass_on(session: Session, row: Outbox, mechanism: Mechanism, *, now: datetime) -> None:
    """Have somebody else hear of what this message was about; once, however often that is asked."""
    if row.member_id is None:
        return
    if row.kind == "alert":
        _again(session, row, Recipients(session, reachable=True), mechanism, now)
    elif row.kind in WORRIES:
        _worry(session, row, now)
    elif row.kind in ABSENCES:
        _leave(session, row, mechanism, now)
    elif row.kind in OFFICERS:
        _absence(session, session.get_one(Member, row.member_id), mechanism, now)


def hand_on(session: Session, row: Outbox, mechanism: Mechanism, *, now: datetime) -> bool:
    """Whether this message of the ladder is for somebody who is on leave by now: then those who stand in hear it.

    A digest needs nobody else: their cover has one too, and their own first morning back lists it all.
    """
    if row.kind not in LADDER or row.member_id is None:
        return False
    if leaves.on_leave(session, row.member_id, mechanism.day(now)) is None:
        return False
    people = Recipients(session)
    if row.kind == "digest":
        return True
    return _again(session, row, people, mechanism, now)


def _again(session: Session, row: Outbox, people: Recipients, mechanism: Mechanism, now: datetime) -> bool:
    """The same step of the ladder once more, for others; whether it was for others in every case."""
    others = True
    for reminder in session.exec(select(Reminder).where(Reminder.outbox_id == row.id)).all():
        visit = session.get_one(Visit, reminder.visit_id)
        if visit.state == VisitState.planned and visit.due_on == reminder.due_on:
            step = rules.step(
                visit.due_on, reminder.step, mechanism.rulebook, mechanism.calendar, mechanism.zone
            )
            day = mechanism.day(now)
            others &= all(row.member_id not in people.of(visit, to, day) for to in step.to)
            tell(session, visit, step, people, mechanism, now=now)
    return others


def _worry(session: Session, row: Outbox, now: datetime) -> None:
    """Worry about somebody goes to the office; where nobody there can be reached, to the leading group."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    visit = session.get_one(Visit, payload["visit"])
    for member_id in _first_reachable(session, visit.county_id, Role.commission_staff, Role.leader):
        key = f"{row.kind}:{visit.id}:{visit.due_on}:{member_id}"
        _put(session, row.kind, visit.county_id, member_id, {"visit": visit.id}, key, now)


def _absence(session: Session, officer: Member, mechanism: Mechanism, now: datetime) -> None:
    """An officer cannot be told of their visits: their supervisor, or else the office, has to know that."""
    hearers = overseers_of(session, officer, mechanism.day(now), reachable=True)
    since = session.exec(
        select(Address.unreachable_at)
        .where(Address.member_id == officer.id)
        .order_by(col(Address.unreachable_at).desc())
    ).first()
    for member_id in hearers:
        key = f"absent:{officer.id}:{since.isoformat() if since else 'unbound'}:{member_id}"
        _put(session, "absent", officer.county_id, member_id, {"member": officer.id}, key, now)


def _leave(session: Session, row: Outbox, mechanism: Mechanism, now: datetime) -> None:
    """That an officer is on leave reaches whoever oversees them next."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    leave = session.get_one(Leave, payload["leave"])
    officer = session.get_one(Member, leave.member_id)
    for member_id in overseers_of(session, officer, mechanism.day(now), reachable=True):
        key = f"{row.kind}:{leave.id}:{member_id}"
        _put(session, row.kind, leave.county_id, member_id, {"leave": leave.id}, key, now)


def _first_reachable(session: Session, county_id: int, *roles: Role) -> list[int]:
    """The members of the first of these roles in which anybody can be reached."""
    in_line = (
        [member.id for member in active_members(session, county_id, role) if is_reachable(session, member.id)]
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
