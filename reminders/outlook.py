"""What the reminders of one county know at a moment: the input of the forecast. Only reads.

Held and closed cases are not in it at all, so nothing that is made of it can say why a case is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from reminders import asking, calls, days_off, outbox
from reminders.mechanism import Mechanism
from reminders.rules import OwnHours
from reminders.silence import Span
from storage.queries import leaves
from storage.queries import matters as matter_lists
from storage.tables.calls import SafetyCall, SafetyTold
from storage.tables.cases import Case, CaseState
from storage.tables.confirmations import Confirmation, ConfirmationState
from storage.tables.leaves import Leave
from storage.tables.mail import UNASKED, Outbox, OutboxState
from storage.tables.matters import Matter
from storage.tables.members import Member, MemberState
from storage.tables.notes import Note
from storage.tables.visits import Reminder, Visit, VisitKind, VisitState

LADDER = ("today", "alert")
NOT_ANNOUNCED = ("reply", "update", "removal")  # answers, and edits of what was said before
_NEAR = timedelta(days=200)  # more than the working days by which any ladder can precede a due day
_Called = tuple[int, int, int]  # safety call, round, member


@dataclass(frozen=True, slots=True)
class Open:
    """An open visit, and what its case is called."""

    id: int
    county_id: int
    case_id: int
    officer_id: int | None
    case: str
    kind: VisitKind
    due_on: date
    look_at: datetime | None
    step: int | None
    acknowledged_until: datetime | None
    rest_until: datetime | None


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A safety call that nobody has ended."""

    id: int
    county_id: int
    case_id: int
    officer_id: int | None
    case: str
    opened_by: int | None
    opened_at: datetime
    round: int
    told_at: datetime | None
    look_at: datetime | None
    rest_until: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A confirmation that is awaited. `carried`: a card that lists it has gone out. `own` and `leave` are the hours and
    the leave of whoever is asked."""

    id: int
    county_id: int
    case_id: int
    author_id: int
    case: str
    member_id: int
    asked_at: datetime
    look_at: datetime | None
    visit_id: int | None
    carried: bool
    own: OwnHours | None = None
    leave: tuple[Span, ...] = ()


class Heard(NamedTuple):
    """What a member was told of a visit under the date that holds: the step by the ladder that holds, None where that
    has none for it, and the working days from the due day as they were told; see `Reminder`."""

    visit_id: int
    step: int | None
    member_id: int
    distance: int | None


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """A matter that somebody is to follow up, and what its case is called."""

    id: int
    county_id: int
    case_id: int
    officer_id: int | None
    case: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits in the outbox: of these visits, each with the step that put it there, where one did.
    `about_id`: what it is about instead, a safety call or the officer who cannot be reached or is on leave. `key`:
    under which it is told once. `useful_until`: the last day on which it says anything."""

    kind: str
    member_id: int
    due_at: datetime
    visits: tuple[tuple[int, int | None], ...]
    about_id: int | None = None
    key: str | None = None
    useful_until: date | None = None


@dataclass(frozen=True)
class Outlook:
    """`told`: who was told of which step. `digested`: whose digest of a day exists.
    `calls`: the open safety calls, and `called`: who was told of them in which round. `asked`: the confirmations that
    are awaited. `matters`: what is to be followed up, and `listed`: of matter and member the last day whose digest
    listed the one to the other."""

    county_id: int
    visits: dict[int, Open]
    mornings: dict[int, datetime]
    own_hours: dict[int, OwnHours]
    told: frozenset[Heard]
    queued: tuple[Queued, ...]
    digested: frozenset[tuple[int, date]]
    calls: dict[int, OpenCall]
    called: frozenset[_Called]
    asked: dict[int, Asked] = field(default_factory=dict)
    matters: tuple[OpenMatter, ...] = ()
    listed: dict[tuple[int, int], date] = field(default_factory=dict)


