"""The ladder: one overdue visit, the people who have to hear of it, step by step; and keeping told things true.

A step is data of the rulebook: so many working days before or after the due day, to whom, by digest or by notice.
Telling is a `Reminder` row (unique per visit, due date, step and member) and, for a notice, a place in one outbox
row per member and moment, so that several visits make one message.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import update
from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.mechanism import Mechanism
from reminders.outbox import insert_new
from storage.ids import new_id
from storage.queries.access import active_members
from storage.rulebook import Recipient, Via
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Address, Member, MemberState, Role
from storage.tables.visits import Reminder, Visit

NOTICES = ("digest", "today", "alert")
_REMEMBERED = timedelta(days=30)  # older messages are no longer brought up to date
_AT_MOST = 10


class Watched(Protocol):
    """What the ladder has to know of an open visit."""

    @property
    def county_id(self) -> int: ...
    @property
    def officer_id(self) -> int | None: ...
    @property
    def due_on(self) -> date: ...
    @property
    def rest_until(self) -> datetime | None: ...


class Recipients:
    """Who hears of a visit at a step, remembered while one slice is worked on.

    With `reachable`, only those whom a message can reach: for when one has just found nobody. `without` is somebody for
    whom one could not be delivered.
    """

    def __init__(self, session: Session, *, reachable: bool = False, without: int | None = None) -> None:
        self._session, self._reachable, self._without = session, reachable, without
        self._members: dict[int, Member | None] = {}
        self._by_role: dict[tuple[int, Role], list[int]] = {}

    def of(self, visit: Watched, to: Recipient) -> list[int]:
        """The member ids. Whoever cannot hear (no supervisor, suspended, the officer themselves) is passed over,
        and the next in line hears instead."""
        line: dict[Recipient, Callable[[Watched], list[int]]] = {
            Recipient.care_officer: self._officer,
            Recipient.supervisor: self._supervisor,
            Recipient.commission_staff: lambda v: self._holders(v, Role.commission_staff),
            Recipient.leader: lambda v: self._holders(v, Role.leader),
        }
        order = list(line)
        for recipient in order[order.index(to) :]:
            found = [member_id for member_id in line[recipient](visit) if self._hears(member_id)]
            if recipient is not Recipient.care_officer:
                found = [member_id for member_id in found if member_id != visit.officer_id]
            if found:
                return found
        return []

    def morning_of(self, member_id: int) -> datetime | None:
        """When the member's next digest is to go out; None for whoever gets none."""
        member = self._member(member_id)
        return member.digest_at if member is not None else None

    def _hears(self, member_id: int) -> bool:
        if member_id == self._without:
            return False
        return not self._reachable or is_reachable(self._session, member_id)

    def _member(self, member_id: int) -> Member | None:
        if member_id not in self._members:
            member = self._session.get(Member, member_id)
            active = member is not None and member.state == MemberState.active
            self._members[member_id] = member if active else None
        return self._members[member_id]

    def _officer(self, visit: Watched) -> list[int]:
        member = visit.officer_id and self._member(visit.officer_id)
        return [member.id] if member else []

    def _supervisor(self, visit: Watched) -> list[int]:
        officer = visit.officer_id and self._session.get(Member, visit.officer_id)
        supervisor = officer and officer.supervisor_id and self._member(officer.supervisor_id)
        return [supervisor.id] if supervisor else []

    def _holders(self, visit: Watched, role: Role) -> list[int]:
        key = (visit.county_id, role)
        if key not in self._by_role:
            self._by_role[key] = [
                member.id for member in active_members(self._session, visit.county_id, role)
            ]
        return self._by_role[key]


def is_reachable(session: Session, member_id: int) -> bool:
    """Whether the member has an address that works, as far as anybody knows."""
    query = select(Address.id).where(Address.member_id == member_id, col(Address.unreachable_at).is_(None))
    return session.exec(query.limit(1)).first() is not None


def climb(session: Session, visit: Visit, mechanism: Mechanism, people: Recipients, *, now: datetime) -> int:
    """Tell everyone whose step has come, and set the next look. Returns how many were told."""
    steps, look = rules.climb(
        visit.due_on, visit.next_step, now, mechanism.rulebook, mechanism.calendar, mechanism.zone
    )
    told = sum(tell(session, visit, step, people, mechanism, now=now) for step in steps)
    visit.next_look_at, visit.next_step = look.moment, look.step
    return told


