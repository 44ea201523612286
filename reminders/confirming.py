"""Asking somebody to bear out a note, and telling the office of a silence. Whoever answers: casework/confirmations.py.

All that waits for one reader goes out as one card, and the newest card lists it all. The silence is found by a look,
as everything that is due: when its moment has come it is decided anew, since leave may have been entered meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from reminders import outbox, silence
from reminders.ladder import Recipients, retell
from reminders.mechanism import Mechanism, mechanism_of
from reminders.silence import Span
from reminders.workdays import WorkCalendar
from storage.prepared import Prepared
from storage.queries import confirmations as lists
from storage.queries import leaves
from storage.queries.confirmations import ConfirmationLine
from storage.queries.recusals import is_barred
from storage.rulebook import Recipient, Rulebook
from storage.tables import METADATA
from storage.tables.cases import Case, CaseState
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Member
from storage.tables.notes import Note

CARD, SILENT, DISPUTED, SECOND = "confirm", "unconfirmed", "disputed", "second"
KINDS = frozenset({CARD, SILENT, DISPUTED, SECOND})
SLICE = 100
_LEAVE_AHEAD = timedelta(days=400)  # no leave lasts so long
_OPEN = (OutboxState.sent, OutboxState.sending)

_TABLE = METADATA.tables["confirmation"]
_ANY_LOOK = Prepared(
    select_columns(_TABLE.c.id)
    .where(_TABLE.c.next_look_at <= bindparam("now"))
    .order_by(_TABLE.c.next_look_at)
    .limit(1)
)


@dataclass(frozen=True)
class _Concerned:
    """A note as the ladder looks for people: its author is the one whose word is not borne out yet."""

    county_id: int
    case_id: int
    officer_id: int | None
    due_on: date
    rest_until: datetime | None = None


# --- asking ----------------------------------------------------------------------------------------------------------


def ask(session: Session, one: Confirmation, mechanism: Mechanism, *, now: datetime) -> None:
    """Ask the member for a confirmation, now or as soon as their time allows."""
    member = session.get_one(Member, one.member_id)
    one.asked_at, one.card_id, one.told_at = now, None, None
    one.next_look_at = heard_at(session, one, mechanism)
    waits = select(Outbox.id).where(
        Outbox.member_id == member.id,
        col(Outbox.ended).is_(None),
        Outbox.kind == CARD,
        Outbox.state == OutboxState.todo,
    )
    session.flush()
    if session.exec(waits).first() is None:
        moment = card_moment(session, member, mechanism, now=now)
        row = outbox.row(CARD, now=now, county_id=one.county_id, member_id=member.id, due_at=moment)
        outbox.put(session, [row])


def card_moment(session: Session, member: Member, mechanism: Mechanism, *, now: datetime) -> datetime:
    """When a card that is ready now may go out to its reader."""
    return silence.asked_at(
        now, member.own_hours, _leave(session, member.id, now, mechanism), *_rules(mechanism)
    )


def heard_at(session: Session, one: Confirmation, mechanism: Mechanism) -> datetime:
    """When the office hears if there is no answer until then; by the leave that is known now."""
    member = session.get_one(Member, one.member_id)
    leave = _leave(session, member.id, one.asked_at, mechanism)
    return silence.heard_at(one.asked_at, member.own_hours, leave, *_rules(mechanism))


def _rules(mechanism: Mechanism) -> tuple[Rulebook, WorkCalendar, ZoneInfo]:
    return mechanism.rulebook, mechanism.calendar, mechanism.zone


def _leave(session: Session, member_id: int, since: datetime, mechanism: Mechanism) -> Sequence[Span]:
    day = mechanism.day(since)
    return [
        (one.first_on, one.last_on) for one in leaves.overlapping(session, member_id, day, day + _LEAVE_AHEAD)
    ]


def carried(session: Session, row: Outbox, member_id: int, *, now: datetime) -> list[ConfirmationLine]:
    """What a card that is about to go out lists: all that waits for its reader; nothing where all of it stands on
    another card. Those that listed some of it before say that a newer one does."""
    waiting = lists.waiting_for(session, member_id)
    if all(line.confirmation.card_id not in (None, row.id) for line in waiting):
        return []
    before = {line.confirmation.card_id for line in waiting} - {None, row.id}
    for line in waiting:
        line.confirmation.card_id = row.id
    session.flush()
    query = select(Outbox).where(col(Outbox.id).in_(before), col(Outbox.state).in_(_OPEN))
    for sent in session.exec(query).all():
        retell(session, sent, now=now)
    return waiting


# --- silence ---------------------------------------------------------------------------------------------------------


def one_slice(session: Session, *, now: datetime, most: int = SLICE) -> int:
    """Look at the confirmations whose moment has come: one unit of work of the tick."""
    if _ANY_LOOK.first(session, {"now": now}) is None:
        return 0
    query = (
        select(Confirmation)
        .where(col(Confirmation.next_look_at) <= now)
        .order_by(col(Confirmation.next_look_at), col(Confirmation.id))
        .limit(min(most, SLICE))
    )
    found = session.exec(query.with_for_update(skip_locked=True)).all()
    by_county = defaultdict[int, list[Confirmation]](list)
    for one in found:
        by_county[one.county_id].append(one)
    for county_id, together in by_county.items():
        mechanism = mechanism_of(session, county_id, fresh=True)
        silent = [one for one in together if _is_silent(session, one, mechanism, now)]
        tell_office(session, silent, mechanism, now=now)
    return len(found)


def _is_silent(session: Session, one: Confirmation, mechanism: Mechanism, now: datetime) -> bool:
    one.next_look_at = None
    if not _stands(session, one):
        return False
    moment = heard_at(session, one, mechanism)
    if moment > now:
        one.next_look_at = moment
    return moment <= now


def _stands(session: Session, one: Confirmation) -> bool:
    if one.state is not ConfirmationState.asked or one.member_id is None:
        return False
    case = session.exec(select(Case).join(Note).where(Note.id == one.note_id)).one()
    return case.state is CaseState.open and not is_barred(session, one.member_id, case.id)


def tell_office(
    session: Session,
    silent: Sequence[Confirmation],
    mechanism: Mechanism,
    *,
    now: datetime,
    without: int | None = None,
) -> None:
    """Have the office hear, once each, that these are not confirmed: one message for each of its people."""
    told = defaultdict[int, list[Confirmation]](list)
    lines = {line.confirmation.id: line for line in lists.by_ids(session, [one.id for one in silent])}
    for one in silent:
        one.next_look_at, one.told_at = None, now
        for member_id in hearers(session, lines[one.id], mechanism, now=now, without=without):
            told[member_id].append(one)
    for member_id, together in told.items():
        first = together[0]
        row = outbox.row(
            SILENT,
            now=now,
            county_id=first.county_id,
            member_id=member_id,
            due_at=silence.asked_at(now, None, (), *_rules(mechanism)),
            payload={"confirmations": [one.id for one in together]},
            dedupe=f"{SILENT}:{first.id}:{int(first.asked_at.timestamp())}:{member_id}",
        )
        outbox.put_once(session, row)


def hearers(
    session: Session,
    line: ConfirmationLine,
    mechanism: Mechanism,
    *,
    now: datetime,
    without: int | None = None,
) -> list[int]:
    """Who of the office hears of a note that is not borne out: neither its author nor whoever was asked."""
    return office_for(
        session, line.case.county_id, line.case.id, line.note.author_id, mechanism,
        now=now, asked=line.confirmation.member_id, without=without,
    )  # fmt: skip


def office_for(
    session: Session,
    county_id: int,
    case_id: int,
    author_id: int,
    mechanism: Mechanism,
    *,
    now: datetime,
    asked: int | None = None,
    without: int | None = None,
) -> list[int]:
    day = mechanism.day(now)
    about = _Concerned(county_id, case_id, author_id, day)
    people = Recipients(session, reachable=without is not None, without=without)
    to = mechanism.rulebook.formal.silent_to
    return [one for one in _of(people, about, to, day) if one != asked]


def _of(people: Recipients, about: _Concerned, to: Iterable[Recipient], day: date) -> list[int]:
    return list(dict.fromkeys(member for one in to for member in people.of(about, one, day)))


# --- what becomes of it ----------------------------------------------------------------------------------------------


def refresh(
    session: Session, visit_ids: Collection[int], *, now: datetime, kinds: Collection[str] = KINDS
) -> None:
    """Have every message that asks for a confirmation about these visits, or tells of one, brought up to date."""
    query = (
        select(Outbox)
        .join(OutboxItem, col(OutboxItem.outbox_id) == Outbox.id)
        .where(
            col(OutboxItem.visit_id).in_(visit_ids), col(Outbox.kind).in_(kinds), col(Outbox.state).in_(_OPEN)
        )
        .order_by(col(Outbox.id))
        .distinct()
    )
    for sent in session.exec(query).all():
        retell(session, sent, now=now)


def pause(session: Session, case_id: int, *, now: datetime) -> None:
    """No visits are made in a case for now: nobody is asked, and no silence counts."""
    for one in _waiting_in(session, case_id):
        one.next_look_at = None
    session.flush()
    refresh(session, _visits_of(session, case_id), now=now)


def resume(session: Session, case_id: int, mechanism: Mechanism, *, now: datetime) -> None:
    """Visits go on: whoever was asked before is asked anew, the office for the second person, too; and what was said
    against a note is there to be settled again."""
    for one in _waiting_in(session, case_id):
        if one.member_id is not None and not is_barred(session, one.member_id, case_id):
            ask(session, one, mechanism, now=now)
        elif one.kind is ConfirmationKind.second:
            one.asked_at = now
            ask_office(session, one, mechanism, now=now)
    refresh(session, _visits_of(session, case_id), now=now, kinds=(DISPUTED,))


def ask_office(session: Session, one: Confirmation, mechanism: Mechanism, *, now: datetime) -> None:
    """Ask the office for the second person that a rating needs."""
    session.flush()
    line = lists.by_ids(session, [one.id])[0]
    for member_id in hearers(session, line, mechanism, now=now):
        told_of(session, SECOND, line, member_id, mechanism, now=now)


def drop_barred(session: Session, case_id: int, *, now: datetime) -> None:
    """Whoever keeps out of the case by now is asked no more."""
    for one in _waiting_in(session, case_id):
        if one.member_id is not None and is_barred(session, one.member_id, case_id):
            one.state, one.next_look_at = ConfirmationState.withdrawn, None
    session.flush()
    refresh(session, _visits_of(session, case_id), now=now)


def asked_in(session: Session, case_id: int) -> set[int]:
    """Everybody who is asked for something in a case."""
    return {one.member_id for one in _waiting_in(session, case_id) if one.member_id is not None}


def _waiting_in(session: Session, case_id: int) -> Sequence[Confirmation]:
    query = (
        select(Confirmation)
        .join(Note, col(Note.id) == Confirmation.note_id)
        .where(Note.case_id == case_id, Confirmation.state == ConfirmationState.asked)
        .order_by(col(Confirmation.id))
    )
    return session.exec(query.with_for_update(of=Confirmation)).all()


def _visits_of(session: Session, case_id: int) -> list[int]:
    query = select(Note.visit_id).join(Confirmation).where(Note.case_id == case_id).distinct()
    return [visit_id for visit_id in session.exec(query) if visit_id is not None]


def replan(session: Session, county_id: int, mechanism: Mechanism) -> None:
    """Other rules or other days hold: decide every next look anew."""
    query = select(Confirmation).where(
        Confirmation.county_id == county_id, col(Confirmation.next_look_at).is_not(None)
    )
    for one in session.exec(query.with_for_update()).all():
        one.next_look_at = heard_at(session, one, mechanism)


def pass_on(session: Session, row: Outbox, mechanism: Mechanism, *, now: datetime) -> None:
    """A message found nobody: of a card the office hears at once, of anything else whoever else there is."""
    if row.kind == CARD:
        waiting = lists.waiting_for(session, row.member_id or 0)
        unheard = [
            line.confirmation
            for line in waiting
            if line.confirmation.card_id in (None, row.id) and line.confirmation.told_at is None
        ]
        tell_office(session, unheard, mechanism, now=now)
        return
    ids = outbox.payload_of(row.id, row.payload_sealed)["confirmations"]
    for line in lists.by_ids(session, ids):
        heard = hearers(
            session, line, mechanism, now=now
        )  # whoever stands beside the one who was not reached
        others = hearers(session, line, mechanism, now=now, without=row.member_id)
        for member_id in [one for one in others if one not in heard]:
            told_of(session, row.kind, line, member_id, mechanism, now=now)


def told_of(
    session: Session,
    kind: str,
    line: ConfirmationLine,
    member_id: int,
    mechanism: Mechanism,
    *,
    now: datetime,
) -> None:
    """Have somebody hear of one confirmation, once."""
    one = line.confirmation
    row = outbox.row(
        kind,
        now=now,
        county_id=one.county_id,
        member_id=member_id,
        due_at=silence.asked_at(now, None, (), *_rules(mechanism)),
        payload={"confirmations": [one.id]},
        dedupe=f"{kind}:{one.id}:{int(one.asked_at.timestamp())}:{member_id}",
    )
    outbox.put_once(session, row)
