"""What the tick runs: each function does one unit of work and says whether there was any."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.ladder import Recipients, climb
from reminders.mechanism import Mechanism, mechanism_of
from storage.prepared import Prepared
from storage.queries import leaves
from storage.tables import METADATA
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, MemberState
from storage.tables.visits import Visit, VisitState

SLICE = 200  # visits in one transaction: a write lock held well under 50 ms on SQLite


# Most ticks find nothing, so that is asked first, in one small statement each: the earliest moment, by its index.
_VISITS, _MEMBERS = METADATA.tables["visit"], METADATA.tables["member"]
_ANY_LOOK = Prepared(
    select_columns(_VISITS.c.id)
    .where(_VISITS.c.next_look_at <= bindparam("now"))
    .order_by(_VISITS.c.next_look_at)
    .limit(1)
)
_ANY_MORNING = Prepared(
    select_columns(_MEMBERS.c.id)
    .where(_MEMBERS.c.digest_at <= bindparam("now"))
    .order_by(_MEMBERS.c.digest_at)
    .limit(1)
)


def one_slice(session: Session, *, now: datetime) -> bool:
    """Look at the visits whose moment to look has come: tell who is to be told, store the next look."""
    if _ANY_LOOK.first(session, {"now": now}) is None:
        return False
    query = (
        select(Visit, Case.state)
        .join(Case, col(Case.id) == Visit.case_id)
        .where(col(Visit.next_look_at) <= now)
        .order_by(col(Visit.next_look_at))
        .limit(SLICE)
        .with_for_update(skip_locked=True, of=Visit)
    )
    due = session.exec(query).all()
    people, rules_of = Recipients(session), _Mechanisms(session)
    for visit, case_state in due:
        if visit.state != VisitState.planned or case_state != CaseState.open:
            # Nobody is told of a case that is closed or on hold; its return sets the next look again.
            visit.next_look_at = None
        else:
            climb(session, visit, rules_of.of(visit.county_id), people, now=now)
    return bool(due)


def one_digest_slice(session: Session, *, now: datetime) -> bool:
    """Give every officer whose morning has come one digest. Its content is found when it is sent."""
    if _ANY_MORNING.first(session, {"now": now}) is None:
        return False
    query = (
        select(Member)
        .where(col(Member.digest_at) <= now)
        .order_by(col(Member.digest_at))
        .limit(SLICE)
        .with_for_update(skip_locked=True)
    )
    members = session.exec(query).all()
    rules_of = _Mechanisms(session)
    for member in members:
        mechanism = rules_of.of(member.county_id)
        book, calendar, zone = mechanism.rulebook, mechanism.calendar, mechanism.zone
        moment = rules.morning(now, book, calendar, zone)
        day = mechanism.day(moment)
        leave = leaves.on_leave(session, member.id, day)
        if leave is not None:
            # Their first morning back has it all: one digest, whatever happened meanwhile.
            moment = datetime.combine(leave.last_on, time.max, zone)
        elif member.state == MemberState.active:
            row = outbox.row(
                "digest",
                now=now,
                county_id=member.county_id,
                member_id=member.id,
                due_at=moment,
                dedupe=f"digest:{member.id}:{day.isoformat()}",
                day=day,
            )
            outbox.put_once(session, row)
        member.digest_at = rules.next_digest(max(now, moment), book, calendar, zone)
    return bool(members)


def next_moment(session: Session, *, after: datetime) -> datetime | None:
    """The next moment at which any of the above, or a waiting message, has something to do."""
    call = session.exec(
        select(func.min(SafetyCall.next_look_at)).where(col(SafetyCall.next_look_at) > after)
    ).one()
    look = session.exec(select(func.min(Visit.next_look_at)).where(col(Visit.next_look_at) > after)).one()
    digest = session.exec(select(func.min(Member.digest_at)).where(col(Member.digest_at) > after)).one()
    mail = session.exec(
        select(func.min(Outbox.due_at)).where(Outbox.state == OutboxState.todo, col(Outbox.due_at) > after)
    ).one()
    return min((moment for moment in (call, look, digest, mail) if moment is not None), default=None)


class _Mechanisms:
    """Each county's rules, read once in a slice."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[int, Mechanism] = {}

    def of(self, county_id: int) -> Mechanism:
        if county_id not in self._known:
            self._known[county_id] = mechanism_of(self._session, county_id, fresh=True)
        return self._known[county_id]