def told_by(
    step: rules.Step, morning: datetime | None, now: datetime, mechanism: Mechanism
) -> tuple[str | None, datetime]:
    """The kind of notice that tells a step whose moment has come (None: the digest does), and when it goes out.

    `morning` is the reader's next digest. Where an outage delayed it until now it says what is due today, too: one
    message after an outage, not two.
    """
    moment = rules.in_hours(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    if step.via is Via.digest:
        return None, moment
    if step.offset > 0:
        return "alert", moment
    return None if morning is not None and morning <= now else "today", moment


def holds(kind: str, visit: Watched, member_id: int, now: datetime, mechanism: Mechanism) -> bool:
    """Whether a notice of the ladder says something true about an open visit at the moment at which it goes out."""
    if kind == "alert":
        return rules.lateness(visit.due_on, mechanism.day(now), mechanism.calendar) > 0
    resting = visit.rest_until is not None and visit.rest_until > now
    return visit.officer_id == member_id and not resting


def tell(
    session: Session,
    visit: Visit,
    step: rules.Step,
    people: Recipients,
    mechanism: Mechanism,
    *,
    now: datetime,
) -> int:
    """Tell everyone whom a step is for, unless they were told of it before. Returns how many were told."""
    told = 0
    for recipient in step.to:
        for member_id in people.of(visit, recipient):
            told += _tell(session, visit, step, member_id, people.morning_of(member_id), mechanism, now)
    return told


def _tell(
    session: Session,
    visit: Visit,
    step: rules.Step,
    member_id: int,
    morning: datetime | None,
    mechanism: Mechanism,
    now: datetime,
) -> int:
    outbox_id = None
    kind, moment = told_by(step, morning, now, mechanism)
    if kind is not None:
        outbox_id = _notice(session, visit.county_id, member_id, kind, moment, mechanism, now)
    reminder = {
        "id": new_id(),
        "county_id": visit.county_id,
        "visit_id": visit.id,
        "member_id": member_id,
        "due_on": visit.due_on,
        "step": step.index,
        "day": mechanism.day(moment),
        "at": now,
        "outbox_id": outbox_id,
    }
    return insert_new(session, Reminder, [reminder])


def _notice(
    session: Session,
    county_id: int,
    member_id: int,
    kind: str,
    moment: datetime,
    mechanism: Mechanism,
    now: datetime,
) -> int:
    """The member's notice of this kind for this moment, made if need be; one that is gone already is not reopened."""
    number = 0
    while True:
        number += 1
        key = f"{kind}:{member_id}:{moment.astimezone(mechanism.zone):%Y%m%dT%H%M}:{number}"
        row = outbox.row(
            kind,
            now=now,
            county_id=county_id,
            member_id=member_id,
            due_at=moment,
            dedupe=key,
            day=mechanism.day(moment),
        )
        outbox.put_once(session, row)
        # Touching the row keeps a sender on another connection away from it until we have committed.
        waiting = session.execute(
            update(Outbox)
            .where(col(Outbox.dedupe) == key, col(Outbox.state) == OutboxState.todo)
            .values(day=mechanism.day(moment))
            .returning(col(Outbox.id))
        ).scalar()
        if waiting is not None:
            return int(waiting)


def refresh_messages(session: Session, visit: Visit, *, now: datetime) -> None:
    """Have every recent message that speaks of the visit brought up to date, in place where the channel can."""
    query = (
        select(Outbox)
        .join(OutboxItem, col(OutboxItem.outbox_id) == Outbox.id)
        .where(
            OutboxItem.visit_id == visit.id,
            Outbox.state == OutboxState.sent,
            col(Outbox.kind).in_(NOTICES),
            col(Outbox.sent_at) > now - _REMEMBERED,
        )
        .order_by(col(Outbox.id).desc())
        .limit(_AT_MOST)
    )
    digests: set[int | None] = set()
    for sent in session.exec(query).all():
        if sent.kind == "digest":
            if sent.member_id in digests:
                continue  # yesterday's morning is history; only the newest one is kept true
            digests.add(sent.member_id)
        pending = select(Outbox.id).where(Outbox.replaces == sent.id, Outbox.state == OutboxState.todo)
        if session.exec(pending).first() is None:
            new = outbox.row(
                "update", now=now, county_id=sent.county_id, member_id=sent.member_id, replaces=sent.id
            )
            outbox.put(session, [new])
