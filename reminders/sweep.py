"""What the tick runs: each function does one unit of work and says how much there was."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.ladder import Recipients, gather
from reminders.mechanism import Mechanism, mechanisms_of
from reminders.telling import Telling, write
from storage.bulk import SetByKey
from storage.prepared import Prepared
from storage.queries import leaves
from storage.tables import METADATA
from storage.tables.calls import SafetyCall
from storage.tables.cases import CaseState
from storage.tables.confirmations import Confirmation
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, MemberState
from storage.tables.visits import Visit, VisitState

# Visits in one transaction, to begin with; how many fit into its time is measured (reminders/slices.py).
SLICE = 500
SMALL_SLICE = 40  # while people work
DIGESTS = 100  # mornings in one transaction
_Looks = list[tuple[int, datetime | None, int | None]]  # visit, when to look, and the step it will be


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


class _Due(NamedTuple):
    """A visit whose moment to look has come. `stands`: it is still to be made, and its case is open."""

    id: int
    county_id: int
    case_id: int
    officer_id: int | None
    due_on: date
    next_step: int | None
    rest_until: datetime | None
    stands: bool


_CASES = METADATA.tables["care_case"]
_DUE = Prepared(
    select_columns(
        _VISITS.c.id,
        _VISITS.c.county_id,
        _VISITS.c.case_id,
        _VISITS.c.officer_id,
        _VISITS.c.due_on,
        _VISITS.c.next_step,
        _VISITS.c.rest_until,
        and_(_VISITS.c.state == VisitState.planned, _CASES.c.state == CaseState.open).label("stands"),
    )
    .join(_CASES, _CASES.c.id == _VISITS.c.case_id)
    .where(_VISITS.c.next_look_at <= bindparam("now"))
    # as the index has them: those of one county, and in it of one officer, come together
    .order_by(_VISITS.c.next_look_at, _VISITS.c.county_id, _VISITS.c.officer_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=_VISITS)
)
_SET_LOOKS = SetByKey(_VISITS, ("id", "next_look_at", "next_step"))


def one_slice(session: Session, *, now: datetime, most: int | None = None) -> int:
    """Look at the visits whose moment to look has come: tell who is to be told, store the next look."""
    if _ANY_LOOK.first(session, {"now": now}) is None:
        return 0
    due = [_Due(*row) for row in _DUE.all(session, {"now": now, "most": most or SLICE})]
    looks: _Looks = []
    tellings, people, rungs = dict[int, Telling](), Recipients(session), dict[Any, rules.Rung]()
    mechanisms = mechanisms_of(session, {visit.county_id for visit in due})
    for county_id, mechanism in mechanisms.items():
        tellings[county_id] = Telling(county_id, mechanism, now=now)
    people.expect(
        (visit.officer_id for visit in due if visit.officer_id is not None),
        {county_id: telling.day for county_id, telling in tellings.items()},
    )
    for visit in due:
        if not visit.stands:
            # Nobody is told of a case that is closed or on hold; its return sets the next look again.
            looks.append((visit.id, None, visit.next_step))
            continue
        stands_at = visit.county_id, visit.due_on, visit.next_step
        if stands_at not in rungs:
            rungs[stands_at] = _rung(visit, mechanisms[visit.county_id], now)
        steps, look = rungs[stands_at]
        for step in steps:
            gather(tellings[visit.county_id], visit, step, people)
        looks.append((visit.id, look.moment, look.step))
    write(session, tellings.values())
    _SET_LOOKS.write(session, looks)
    return len(due)


def _rung(visit: _Due, mechanism: Mechanism, now: datetime) -> rules.Rung:
    book, calendar, zone = mechanism.rulebook, mechanism.calendar, mechanism.zone
    return rules.climb(visit.due_on, visit.next_step, now, book, calendar, zone)


def one_digest_slice(session: Session, *, now: datetime, most: int | None = None) -> int:
    """Give every officer whose morning has come one digest. Its content is found when it is sent."""
    if _ANY_MORNING.first(session, {"now": now}) is None:
        return 0
    query = (
        select(Member)
        .where(col(Member.digest_at) <= now)
        .order_by(col(Member.digest_at))
        .limit(min(most or SLICE, DIGESTS))
        .with_for_update(skip_locked=True)
    )
    members = session.exec(query).all()
    mechanisms = mechanisms_of(session, {member.county_id for member in members})
    for member in members:
        mechanism = mechanisms[member.county_id]
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
    return len(members)


def next_moment(session: Session, *, after: datetime) -> datetime | None:
    """The next moment at which any of the above, or a waiting message, has something to do."""
    call = session.exec(
        select(func.min(SafetyCall.next_look_at)).where(col(SafetyCall.next_look_at) > after)
    ).one()
    look = session.exec(select(func.min(Visit.next_look_at)).where(col(Visit.next_look_at) > after)).one()
    digest = session.exec(select(func.min(Member.digest_at)).where(col(Member.digest_at) > after)).one()
    silence = session.exec(
        select(func.min(Confirmation.next_look_at)).where(col(Confirmation.next_look_at) > after)
    ).one()
    mail = session.exec(
        select(func.min(Outbox.due_at)).where(
            col(Outbox.ended).is_(None), Outbox.state == OutboxState.todo, col(Outbox.due_at) > after
        )
    ).one()
    return min((moment for moment in (call, look, digest, silence, mail) if moment is not None), default=None)
