"""The ladder: one overdue visit, the people who have to hear of it, step by step; and keeping told things true.

A step is data of the rulebook: so many working days before or after the due day, to whom, by digest or by notice.
Telling is a `Reminder` row (unique per visit, due date, step and member) and, for a notice, a place in one outbox
row per member and moment, so that several visits make one message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.mechanism import Mechanism
from reminders.outbox import insert_new
from storage.ids import new_id
from storage.queries import leaves
from storage.queries.access import active_members
from storage.rulebook import Recipient, Via
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Address, Member, MemberState, Role
from storage.tables.visits import Reminder, Visit

NOTICES = ("digest", "today", "alert")
_REMEMBERED = timedelta(days=30)  # older messages are no longer brought up to date
_AT_MOST = 10


class Recipients:
    """Who hears of a visit at a step, remembered while one slice is worked on.

    With `reachable`, only those whom a message can reach: for when one has just found nobody.
    """

    def __init__(self, session: Session, *, reachable: bool = False) -> None:
        self._session, self._reachable = session, reachable
        self._members: dict[int, Member | None] = {}
        self._by_role: dict[tuple[int, Role], list[int]] = {}
        self._leave: dict[tuple[int, date], dict[int, Leave]] = {}

    def of(self, visit: Visit, to: Recipient, day: date) -> list[int]:
        """The member ids, for what is told on a day. Whoever cannot hear (no supervisor, suspended, on leave, the
        officer themselves) is passed over, and the next in line hears instead; for an officer on leave their cover.

        Where everybody in the line is on leave, those who oversee hear nevertheless: rather them than nobody.
        """
        away = self._away(visit.county_id, day)
        return self._first_in_line(visit, to, away, away) or self._first_in_line(visit, to, away, {})

    def _first_in_line(
        self, visit: Visit, to: Recipient, away: Mapping[int, Leave], passed_over: Mapping[int, Leave]
    ) -> list[int]:
        makers = self._makers(visit, away)
        line: dict[Recipient, Callable[[Visit], list[int]]] = {
            Recipient.care_officer: lambda v: makers,
            Recipient.supervisor: self._supervisor,
            Recipient.commission_staff: lambda v: self._holders(v, Role.commission_staff),
            Recipient.leader: lambda v: self._holders(v, Role.leader),
        }
        order = list(line)
        for recipient in order[order.index(to) :]:
            found = [member_id for member_id in line[recipient](visit) if self._hears(member_id)]
            if recipient is not Recipient.care_officer:
                about_themselves = {visit.officer_id, *makers}
                found = [one for one in found if one not in about_themselves and one not in passed_over]
            if found:
                return found
        return []

    def makers(self, visit: Visit, day: date) -> list[int]:
        """Who makes the visit if it is made on a day: its officer, on leave their cover, or nobody."""
        return self._makers(visit, self._away(visit.county_id, day))

    def leave_of(self, visit: Visit, day: date) -> Leave | None:
        """The leave that the visit's officer is on."""
        return self._away(visit.county_id, day).get(visit.officer_id or 0)

    def _makers(self, visit: Visit, away: Mapping[int, Leave]) -> list[int]:
        officer = visit.officer_id and self._member(visit.officer_id)
        if not officer:
            return []
        leave = away.get(officer.id)
        if leave is None:
            return [officer.id]
        # Of what falls due once they are back their own digest will tell.
        covered = leave.cover_id is not None and leave.cover_id not in away and visit.due_on <= leave.last_on
        cover = self._member(leave.cover_id) if leave.cover_id is not None and covered else None
        return [cover.id] if cover else []

    def _away(self, county_id: int, day: date) -> dict[int, Leave]:
        if (county_id, day) not in self._leave:
            self._leave[county_id, day] = leaves.running(self._session, county_id, day)
        return self._leave[county_id, day]

    def _hears(self, member_id: int) -> bool:
        return not self._reachable or is_reachable(self._session, member_id)

    def _member(self, member_id: int) -> Member | None:
        if member_id not in self._members:
            member = self._session.get(Member, member_id)
            active = member is not None and member.state == MemberState.active
            self._members[member_id] = member if active else None
        return self._members[member_id]

    def _supervisor(self, visit: Visit) -> list[int]:
        officer = visit.officer_id and self._session.get(Member, visit.officer_id)
        supervisor = officer and officer.supervisor_id and self._member(officer.supervisor_id)
        return [supervisor.id] if supervisor else []

    def _holders(self, visit: Visit, role: Role) -> list[int]:
        key = (visit.county_id, role)
        if key not in self._by_role:
            self._by_role[key] = [
                member.id for member in active_members(self._session, visit.county_id, role)
            ]
        return self._by_role[key]


def overseers_of(session: Session, officer: Member, day: date, *, reachable: bool = False) -> list[int]:
    """Who hears of an officer as such: their supervisor, else the office, else the leading group; nobody on leave."""
    away = leaves.running(session, officer.county_id, day)
    supervisor = session.get(Member, officer.supervisor_id) if officer.supervisor_id else None
    line = [
        [supervisor] if supervisor is not None and supervisor.state == MemberState.active else [],
        *(active_members(session, officer.county_id, role) for role in (Role.commission_staff, Role.leader)),
    ]
    for passed_over in (away, {}):
        for members in line:
            found = [
                member.id
                for member in members
                if member.id not in (officer.id, *passed_over)
                and (not reachable or is_reachable(session, member.id))
            ]
            if found:
                return found
    return []


def is_reachable(session: Session, member_id: int) -> bool:
    """Whether the member has an address that works, as far as anybody knows."""
    query = select(Address.id).where(Address.member_id == member_id, col(Address.unreachable_at).is_(None))
    return session.exec(query.limit(1)).first() is not None


def climb(session: Session, visit: Visit, mechanism: Mechanism, people: Recipients, *, now: datetime) -> int:
    """Tell everyone whose step has come, and set the next look. After an outage only the newest step for each
    recipient is told: one catch-up, not one message for each missed day. Returns how many were told."""
    step_before = (visit.next_step if visit.next_step is not None else 0) - 1
    passed = rules.passed_steps(
        visit.due_on, step_before, now, mechanism.rulebook, mechanism.calendar, mechanism.zone
    )
    told = 0
    for step in rules.collapse(passed):
        told += tell(session, visit, step, people, mechanism, now=now)
    look = rules.next_look(visit.due_on, now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    visit.next_look_at, visit.next_step = look.moment, look.step
    return told


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
    moment = rules.in_hours(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    day = mechanism.day(moment)
    makers = people.makers(visit, day)
    for recipient in step.to:
        if (
            recipient is Recipient.care_officer
            and step.offset < 0
            and not makers
            and people.leave_of(visit, day)
        ):
            continue  # nobody covers: what falls due in the leave was told when it was entered
        for member_id in people.of(visit, recipient, day):
            told += _tell(
                session, visit, step, member_id, mechanism, moment, now, by_digest=member_id in makers
            )
    return told


def _tell(
    session: Session,
    visit: Visit,
    step: rules.Step,
    member_id: int,
    mechanism: Mechanism,
    moment: datetime,
    now: datetime,
    *,
    by_digest: bool,
) -> int:
    outbox_id = None
    # A digest lists what is its reader's to make: whoever hears of the lateness of others is written to.
    if step.via is Via.notice or (step.offset > 0 and not by_digest):
        kind = "today" if step.offset <= 0 else "alert"
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