def outlook(
    session: Session, county_id: int, mechanism: Mechanism, *, now: datetime, until: datetime
) -> Outlook:
    """How things stand, as far as it can matter until `until`."""
    in_reach = or_(col(Visit.next_look_at) <= until, col(Visit.due_on) <= mechanism.day(until) + _NEAR)
    visits = _open(session, col(Visit.county_id) == county_id, in_reach)
    queued = tuple(_queued(session, county_id))
    missing = {visit_id for row in queued for visit_id, _ in row.visits} - visits.keys()
    if missing:
        visits |= _open(session, col(Visit.id).in_(missing))
    mornings = select(Member.id, Member.digest_at).where(
        Member.county_id == county_id,
        Member.state == MemberState.active,
        col(Member.digest_at).is_not(None),
    )
    digested = select_columns(col(Outbox.member_id), col(Outbox.day)).where(
        # as the index by kind has them
        col(Outbox.member_id).in_(select(Member.id).where(Member.county_id == county_id)),
        text(f"outbox.{UNASKED}"),
        col(Outbox.kind) == "digest",
        col(Outbox.day) >= mechanism.day(now),
    )
    own_hours = dict(_own_hours(session, county_id))
    morning_of = {member_id: at for member_id, at in session.exec(mornings) if at is not None}
    matters = tuple(_matters(session, county_id))
    return Outlook(
        county_id,
        visits,
        morning_of,
        own_hours,
        frozenset(_told(session, county_id)),
        queued,
        frozenset(
            (who, day) for who, day in session.execute(digested) if who is not None and day is not None
        ),
        _open_calls(session, county_id),
        frozenset(_called(session, county_id)),
        _asked(session, county_id, own_hours),
        matters,
        matter_lists.told_on(session, [one.id for one in matters], morning_of.keys()),
    )


def _matters(session: Session, county_id: int) -> Iterator[OpenMatter]:
    columns: tuple[Any, ...] = (
        Matter.id, Matter.county_id, Case.id, Case.care_officer_id, Case.code, Matter.due_on,
    )  # fmt: skip
    query = (
        select_columns(*columns)
        .join(Case, col(Case.id) == Matter.case_id)
        .join(Note, col(Note.id) == Matter.note_id)
        .where(col(Matter.county_id) == county_id, col(Case.county_id) == county_id, *matter_lists.OPEN)
    )
    for row in session.execute(query.order_by(col(Matter.due_on), col(Matter.id))):
        yield OpenMatter(*row)


def _own_hours(session: Session, county_id: int) -> Iterator[tuple[int, OwnHours]]:
    query = select(Member).where(Member.county_id == county_id, col(Member.hours_from).is_not(None))
    for member in session.exec(query):
        if member.own_hours is not None:
            yield member.id, member.own_hours


def _open_calls(session: Session, county_id: int) -> dict[int, OpenCall]:
    """Of whatever case: a call is silent for none."""
    columns: tuple[Any, ...] = (
        SafetyCall.id, SafetyCall.county_id, SafetyCall.case_id, SafetyCall.officer_id, Case.code,
        SafetyCall.opened_by, SafetyCall.opened_at, SafetyCall.round, SafetyCall.told_at,
        SafetyCall.next_look_at, SafetyCall.rest_until,
    )  # fmt: skip
    query = select_columns(*columns).join(Case, col(Case.id) == SafetyCall.case_id)
    found = query.where(col(SafetyCall.county_id) == county_id, col(SafetyCall.closed_at).is_(None))
    return {row[0]: OpenCall(*row) for row in session.execute(found.order_by(col(SafetyCall.id)))}


def _asked(session: Session, county_id: int, own: Mapping[int, OwnHours]) -> dict[int, Asked]:
    columns: tuple[Any, ...] = (
        Confirmation.id, Confirmation.county_id, Note.case_id, Note.author_id, Case.code, Confirmation.member_id,
        Confirmation.asked_at, Confirmation.next_look_at, Note.visit_id, Confirmation.card_id,
    )  # fmt: skip
    query = (
        select_columns(*columns)
        .join(Note, col(Note.id) == Confirmation.note_id)
        .join(Case, col(Case.id) == Note.case_id)
        .where(
            col(Confirmation.county_id) == county_id,
            col(Confirmation.state) == ConfirmationState.asked,
            col(Confirmation.member_id).is_not(None),
            col(Case.state) == CaseState.open,
        )
        .order_by(col(Confirmation.id))
    )
    found = [Asked(*(*row[:9], row[9] is not None)) for row in session.execute(query)]
    return {
        one.id: replace(one, own=own.get(one.member_id), leave=tuple(_leave(session, one))) for one in found
    }


