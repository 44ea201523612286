"""Moving a visit once more than one may by oneself: somebody above decides, and until then the old day stays."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from reminders import outbox
from reminders.course import happened
from reminders.ladder import Recipients, Watched, refresh_messages
from reminders.mechanism import Mechanism
from storage.rulebook import Recipient
from storage.tables.visits import Visit, VisitEventKind

ASKED, REFUSED = "move_asked", "move_refused"  # kinds of notices


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
    for member_id in asked:
        key = f"{ASKED}:{visit.id}:{due_on}:{now.isoformat()}:{member_id}"
        tell(session, visit, due_on, member_id, key, now=now)
    return asked


def tell(session: Session, visit: Visit, due_on: date, member_id: int, key: str, *, now: datetime) -> None:
    """Ask somebody to decide, once under a key."""
    payload = {"visit": visit.id, "on": due_on.isoformat()}
    row = outbox.row(
        ASKED, now=now, county_id=visit.county_id, member_id=member_id, payload=payload, dedupe=key
    )
    outbox.put_once(session, row)


def refuse(session: Session, visit: Visit, *, now: datetime, actor_id: int) -> None:
    """The day stays as it is."""
    happened(session, visit, VisitEventKind.move_refused, now, actor_id)
    session.flush()
    refresh_messages(session, visit, now=now)
