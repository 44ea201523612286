"""A visit that whoever makes it moves to a later day. As long as they may do that by themselves, those above hear of it
in the morning; beyond that somebody above decides, and until then the old day stays."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.course import happened
from reminders.ladder import Recipients, Watched, refresh_messages
from reminders.mechanism import Mechanism
from storage.queries import visits as visit_lists
from storage.rulebook import Recipient
from storage.tables.mail import Outbox, OutboxState
from storage.tables.visits import BY_HAND, Visit, VisitEvent, VisitEventKind, VisitState

ASKED, REFUSED, MOVED = "move_asked", "move_refused", "moved"  # kinds of notices
ABOVE = frozenset({ASKED, MOVED})  # what goes to those above
_SET_ITS_DAY = (*BY_HAND, VisitEventKind.extended, VisitEventKind.reopened)


def deciders(visit: Watched, people: Recipients, day: date) -> list[int]:
    """Who decides: the supervisor, else the next in line who is there, may know of the case and can be reached."""
    return people.of(visit, Recipient.supervisor, day)


def ask(
    session: Session,
    visit: Visit,
    due_on: date,
    mechanism: Mechanism,
    *,
    kind: VisitEventKind,
    now: datetime,
    actor_id: int,
    detail: str | None,
) -> list[int]:
    """Ask for another day. Who is asked; with nobody there to decide nothing is asked, for nobody must be stuck."""
    asked = deciders(visit, Recipients(session, reachable=True), mechanism.day(now))
    if not asked:
        return []
    happened(session, visit, kind, now, actor_id, detail)
    visit.asked_on = due_on
    session.flush()
    refresh_messages(session, visit, now=now)
    payload = {"visit": visit.id, "on": due_on.isoformat()}
    for member_id in asked:
        key = f"{ASKED}:{visit.id}:{due_on}:{now.isoformat()}:{member_id}"
        _tell(session, ASKED, visit, member_id, payload, key, now=now)
    return asked


def _tell(
    session: Session,
    kind: str,
    visit: Visit,
    member_id: int,
    payload: dict[str, Any],
    key: str,
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    row = outbox.row(
        kind, now=now, county_id=visit.county_id, member_id=member_id, due_at=due_at, payload=payload, dedupe=key
    )  # fmt: skip
    outbox.put_once(session, row)


def announce(session: Session, visit: Visit, was: date, mechanism: Mechanism, *, now: datetime) -> None:
    """A visit was due on a day, and whoever makes it has moved it: those above hear of a later day in the morning, of
    one visit once, however often it is moved until then."""
    if visit.due_on <= was:
        return
    morning = rules.next_digest(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    day = mechanism.day(morning)
    for member_id in deciders(visit, Recipients(session, reachable=True), day):
        key = f"{MOVED}:{visit.id}:{day.isoformat()}:{member_id}"
        payload = {"visit": visit.id, "was": was.isoformat()}
        if _waiting(session, visit, member_id) is None:
            _tell(session, MOVED, visit, member_id, payload, key, now=now, due_at=morning)


def heard_by(
    session: Session, visit: Visit, mechanism: Mechanism, *, now: datetime
) -> tuple[date, list[int]]:
    """On which morning those above hear that a visit was moved, and who they are: nobody where nothing waits for them,
    or what waits is not true any more, since the visit went back to the day it had."""
    day = mechanism.day(rules.next_digest(now, mechanism.rulebook, mechanism.calendar, mechanism.zone))
    found = []
    for member_id in deciders(visit, Recipients(session, reachable=True), day):
        row = _waiting(session, visit, member_id)
        if row is not None and stands(session, MOVED, visit, outbox.payload_of(row.id, row.payload_sealed)):
            found.append(member_id)
    return day, found


def _waiting(session: Session, visit: Visit, member_id: int) -> Outbox | None:
    """What somebody is to hear of this visit and has not gone out yet: it says the newest day once it does."""
    query = select(Outbox).where(
        Outbox.member_id == member_id,
        col(Outbox.ended).is_(None),
        Outbox.state == OutboxState.todo,
        Outbox.kind == MOVED,
        col(Outbox.dedupe).startswith(f"{MOVED}:{visit.id}:"),
    )
    return session.exec(query.limit(1)).first()


def stands(session: Session, kind: str, visit: Visit, payload: dict[str, Any]) -> bool:
    """Whether what goes to those above is still true of an open visit: the same day is asked for; or it is, by the act
    of whoever makes it, to be made later than it was."""
    if kind == ASKED:
        return visit.asked_on == date.fromisoformat(payload["on"])
    return is_later(visit, date.fromisoformat(payload["was"])) and moved_by(session, visit) is not None


def is_later(visit: Visit, was: date) -> bool:
    """Whether a visit is still to be made, and later than on the day on which it was due."""
    return visit.state == VisitState.planned and visit.done_on is None and visit.due_on > was


def moved_by(session: Session, visit: Visit) -> VisitEvent | None:
    """How whoever makes a visit set its day; None where somebody else, or a rule, has set it since."""
    event = visit_lists.last_event(session, visit, _SET_ITS_DAY)
    return event if event is not None and event.kind in BY_HAND and event.detail_sealed is not None else None


def refuse(session: Session, visit: Visit, *, now: datetime, actor_id: int) -> None:
    """The day stays as it is."""
    happened(session, visit, VisitEventKind.move_refused, now, actor_id)
    session.flush()
    refresh_messages(session, visit, now=now)
