"""What officers and supervisors do about a planned visit, beside recording it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from casework.forms.catalog.common import DATE
from locales.catalogue import N_
from locales.phrase import Day
from reminders import asking, outbox, passing, rules, schedule
from reminders.ladder import Recipients
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries import leaves, recusals
from storage.queries import visits as visit_lists
from storage.queries.access import Actor, access_visit
from storage.queries.heads import VisitHead
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitEventKind, VisitKind

LATEST_DAYS = 180
_ASKED = {
    VisitEventKind.rescheduled: VisitEventKind.move_asked,
    VisitEventKind.not_done: VisitEventKind.not_done_asked,
}
NOT_ASKED = N_("This request does not wait any more: it was answered, changed, or the visit was settled.")
DAY_OVER = N_("{day} is over. Please choose today or a later day.")
NOBODY_ELSE = N_("There is nobody else this task could be given to.")
MADE = N_(
    "This visit was made on {day}, only its note is still to come: it needs no more time and nobody else."
)
TOO_EARLY = N_("{day} is too early: this visit can have taken place on {first} at the earliest.")
BEFORE_THE_LAST = N_("{day} is too early: the last visit of this kind took place on {first}.")
NOT_MOVED = N_(
    "Contact with the person cannot be moved or given away: any talk or visit with them settles it."
)


def reschedule(
    session: Session, actor: Actor, visit_id: int, due_on: date, reason: str | None, *, now: datetime
) -> Visit:
    """The officer moves their own visit, with a reason; moved often enough, it is a request."""
    return _move(session, actor, visit_id, due_on, VisitEventKind.rescheduled, reason, now)


def not_done(
    session: Session, actor: Actor, visit_id: int, due_on: date, reason: str, *, now: datetime
) -> Visit:
    """The visit could not be made; it gets a new date, or one is asked for. A refusal to meet is not a mark against
    anyone."""
    return _move(session, actor, visit_id, due_on, VisitEventKind.not_done, reason, now)


def _move(
    session: Session,
    actor: Actor,
    visit_id: int,
    due_on: date,
    kind: VisitEventKind,
    reason: str | None,
    now: datetime,
) -> Visit:
    mechanism = mechanism_of(session, actor.county_id)
    today = mechanism.day(now)
    visit = _visit_proper(access_visit(session, actor, visit_id, to="record", today=today))
    if due_on < today:
        raise Refused(DAY_OVER, day=Day(due_on)).at("new_date")
    if (due_on - today).days > LATEST_DAYS:
        raise Refused(
            N_("{day} is too far away: at most {n} days ahead."), day=Day(due_on), n=LATEST_DAYS
        ).at("new_date")
    due_on = mechanism.calendar.add_workdays(due_on, 0)
    often = visit_lists.times_moved(session, visit) >= mechanism.rulebook.limits.moves
    asked, by = _ASKED[kind], actor.member_id
    if (
        often
        and due_on > visit.due_on
        and asking.ask(
            session, visit, due_on, mechanism, kind=asked, now=now, actor_id=by, detail=reason or ""
        )
    ):
        audit.record(session, actor, asked.value, "visit", visit.id, now=now, due_on=due_on)
        return visit
    was = visit.due_on
    schedule.move(
        session, visit, due_on, mechanism, kind=kind, now=now, actor_id=actor.member_id, detail=reason
    )
    session.flush()
    asking.announce(session, visit, was, mechanism, now=now)
    audit.record(session, actor, kind.value, "visit", visit.id, now=now, due_on=due_on)
    return visit


def keep_day_off(session: Session, actor: Actor, visit_id: int, day: date, *, now: datetime) -> Visit:
    """The officer moved their visit to a day off, which went on to the next working day, and wants it on that very day.

    Raises:
        NotFound: no such visit, not the actor's to make, or it was made meanwhile.
        Refused: the day is over, or the visit has another one by now.
    """
    today = _today(session, actor, now)
    visit = unmade(_visit_proper(access_visit(session, actor, visit_id, to="record", today=today)))
    mechanism = mechanism_of(session, actor.county_id)
    if day < today:
        raise Refused(DAY_OVER, day=Day(day))
    if (
        visit.asked_on is not None
        or day == visit.due_on
        or rules.due_day(day, mechanism.calendar) != visit.due_on
    ):
        raise Refused(N_("This visit has another day by now: {day}."), day=Day(visit.due_on))
    kept, by = VisitEventKind.kept_day_off, actor.member_id
    schedule.move(session, visit, day, mechanism, kind=kept, now=now, actor_id=by)
    audit.record(session, actor, kept.value, "visit", visit.id, now=now, due_on=day)
    return visit


def note_follows(
    session: Session, actor: Actor, visit_id: int, made_on: date | None = None, *, now: datetime
) -> tuple[Visit, date]:
    """The visit was made, the note follows: the ladder rests. The day until which it does. Without a day it was made
    on the one that was said before, else today.

    Raises:
        NotFound: no such visit, or not the actor's to make.
        Refused: the time for the note is over, or the visit cannot have been made on this day.
    """
    today = _today(session, actor, now)
    visit = _visit_proper(access_visit(session, actor, visit_id, to="record", today=today))
    if visit.rest_until is not None and visit.rest_until <= now:
        raise Refused(
            N_("That this visit was made is known, and the time for its note is over. Please write it now.")
        )
    made_on = made_on or visit.done_on or today
    _check_made(session, visit, made_on, today)
    until = schedule.rest(session, visit, made_on, now=now, actor_id=actor.member_id)
    audit.record(session, actor, "done_pending_note", "visit", visit.id, now=now, made_on=made_on)
    return visit, until


def _check_made(session: Session, visit: Visit, made_on: date, today: date) -> None:
    if made_on > today:
        raise Refused(
            N_("{day} has not come yet: please give the day on which it took place."), day=Day(made_on)
        ).at("date")
    if made_on < (earliest := earliest_made(session, visit, today)):
        last = visit_lists.last_made(session, visit.case_id, visit.kind)
        raise Refused(
            BEFORE_THE_LAST if last == earliest else TOO_EARLY, day=Day(made_on), first=Day(earliest)
        ).at("date")


def earliest_made(session: Session, visit: Visit, today: date) -> date:
    """The first day on which a visit can have been made: the one before it was over, and a note may tell of the day. It
    need not have been planned by then: who goes there unasked has been there."""
    last = visit_lists.last_made(session, visit.case_id, visit.kind)
    first = today + timedelta(days=DATE.earliest)
    return max(first, last) if last is not None else first


def acknowledge(session: Session, actor: Actor, visit_ids: list[int], *, now: datetime) -> tuple[int, date]:
    """The supervisor or the office is on it: no repeats for a while. How many visits, and until which day."""
    today = _today(session, actor, now)
    visits = [access_visit(session, actor, one, to="direct", today=today) for one in visit_ids]
    until = schedule.acknowledge(session, visits, now=now, actor_id=actor.member_id)
    for visit in visits:
        audit.record(session, actor, "acknowledged", "visit", visit.id, now=now)
    return len(visits), until


def chase(session: Session, actor: Actor, visit_id: int, *, now: datetime) -> Visit:
    """Have the officer told at once that this visit is waited for. Once a day is enough."""
    visit = access_visit(session, actor, visit_id, to="direct", today=_today(session, actor, now))
    mechanism = mechanism_of(session, visit.county_id)
    if visit.officer_id is None:
        raise Refused(N_("Nobody is in charge of this task. Please have it reassigned."))
    maker = _maker(session, visit, now)
    if maker is None:
        raise Refused(N_("Nobody is there to make this visit at present. Please have the task reassigned."))
    row = outbox.row(
        passing.CHASE,
        now=now,
        county_id=visit.county_id,
        member_id=maker,
        payload={"visit": visit.id, "by": actor.member_id},
        dedupe=f"chase:{visit.id}:{mechanism.day(now).isoformat()}",
        day=mechanism.day(now),
    )
    if not outbox.put_once(session, row):
        raise Refused(N_("The care officer has already been chased today."))
    schedule.chase(session, visit, now=now, actor_id=actor.member_id)
    audit.record(session, actor, "chased", "visit", visit.id, now=now)
    return visit


def extend(
    session: Session, actor: Actor, visit_id: int, asked: date | None = None, *, now: datetime
) -> Visit:
    """Grant more time: until the day that is asked for, else so many working days from today, as the rulebook says.
    `asked`: what is agreed to, and nothing else.

    Raises:
        NotFound: no such visit, not the actor's to decide about, or it was made meanwhile.
        Refused: what is agreed to is not asked for any more.
    """
    visit = access_visit(session, actor, visit_id, to="direct", today=_today(session, actor, now))
    unmade(visit)
    mechanism = mechanism_of(session, visit.county_id)
    days = mechanism.rulebook.ladder.extend_workdays
    if asked is not None:
        _must_be_asked(visit, asked)
    due_on = mechanism.calendar.add_workdays(mechanism.day(now), days)
    if visit.asked_on is not None and visit.asked_on >= mechanism.day(now):
        due_on = visit.asked_on
    schedule.move(
        session, visit, due_on, mechanism, kind=VisitEventKind.extended, now=now, actor_id=actor.member_id
    )
    _inform(session, visit, "extended", now=now)
    audit.record(session, actor, "extended", "visit", visit.id, now=now, due_on=due_on)
    return visit


def keep_day(session: Session, actor: Actor, visit_id: int, asked: date, *, now: datetime) -> Visit:
    """Not agreed to another day: the day stays, and whoever asked hears that.

    Raises:
        NotFound: no such visit, or not the actor's to decide about.
        Refused: this day is not asked for any more.
    """
    visit = access_visit(session, actor, visit_id, to="direct", today=_today(session, actor, now))
    _must_be_asked(visit, asked)
    asking.refuse(session, visit, now=now, actor_id=actor.member_id)
    _inform(session, visit, asking.REFUSED, now=now)
    audit.record(session, actor, "move_refused", "visit", visit.id, now=now, due_on=asked)
    return visit


def _must_be_asked(visit: Visit, day: date) -> None:
    if visit.asked_on != day:
        raise Refused(NOT_ASKED)


def candidates(session: Session, actor: Actor, visit_id: int, *, now: datetime) -> list[tuple[Member, int]]:
    """Who could take over this visit, with their open visits: the least burdened first. Nobody who is on leave."""
    today = _today(session, actor, now)
    visit = unmade(access_visit(session, actor, visit_id, to="direct", today=today, lock=False))
    if visit.officer_id is None:
        return []
    burden = visit_lists.load(session, visit.county_id)
    away = leaves.running(session, visit.county_id, today).keys()
    barred = recusals.barred(session, visit.county_id).get(visit.case_id, frozenset())
    able = [
        (member, burden.get(member.id, 0))
        for member in visit_lists.colleagues(session, visit)
        if member.id not in away | barred
    ]
    return sorted(able, key=lambda pair: pair[1])


def reassign(session: Session, actor: Actor, visit_id: int, officer_id: int, *, now: datetime) -> Visit:
    """Have another officer make this one visit; the case keeps its care officer."""
    visit = unmade(
        _visit_proper(access_visit(session, actor, visit_id, to="direct", today=_today(session, actor, now)))
    )
    if officer_id not in {member.id for member, _ in candidates(session, actor, visit_id, now=now)}:
        raise Refused(N_("This officer cannot take over the task.")).at("officer")
    before = _maker(session, visit, now)
    schedule.reassign(session, visit, officer_id, now=now, actor_id=actor.member_id)
    session.flush()
    _inform(session, visit, "assigned", now=now)
    if before is not None and before != officer_id:
        _inform(session, visit, "taken_over", now=now, member_id=before)
    audit.record(session, actor, "reassigned", "visit", visit.id, now=now, officer=officer_id)
    return visit


_Visit = TypeVar("_Visit", Visit, VisitHead)


def unmade(visit: _Visit) -> _Visit:
    """What can still be put off, or given to somebody else. Old buttons may speak of one that was made since."""
    if visit.done_on is not None:
        raise NotFound(MADE, day=Day(visit.done_on))
    return visit


def _visit_proper(visit: Visit) -> Visit:
    """What may be moved, given to somebody else, or left for a note to follow. That nothing was recorded may not."""
    if visit.kind is VisitKind.contact:
        raise Refused(NOT_MOVED)
    return visit


def _today(session: Session, actor: Actor, now: datetime) -> date:
    return mechanism_of(session, actor.county_id).day(now)


def _maker(session: Session, visit: Visit, now: datetime) -> int | None:
    """Who would make the visit today: its officer, on leave their cover, or nobody."""
    makers = Recipients(session).makers(visit, mechanism_of(session, visit.county_id).day(now))
    return makers[0] if makers else None


def _inform(
    session: Session, visit: Visit, kind: str, *, now: datetime, member_id: int | None = None
) -> None:
    hearer = member_id or _maker(session, visit, now)
    if hearer is not None:
        row = outbox.row(
            kind, now=now, county_id=visit.county_id, member_id=hearer, payload={"visit": visit.id}
        )
        outbox.put(session, [row])