def _leave(session: Session, one: Asked) -> Iterator[Span]:
    """All leave of whoever is asked, from the day on which they were."""
    for leave in leaves.overlapping(session, one.member_id, one.asked_at.date(), date.max):
        yield leave.first_on, leave.last_on


def _called(session: Session, county_id: int) -> Iterator[_Called]:
    query = (
        select(SafetyTold.call_id, SafetyTold.round, SafetyTold.member_id)
        .join(SafetyCall, col(SafetyCall.id) == SafetyTold.call_id)
        .where(SafetyCall.county_id == county_id, col(SafetyCall.closed_at).is_(None))
    )
    yield from session.exec(query)


def _open(session: Session, *conditions: Any) -> dict[int, Open]:
    """Open visits by id, the earliest due first. Nothing sealed is read."""
    columns: tuple[Any, ...] = (
        Visit.id, Visit.county_id, Visit.case_id, Visit.officer_id, Case.code, Visit.kind, Visit.due_on,
        Visit.next_look_at, Visit.next_step, Visit.acknowledged_until, Visit.rest_until,
    )  # fmt: skip
    query = (
        select_columns(*columns)
        .join(Case, col(Case.id) == Visit.case_id)
        .where(col(Visit.state) == VisitState.planned, col(Case.state) == CaseState.open, *conditions)
        .order_by(col(Visit.due_on), col(Visit.id))
    )
    return {row[0]: Open(*row) for row in session.execute(query)}


def _told(session: Session, county_id: int) -> Iterator[Heard]:
    query = (
        select_columns(
            col(Reminder.visit_id), col(Reminder.step), col(Reminder.member_id), col(Reminder.distance)
        )
        .join(Visit, (col(Visit.id) == Reminder.visit_id) & (col(Visit.due_on) == Reminder.due_on))
        .where(col(Visit.county_id) == county_id, col(Visit.state) == VisitState.planned)
    )
    for row in session.execute(query):
        yield Heard(*row)


def _queued(session: Session, county_id: int) -> Iterator[Queued]:
    query = (
        select(Outbox)
        .where(
            Outbox.county_id == county_id,
            col(Outbox.ended).is_(None),
            col(Outbox.state).in_((OutboxState.todo, OutboxState.sending)),
            col(Outbox.member_id).is_not(None),
            col(Outbox.kind).not_in(NOT_ANNOUNCED),
        )
        .order_by(col(Outbox.due_at), col(Outbox.id))  # as the index of what is open has them
    )
    for row in session.exec(query).all():
        payload = outbox.payload_of(row.id, row.payload_sealed)
        about = [payload["visit"]] if "visit" in payload else payload.get("visits", [])
        visits: Iterable[tuple[int, int | None]] = [(visit_id, None) for visit_id in about]
        if row.kind in LADDER:
            visits = _steps(session, row.id)
        about_id, useful_until = payload.get("member"), None
        if "leave" in payload:
            leave = session.get_one(Leave, payload["leave"])
            about_id = leave.member_id
            useful_until = leave.last_on if row.kind != "leave_off" else None
        if row.kind in calls.KINDS:
            about_id = payload["call"]
        if "year" in payload:  # whose days off are not known
            about_id = payload["year"]
        if "confirmations" in payload:
            about_id = payload["confirmations"][0]
        if row.member_id is not None and not _is_overtaken(session, row, payload):
            yield Queued(
                row.kind, row.member_id, row.due_at, tuple(visits), about_id, row.dedupe, useful_until
            )


def _is_overtaken(session: Session, row: Outbox, payload: dict[str, Any]) -> bool:
    """Whether a message has nothing to say any more, though it waits."""
    if "leave" in payload and row.kind != "leave_off":
        return session.get_one(Leave, payload["leave"]).withdrawn_at is not None
    if row.kind == days_off.KIND:
        return days_off.is_needless(session, row.county_id or 0, row.member_id or 0)
    if row.kind in asking.ABOVE:
        return not asking.stands(session, row.kind, session.get_one(Visit, payload["visit"]), payload)
    return False


def _steps(session: Session, row_id: int) -> list[tuple[int, int | None]]:
    query = (
        select(Reminder.visit_id, Reminder.step)
        .join(Visit, (col(Visit.id) == Reminder.visit_id) & (col(Visit.due_on) == Reminder.due_on))
        .where(Reminder.outbox_id == row_id, col(Reminder.step).is_not(None))
    )
    return list(session.exec(query).all())
